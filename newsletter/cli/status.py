"""newsletter status."""

from typing import TYPE_CHECKING, Any

import click

from newsletter import clock
from newsletter.cli import checking
from newsletter.cli.base import DjangoCommand, counted, json_option, print_json, printable, say, to_type

if TYPE_CHECKING:
    from newsletter.deliveries.status import Progress

WIDTH = 40
# A state is told by its mark and its word; colour only repeats it.
MARKS = (
    ("accepted", "█", "green"),
    ("rejected", "✕", "red"),
    ("unknown", "?", "magenta"),
    ("skipped", "·", None),
    ("sending", "▒", "yellow"),
    ("pending", "░", "yellow"),
)


@click.command(cls=DjangoCommand)
@click.option(
    "--watch",
    is_flag=True,
    help="Keep looking, every second, until nothing is on its way; with --json an object a look.",
)
@click.option("--all", "everything", is_flag=True, help="Also editions that were sent long ago.")
@click.option("--check", is_flag=True, help="One line for monitoring; exit code 0, 1, 2 or 3 (see README).")
@json_option
@click.pass_context
def status(ctx: click.Context, watch: bool, everything: bool, check: bool, as_json: bool) -> None:
    """Editions and how their sends stand, and what is wrong. Reads the database only."""
    if check:
        line, code = checking.check()
        click.echo(printable(line))
        ctx.exit(code)
    elif watch:
        from newsletter.cli import watching

        watching.watch(as_json=as_json)
    elif as_json:
        from newsletter.tracking import overview

        print_json({**overview.take().as_json(), "alerts": checking.alerts()})
    else:
        checking.show()
        click.echo(_text(_progress(everything=everything)))


def _progress(*, everything: bool) -> "list[Progress]":
    from newsletter.deliveries import status as ledger
    from newsletter.editions.models import Edition

    editions = Edition.objects.select_related("newsletter").order_by("-pk")
    return ledger.progress(editions if everything else editions[:10])


def _text(found: "list[Progress]") -> str:
    if not found:
        say("There is no edition yet.")
        return f"Next: {to_type('edition compose')}"
    return "\n\n".join([*map(block, found), f"Next: {to_type(next_words(found))}"])


def block(each: Any) -> str:
    edition, counts = each.edition, each.counts
    title = click.style(f"{edition.pk}  {printable(edition.newsletter.name)} No. {edition.number}", bold=True)
    lines = [f"{title}  {edition.status}", f"   {printable(edition.subject)}"]
    if edition.status_reason:
        lines.append(f"   {printable(edition.status_reason)}")
    if counts.planned:
        shown = [f"{getattr(counts, name):,} {name}" for name, *_ in MARKS if getattr(counts, name)]
        lines += [f"   {bar(counts)}  {counts.decided / counts.planned:.0%}", f"   {', '.join(shown)}"]
    if each.waits:
        lines.append(f"   {printable(each.waits)}")
    if each.rate:
        left = f", about {clock.duration(each.eta)} left" if each.eta else ""
        lines.append(f"   {counted(round(each.rate), 'reader')} a second{left}")
    if edition.status == "scheduled" and edition.send_at:
        lines.append(f"   goes out {clock.local(edition.send_at, edition.newsletter.zone)}")
    return "\n".join(lines)


def bar(counts: Any, width: int = WIDTH) -> str:
    """A bar made of blocks, in proportion; every state that has a reader shows at least one cell."""
    cells = [(max(1, round(width * n / counts.planned)), mark, colour) for n, mark, colour in _parts(counts)]
    surplus = sum(n for n, *_ in cells) - width
    largest = max(range(len(cells)), key=lambda i: cells[i][0])
    cells[largest] = (cells[largest][0] - surplus, *cells[largest][1:])
    return "".join(click.style(mark * n, fg=colour) for n, mark, colour in cells)


def _parts(counts: Any) -> list[tuple[int, str, str | None]]:
    return [(getattr(counts, name), mark, colour) for name, mark, colour in MARKS if getattr(counts, name)]


def next_words(found: "list[Progress]") -> str:
    """The words of the command that most likely comes now."""
    for each in found:
        pk, state = each.edition.pk, each.edition.status
        if each.counts.unknown:
            return f"delivery list --edition {pk} --status unknown"
        words = {
            "draft": f"edition show {pk}",
            "approved": f"edition schedule {pk}",
            "scheduled": "status --watch",
            "planning": "status --watch",
            "sending": "status --watch",
            "paused": f"edition resume {pk}",
            "held": f"edition schedule {pk} --now" if each.edition.content_hash else f"edition reopen {pk}",
            "sent": f"edition audit {pk}",
        }
        if state in words:
            return words[state]
    return "edition compose"
