"""docs/cli.md, made from the commands themselves: `python -m tests.house.reference` writes it."""

import inspect
import re
from collections.abc import Iterator

import click

from newsletter.cli import COMMANDS, main_group
from tests.house.command_tree import leaves
from tests.house.documents import ROOT

PAGE = ROOT / "docs" / "cli.md"
BEGINNING = """# The command line

Every command with its arguments and options, made from `--help` by `python -m tests.house.reference`; a test fails
when it is behind. What the commands are for, in a table: the [README](../README.md#commands). Exit codes:
[there](../README.md#exit-codes). What `--json` prints: [JSON](json.md).

Facts go to stdout, talk to stderr. What mails or deletes asks first, with a count: `--yes` skips the question,
`--no-input` refuses it, `--dry-run` changes nothing. `newsletter completion bash|zsh|fish` prints what your shell needs
to complete all of this.

## Before any command

{flags}
"""


def text() -> str:
    """The page as it should be."""
    return BEGINNING.format(flags="\n".join(_options(main_group))) + "".join(_commands())


def _commands() -> Iterator[str]:
    noun = ""
    for words, command in leaves().items():
        if words.split()[0] != noun:
            noun = words.split()[0]
            yield f"\n## {noun}\n\n{COMMANDS[noun][1]}\n" if " " in words else f"\n## {noun}\n"
        yield f"\n### `{_usage(words, command)}`\n\n{_words(command)}\n"
        if options := list(_options(command)):
            yield "\n" + "\n".join(options) + "\n"


def _usage(words: str, command: click.Command) -> str:
    pieces = command.collect_usage_pieces(click.Context(command))
    return " ".join(["newsletter", words, *(piece for piece in pieces if piece != "[OPTIONS]")])


def _words(command: click.Command) -> str:
    """The help as one line a paragraph."""
    paragraphs = inspect.cleandoc(command.help or "").replace("\b", "").split("\n\n")
    return _plain("\n\n".join(" ".join(each.split()) for each in paragraphs))


def _options(command: click.Command) -> Iterator[str]:
    context = click.Context(command)
    for each in command.params:
        record = each.get_help_record(context) if isinstance(each, click.Option) else None
        if record:
            yield f"- `{record[0]}`: {_plain(record[1])}".rstrip(": ")


def _plain(words: str) -> str:
    """What Markdown would take for a tag or a rule stands as it is."""
    return re.sub(r"(?<!`)<", "&lt;", words).replace("*", r"\*")


if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8")
