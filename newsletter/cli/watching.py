"""`newsletter status --watch`: how it stands, again and again, until nothing is on its way.

On a terminal a picture that keeps to its size; into a file or pipe a line for each change; as JSON an object a look.
"""

import sys
import time
from collections.abc import Iterable, Iterator
from typing import Any

import click

from newsletter import clock
from newsletter.cli import checking
from newsletter.cli.base import counted, print_json, printable, say, to_type
from newsletter.cli.status import block, next_words
from newsletter.tracking import overview, watchdog
from newsletter.tracking.findings import Finding
from newsletter.tracking.overview import Overview

SECONDS = 1.0
LOOK_SECONDS = 5.0  # what is wrong costs thirty queries, and is known by the minute
SHOWN = 10  # editions that are looked at
MOST_ALERTS, MOST_WORKERS = 3, 4
INDENT = "   "
_MOVING = (*overview.OPEN, *overview.ON_ITS_WAY)


def watch(*, as_json: bool) -> None:
    """Show each look until nothing is on its way."""
    if as_json:
        for view, found in _views():
            print_json({**view.as_json(), "alerts": checking.as_json(found)})
            sys.stdout.flush()
    elif sys.stdout.isatty():
        _picture()
    else:
        _lines()


def _views() -> Iterator[tuple[Overview, list[Finding]]]:
    found, looked_at = watchdog.look(), time.monotonic()
    while True:
        view = overview.take(SHOWN)
        yield view, found
        if not view.moves:
            return
        time.sleep(SECONDS)
        if time.monotonic() - looked_at >= LOOK_SECONDS:
            found, looked_at = watchdog.look(), time.monotonic()


def _picture() -> None:
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    console, lines = Console(highlight=False), [""]
    try:
        with Live(console=console, auto_refresh=False, screen=True) as live:
            for view, found in _views():
                lines = list(frame(view, found, console.height))
                text = Text.from_ansi("\n".join(lines), no_wrap=True, overflow="ellipsis")
                live.update(text, refresh=True)
    finally:  # the last look stays where the terminal's own lines are, also after Ctrl-C
        click.echo("\n".join(lines))


def _lines() -> None:
    """A line for each change of what is on its way."""
    last: dict[int, str] = {}
    found: list[Finding] = []
    for view, found in _views():  # noqa: B007 # what was found last is told in the end
        for each in view.editions:
            pk, told = each.edition.pk, _line(each)
            if last.get(pk, "") != told and (pk in last or each.edition.status in _MOVING):
                click.echo(f"{view.at:%H:%M:%S} {told}")
                sys.stdout.flush()
                last[pk] = told
    for one in found:
        click.echo(f"{one.level}: {printable(one.words)}")
    if not last:
        say("Nothing is on its way. Next: newsletter status")


def _line(each: Any) -> str:
    counts = each.counts
    parts = [f"{getattr(counts, name)} {name}" for name in ("accepted", "rejected", "skipped", "unknown")]
    return f"edition {each.edition.pk} {each.edition.status}: {', '.join(parts)} of {counts.planned}"


def frame(view: Overview, found: list[Finding], height: int) -> Iterator[str]:
    """The picture's lines, as many as fit: what is wrong, the editions, what they stand on, what to type next."""
    above, below = list(_alerts(view, found)), list(_ground(view))
    left = height - len(above) - len(below) - 1
    yield from above
    for number, each in enumerate(_first(view)):
        lines = [*block(each).split("\n"), *_mailboxes(view, each.edition.pk), ""]
        left -= len(lines)
        if left < 0 and number:
            break
        yield from lines
    yield from below


def _first(view: Overview) -> list[Any]:
    """What is on its way before what was sent."""
    return sorted(view.editions, key=lambda each: each.edition.status not in _MOVING)


def _alerts(view: Overview, found: list[Finding]) -> Iterator[str]:
    yield click.style(f"{view.at:%H:%M:%S} UTC", dim=True)
    for each in found[:MOST_ALERTS]:
        colour = "red" if each.level == "page" else "yellow"
        yield click.style(f"{'!' if each.level == 'page' else '·'} {printable(each.words)}", fg=colour)
        yield f"  Next: {printable(to_type(each.command.removeprefix('newsletter ')))}"
    if len(found) > MOST_ALERTS:
        yield f"  and {len(found) - MOST_ALERTS} more: {to_type('status')}"
    yield ""


def _mailboxes(view: Overview, edition: int) -> Iterator[str]:
    """By mailbox provider: a name, a short bar, and the counts that are not 0."""
    for name, counts in view.mailboxes.get(edition, {}).items():
        done = counts["planned"] - counts["pending"] - counts["sending"]
        share = done / counts["planned"] if counts["planned"] else 1.0
        names = ("delivered", "bounced", "dropped", "complained", "blocked", "rejected", "unknown")
        told = [f"{counts[each]:,} {each}" for each in names if counts[each]]
        bar = "█" * round(12 * share)
        of = f"{done:,} of {counts['planned']:,}"
        yield f"{INDENT}{name:<8}{bar:░<12} {share:>4.0%}  {', '.join([of, *told])}"


def _ground(view: Overview) -> Iterator[str]:
    """What sends stand on: queues, workers, feeds."""
    queues = [_queue(name, view.queues[name].waiting, view.queues[name].seconds) for name in view.queues]
    yield f"{'waiting':<9}{' · '.join(queues)}"
    yield f"{'workers':<9}{_workers(view)}"
    feeds = view.feeds
    told = [counted(feeds.used, "feed"), f"{feeds.failing} failing" if feeds.failing else "all well"]
    yield f"{'feeds':<9}{', '.join([*told, *([f'{feeds.paused} paused'] if feeds.paused else [])])}"
    if view.moves:
        yield click.style("Ctrl-C ends this look; the sends go on.", dim=True)
    else:
        yield f"Next: {to_type(next_words(list(view.editions)))}"


def _queue(name: str, waiting: int, seconds: float | None) -> str:
    one = {"batches": ("batch", "batches"), "letters": ("letter",), "events": ("report",)}[name]
    return counted(waiting, *one) + (f" for {clock.duration(seconds)}" if seconds is not None else "")


def _workers(view: Overview) -> str:
    if not view.workers:
        return click.style("none gives a sign of life", fg="red")
    shown: Iterable[str] = (
        f"{printable(each.host)} {each.version}, {clock.duration(each.seconds)} ago"
        for each in view.workers[:MOST_WORKERS]
    )
    more = len(view.workers) - MOST_WORKERS
    return " · ".join([*shown, *([f"{more} more"] if more > 0 else [])])
