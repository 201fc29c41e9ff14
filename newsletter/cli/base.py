"""What every command shares: lazy loading, one way to fail, one way to print."""

import contextlib
import json
import os
import re
import shlex
import sqlite3
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from newsletter import config, numbers
from newsletter.errors import ConfigError, NewsletterError, Refused, Unreachable, UsageError
from newsletter.runtime.boot import set_up_django

Decorated = TypeVar("Decorated", bound=Callable[..., Any])
counted = numbers.counted
COMMAND = re.compile(r"(?<![-\w])newsletter (?=[a-z])")  # of ours, in words that hold commands


class _Group(click.Group):
    """A name that is none is answered with the nearest one."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            if near := get_close_matches(args[0], self.list_commands(ctx), 1):
                ctx.fail(f"No such command '{printable(args[0])}'. Did you mean {near[0]}?")
            raise error from None


class LazyGroup(_Group):
    """A group whose commands are imported when they run; `--help` needs only the table."""

    def __init__(self, *args: Any, table: Mapping[str, tuple[str, str]] | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.table = dict(table or {})

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in self.table:
            return None
        module, name = self.table[cmd_name][0].split(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The names of the table, without importing what they lead to; then the group's own options."""
        names = [
            CompletionItem(name, help=text) for name, (_, text) in self.table.items() if name.startswith(incomplete)
        ]
        return names or click.Command.shell_complete(self, ctx, incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in self.table.items()])


class DjangoCommand(click.Command):
    """A command that works on the database: Django is set up just before it runs, not for its --help."""

    def invoke(self, ctx: click.Context) -> Any:
        set_up_django()
        return super().invoke(ctx)


class DjangoGroup(_Group):
    """A noun whose verbs work on the database."""

    command_class = DjangoCommand


