"""What an import says: how a file is read, how far it is, and a table in which every line is accounted for."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from newsletter.cli.base import counted, print_table, say

if TYPE_CHECKING:
    from newsletter.newsletters.models import Newsletter
    from newsletter.subscribers.files.proposal import Proposal
    from newsletter.subscribers.importer import Report

SCREENFUL = 20
LONGEST_HEAD = 30  # characters
STEP = 100_000  # lines between two words where there is no bar
WORDS = {  # the outcomes, as files/verdict.py has them
    "added": "added",
    "present": "here before",
    "left": "left before, stay gone",
    "suppressed": "suppressed before",
    "unsubscribed": "left there, kept as gone",
    "barred": "suppressed from now on",
    "never": "never subscribed there",
}
ALWAYS = ("added", "present", "left", "suppressed")


def described(proposal: "Proposal", offered: Sequence[str]) -> str:
    """How a file will be read, in a line or two."""
    taken = ", ".join(
        f"{kind} from {' and '.join(proposal.header[number] for number in numbers)}"
        for kind, numbers in proposal.columns.items()
    )
    people = f"; everybody is {proposal.people}" if "status" not in proposal.columns else ""
    lines = [f"{proposal.name}: {proposal.source.name}, {proposal.text.encoding}; {taken}{people}."]
    if proposal.unread:
        lines.append(f"  not read: {', '.join(proposal.unread)[:300]}")
    likely = proposal.likely_topics(offered)
    if likely:
        lines.append(f"  It may hold topics of yours: --map '{likely}=topics' takes them over.")
    return "\n".join(lines)


@contextmanager
def progress(name: str, at_most: int) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal, a line now and then elsewhere; call what it gives with the lines that are through."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        yield _talk(name, at_most)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("importing", total=max(at_most - 2, 1))  # its header, and what follows the last line end
        yield lambda done: bar.update(task, completed=done)


def _talk(name: str, at_most: int) -> Callable[[int], None]:
    told = 0

    def advance(done: int) -> None:
        nonlocal told
        if done - told >= STEP:
            told = done
            say(f"{name}: {done:,} of at most {at_most:,} lines")

    return advance


def show(reports: Sequence["Report"], newsletter: "Newsletter | None", *, dry_run: bool) -> None:
    """The refused lines, and the table: theirs = ours + refused, file by file."""
    for report in reports:
        _show_refused(report, named=len(reports) > 1)
    shown = [name for name in WORDS if name in ALWAYS or any(report.counts[name] for report in reports)]
    rows = [("lines in the file", _numbers(report.theirs for report in reports))]
    rows += [(WORDS[name], _numbers(report.counts[name] for report in reports)) for name in shown]
    rows += [("refused", _numbers(report.refused for report in reports))]
    reasons = sum((report.reasons for report in reports), Counter[str]())
    if len(reasons) > 1 or len(reports) > 1:
        rows += [(f"  {why}", _numbers(report.reasons[why] for report in reports)) for why, _ in reasons.most_common()]
    heads = _heads([report.name for report in reports]) if len(reports) > 1 else ["lines"]
    if len(reports) > 1:
        heads, rows = [*heads, "together"], [(name, [*cells, sum(cells)]) for name, cells in rows]
    table = [(name, *(f"{cell:,}" for cell in cells)) for name, cells in rows]
    print_table(["", *heads], table, right=range(1, len(heads) + 1))
    say(_adds_up(reports))
    _show_topics(reports)
    if newsletter is not None:
        say(_now(newsletter))
    if dry_run and not any(report.refused for report in reports):
        say("Nothing was changed.")


def _heads(names: Sequence[str]) -> list[str]:
    """File names as heads of columns; the first word where that is enough, as in Mailchimp's cleaned_email_….csv."""
    short = [re.split(r"[_.\- ]", name)[0] for name in names]
    return short if len(set(short)) == len(names) else [name[:LONGEST_HEAD] for name in names]


def _numbers(numbers: Iterator[int]) -> list[int]:
    return list(numbers)


def _adds_up(reports: Sequence["Report"]) -> str:
    if all(report.adds_up for report in reports):
        return "It adds up: every line is in one of these rows."
    return "It does not add up: please tell whoever maintains this program."


def _show_refused(report: "Report", *, named: bool) -> None:
    where = f"{report.name}, " if named else ""
    if report.resumed_at:
        say(f"{where}line {report.resumed_at:,} was reached before; it goes on from there.")
    for each in report.shown[:SCREENFUL]:
        say(f"{where}line {each.line}: {each.reason}")
    if report.refused > SCREENFUL:
        say(f"… and {counted(report.refused - SCREENFUL, 'more refused line')}; --refused FILE lists all")


def _show_topics(reports: Sequence["Report"]) -> None:
    strange = sum((report.strange_topics for report in reports), Counter[str]())
    if strange:
        named = ", ".join(f"{name} ({count:,})" for name, count in strange.most_common(10))
        say(f"No topics of this newsletter, so left out: {named}. --topic THEIRS=OURS says what they are called here.")


def _now(newsletter: "Newsletter") -> str:
    from django.db.models import Count

    held = dict(newsletter.subscriptions.values_list("status").annotate(Count("pk")))
    return f"{newsletter} has now: {', '.join(f'{held[name]:,} {name}' for name in sorted(held)) or 'no readers'}."


def facts(proposal: "Proposal", report: "Report", *, dry_run: bool) -> dict[str, Any]:
    """The same for programs."""
    return {
        "file": report.name,
        "source": proposal.source.name,
        "encoding": proposal.text.encoding,
        "people": proposal.people if "status" not in proposal.columns else None,
        "columns": {
            kind: [proposal.header[number] for number in numbers] for kind, numbers in proposal.columns.items()
        },
        "lines": report.theirs,
        **{name: report.counts[name] for name in WORDS},
        "refused": [{"line": each.line, "reason": each.reason} for each in report.shown],
        "refused_count": report.refused,
        "refused_by_reason": dict(report.reasons),
        "topics_left_out": dict(report.strange_topics),
        "adds_up": report.adds_up,
        "dry_run": dry_run,
    }


def conclude(reports: Sequence["Report"], *, dry_run: bool) -> None:
    """Exit 6 when lines were refused."""
    from newsletter.errors import Partly

    refused, lines = sum(report.refused for report in reports), sum(report.theirs for report in reports)
    if refused and dry_run:
        raise Partly(f"{refused:,} of {counted(lines, 'line')} would be refused; nothing was changed.")
    if refused:
        raise Partly(f"{refused:,} of {counted(lines, 'line')} refused; the others were taken in.")
