"""newsletter bounce …"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsletter.cli.base import (
    DjangoCommand,
    DjangoGroup,
    counted,
    dry_run_option,
    json_option,
    print_json,
    print_table,
    printable,
    say,
)
from newsletter.errors import NewsletterError

if TYPE_CHECKING:
    from newsletter.tracking.models import ReturnedMail
    from newsletter.tracking.returned import Taken

TEMPORARY = 75  # EX_TEMPFAIL of sysexits.h: the mail server keeps the mail and comes again
MOST_PIPED = 64 << 20
SHOWN = 50


@click.group(cls=DjangoGroup)
def bounce() -> None:
    """Returned mail: bounces, complaints, answers."""


@bounce.command()
@click.option(
    "--maildir", metavar="DIR", type=click.Path(path_type=Path), help="A Maildir; else the settings' mailbox."
)
@dry_run_option
@json_option
def read(maildir: Path | None, dry_run: bool, as_json: bool) -> None:
    """Read returned mail and act on it: suppress, count, unsubscribe. What people wrote stays where it is."""
    from newsletter.errors import UsageError
    from newsletter.tracking import apply, postbox

    if maildir is None:
        if dry_run or as_json:
            raise UsageError("--dry-run and --json read a folder.", hint="newsletter bounce read --maildir DIR")
        say(f"{counted(_looked(), 'message')} read.")
    elif dry_run:
        _rehearse(maildir, as_json)
        return
    else:
        table = _Table(as_json)
        number = postbox.read_folder(maildir, table.add)
        table.end()
        say(f"{counted(number, 'new message')} read.")
    apply.apply_waiting()


def _looked() -> int:
    from newsletter import config
    from newsletter.errors import Unreachable, UsageError
    from newsletter.tracking import postbox
    from newsletter.tracking.models import Postbox

    if not config.current().bounce_mailbox_url:
        raise UsageError("No mailbox is set.", hint="Set BOUNCE_MAILBOX_URL, or name a folder with --maildir DIR.")
    number = postbox.look()
    fault = Postbox.objects.values_list("fault", flat=True).first()
    if fault:
        raise Unreachable(fault, hint="newsletter config show bounce_mailbox_url")
    return number


def _rehearse(folder: Path, as_json: bool) -> None:
    """Only read: no table is asked, no file moved."""
    from newsletter.tracking import maildir
    from newsletter.tracking.bounces.message import Unreadable
    from newsletter.tracking.bounces.read import read as read_message
    from newsletter.tracking.bounces.reading import NOTHING

    table = _Table(as_json)
    for path in maildir.messages(folder):
        try:
            table.row(path.name, read_message(maildir.content(path)), "")
        except (Unreadable, OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            table.row(path.name, NOTHING, f"poison: {error}")
    table.end()


class _Table:
    """One object a message, or a table when all are read."""

    def __init__(self, as_json: bool) -> None:
        self.as_json, self.rows = as_json, list[list[str]]()

    def add(self, name: str, taken: "Taken") -> None:
        self.row(name, taken.reading, f"{taken.outcome}{' before' if taken.known else ''} {taken.fault}".strip())

    def row(self, name: str, reading: Any, outcome: str) -> None:
        said = {"kind": str(reading.kind), "address": reading.address, "status": reading.status}
        if self.as_json:
            print_json({"file": name, **said, "reason": reading.reason or None, "outcome": outcome or None})
        else:
            self.rows.append([name[:40], *(value or "–" for value in said.values()), outcome or reading.words[:60]])

    def end(self) -> None:
        if self.rows:
            print_table(["file", "kind", "address", "status", "what became of it"], self.rows)


class _FromMailServer(DjangoCommand):
    """Whatever of ours is wrong, a setting too: a mail server takes any code but 75 for the end of the mail."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Exception as error:  # noqa: BLE001 # said, and the mail stays with the mail server
            why = str(error) if isinstance(error, NewsletterError) else f"{type(error).__name__}."
            say(f"Not stored: {why} Please deliver it again later.")
            return TEMPORARY