def run(command: click.Command, arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: errors of ours become one or two lines, never a traceback."""
    try:
        # Outside its standalone mode click returns what a command gave to ctx.exit().
        code = command.main(arguments, prog_name="newsletter", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        say("Interrupted.")
        return 130
    except BrokenPipeError:
        # The reader of our output has gone; Python must not complain about it when it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except NewsletterError as error:
        complain(error)
        return int(error.exit_code)
    except Exception as error:
        known = _in_words(error)
        if known is None:
            raise
        complain(known)
        return int(known.exit_code)
    return code if isinstance(code, int) else 0


def _in_words(error: Exception) -> NewsletterError | None:
    """A database that does not answer or has no tables yet, or bytes that are no text; None for any other exception."""
    if isinstance(error, UnicodeEncodeError):
        return UsageError("What you typed holds bytes that are no text.", hint="Use a terminal in UTF-8.")
    if type(error).__name__ not in ("OperationalError", "ProgrammingError", "DatabaseError", "InterfaceError"):
        return None
    if type(error).__name__ == "ProgrammingError" and type(error).__module__.startswith("psycopg"):
        # It stopped at the address itself; what it says may quote the password.
        return ConfigError("DATABASE_URL cannot be read.", hint="postgresql://user:password@host:5432/name")
    said = (str(error).strip().splitlines() or [type(error).__name__])[0]
    if "no such table" in said or "does not exist" in said or "no such column" in said:
        return _nothing_here() or ConfigError(
            f"The database is not set up for this version: {said}.", hint="newsletter db migrate"
        )
    return Unreachable(f"The database did not answer: {said}", hint="newsletter config show database_url")


def _nothing_here() -> ConfigError | None:
    """Whoever stands in the wrong folder is not led to make a second, empty installation there."""
    current = config.current()
    if current.database_url or config.config_path().exists():
        return None
    with contextlib.closing(sqlite3.connect(current.data_dir / "newsletter.sqlite3")) as database:
        if database.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
            return None
    hint = "newsletter init, or go to the folder where newsletter.toml is, or name its data: --data-dir DIR"
    return ConfigError(f"There is nothing in {current.data_dir} yet.", hint=hint)


def complain(error: NewsletterError) -> None:
    """Say what happened and what to do, on stderr."""
    click.secho("error: ", fg="red", bold=True, nl=False, err=True)
    click.echo(printable(str(error)), err=True)
    if error.hint:
        click.echo(f"  try: {printable(_commands(error.hint))}", err=True)


def html_file(_ctx: click.Context, _param: click.Parameter, out: Path | None) -> Path | None:
    """For an option that names the file of a mail's HTML: its text is written beside it, as .txt."""
    if out is not None and out.suffix.lower() == ".txt":
        raise click.BadParameter(f"the HTML goes there, and its text beside it as {out.name}. Name it .html.")
    return out


def say(text: str = "") -> None:
    """Talk: stderr, so that stdout stays data. What follows "Next: " is commands to type."""
    told, mark, commands = text.partition("Next: ")
    click.echo(printable(told + mark + _commands(commands)), err=True)


def printable(text: str) -> str:
    """Text from outside, fit for a terminal: control characters become visible (T-33)."""
    return "".join(char if char.isprintable() or char == "\n" else _escaped(char) for char in text)


def _escaped(char: str) -> str:
    return f"\\x{ord(char):02x}" if ord(char) < 256 else f"\\u{ord(char):04x}"  # noqa: PLR2004 # one byte


def print_json(value: Any) -> None:
    """One object, one line; its keys stand in docs/json.md."""
    click.echo(json_line(value))


def json_line(value: Any) -> str:
    """JSON without anything that a terminal might obey: that is written as an escape of JSON's."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in text)


def print_table(headers: Sequence[str], rows: Iterable[Sequence[object]], *, right: Sequence[int] = ()) -> None:
    """Aligned columns, two spaces apart; `right` names the columns of numbers, by index. Empty headers are left out.

    Chinese, Japanese and Korean characters take two columns of a terminal, combining ones none.
    """
    from rich.cells import cell_len  # 10 ms that `--help` does not need

    cells = [[printable(" ".join(str(cell).split("\n"))) for cell in row] for row in rows]
    lines = [list(headers), *cells] if any(headers) else cells
    widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
    for number, line in enumerate(lines):
        spaces = [" " * (width - cell_len(cell)) for width, cell in zip(widths, line, strict=True)]
        padded = [spaces[i] + cell if i in right else cell + spaces[i] for i, cell in enumerate(line)]
        text = "  ".join(padded).rstrip()
        click.echo(click.style(text, dim=True) if number == 0 and any(headers) else text)


def to_type(words: str) -> str:
    """A command of ours as it has to be typed next: on the same data directory, where a flag named it."""
    folder = config.flag("data_dir")
    return f"newsletter {f'--data-dir {shlex.quote(folder)} ' if folder else ''}{words}"


def _commands(text: str) -> str:
    """A text with each command of ours in it as it has to be typed."""
    return COMMAND.sub(lambda _: to_type(""), text)


def _no_input() -> bool:
    """Whether --no-input was given before the noun."""
    context = click.get_current_context(silent=True)
    return bool(context and context.find_root().params.get("no_input"))


def confirm(question: str, *, yes: bool) -> None:
    """Ask before what mails or deletes. Raises Refused when the answer is no, nobody can answer or --no-input is on."""
    if yes:
        return
    if _no_input():
        raise Refused(f"{question} --no-input says not to ask.", hint="Add --yes if you mean it.")
    if not sys.stdin.isatty():
        raise Refused(f"{question} Nobody is there to answer.", hint="Add --yes if you mean it.")
    if not click.confirm(question, default=False, err=True):
        raise Refused("Nothing was done.")


def rehearsed(deed: Callable[[], int]) -> int:
    """What a deed would return, or refuse, if it were done now: it is done and undone at once."""
    from django.db import transaction

    with transaction.atomic():
        count = deed()
        transaction.set_rollback(True)
    return count


def not_blank(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    """A reason that says nothing is none. Raises UsageError."""
    if not value.strip():
        raise UsageError("The reason is blank.", hint="--reason is kept: say what you know.")
    return value.strip()


def json_option(command: Decorated) -> Decorated:
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, with stable keys.")(command)


def as_option(command: Decorated) -> Decorated:
    return click.option("--as", "as_email", metavar="EMAIL", help="The staff member who does this.")(command)


def yes_option(command: Decorated) -> Decorated:
    return click.option("--yes", is_flag=True, help="Do not ask.")(command)


def dry_run_option(command: Decorated) -> Decorated:
    return click.option("--dry-run", is_flag=True, help="Say what would happen, change nothing.")(command)