# An address may begin with a hyphen.
@bounce.command(cls=_FromMailServer, context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]})
@click.argument("recipients", nargs=-1)
def pipe(recipients: tuple[str, ...]) -> None:
    """Take one message from standard input, as a mail server delivers it; RECIPIENTS as its envelope names them.

    Ends with 0 when it is stored, with 75 when it has to be delivered again later.
    """
    from django.utils import timezone

    from newsletter.subscribers import by_mail
    from newsletter.tracking import returned, tally

    taken = returned.take(sys.stdin.buffer.read(MOST_PIPED), [each[:320] for each in recipients[:20]])
    by_mail.mailbox_was_read(timezone.now())
    tally.flush()
    say(f"{taken.reading.kind}: {taken.outcome} {taken.fault}".strip())


@bounce.command("list")
@click.option("--quarantined", is_flag=True, help="Only what nobody could act on.")
@click.option("--wishes", is_flag=True, help="Only people who ask to leave, and nothing proves who they are.")
@json_option
def list_(quarantined: bool, wishes: bool, as_json: bool) -> None:
    """Returned mail that was read, the latest first."""
    from newsletter.tracking import returned
    from newsletter.tracking.models import ReturnedMail

    found = ReturnedMail.objects.order_by("-pk").defer("head")
    if quarantined:
        found = found.filter(outcome=ReturnedMail.Outcome.QUARANTINED)
    if wishes:
        found = found.filter(returned.wishes())
    if as_json:
        for each in found.iterator():
            print_json(_as_json(each))
        return
    rows = [
        [each.pk, f"{each.read_at:%d %b %H:%M}", each.kind, each.outcome, each.fault or each.words]
        for each in found[:SHOWN]
    ]
    if rows:
        print_table(["id", "read (UTC)", "kind", "outcome", "why"], rows)
    else:
        say("There is no such returned mail.")
    if wishes and rows:
        say("They lie in the mailbox, unread. Take each off (newsletter subscriber unsubscribe ADDRESS), then")
        say("Next: newsletter bounce dismiss ID")


@bounce.command()
@click.argument("pk", metavar="ID", type=int)
@json_option
def show(pk: int, as_json: bool) -> None:
    """One returned mail; of one in quarantine its beginning."""
    found = _found(pk)
    if as_json:
        print_json(_as_json(found))
        return
    for name, value in _as_json(found).items():
        click.echo(f"{name:<8}  {printable(str(value or '–'))}")
    if found.head:
        click.echo("\n" + printable(bytes(found.head).decode("utf-8", "replace")))


@bounce.command()
@click.argument("pks", metavar="[ID]…", nargs=-1, type=int)
@click.option("--all", "every", is_flag=True, help="All that are in quarantine, and all wishes to leave.")
def dismiss(pks: tuple[int, ...], every: bool) -> None:
    """Settle what you have looked at, quarantine or wish. It still changes nothing; its content is forgotten."""
    from newsletter.errors import UsageError
    from newsletter.tracking import returned

    if bool(pks) == every:
        raise UsageError("Say which: numbers, or --all.", hint="newsletter bounce list --quarantined")
    say(f"{counted(returned.dismiss(None if every else pks), 'returned mail')} dismissed.")


@bounce.command()
def check() -> None:
    """Try the mailbox of the settings: reach it, log in, open the folder. Nothing is read or marked."""
    from newsletter import config
    from newsletter.errors import ConfigError
    from newsletter.tracking import postbox

    url = config.current().bounce_mailbox_url
    if not url:
        raise ConfigError("No mailbox is set.", hint="Set BOUNCE_MAILBOX_URL.")
    say(f"The mailbox can be read; {counted(postbox.reached(url), 'message')} in it.")


def _found(pk: int) -> "ReturnedMail":
    from newsletter.errors import UsageError
    from newsletter.tracking.models import ReturnedMail

    found = ReturnedMail.objects.filter(pk=pk).first()
    if found is None:
        raise UsageError(f"There is no returned mail {pk}.", hint="newsletter bounce list")
    return found


def _as_json(each: "ReturnedMail") -> dict[str, Any]:
    return {
        "id": each.pk,
        "read_at": each.read_at.isoformat(),
        "kind": each.kind,
        "outcome": each.outcome,
        "fault": each.fault or None,
        "status": each.status or None,
        "words": each.words,
    }
