"""A report as lines for a terminal, rows for a spreadsheet, or one HTML file that needs nothing else. Pure."""

import csv
import io
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from newsletter.jinja import for_mail
from newsletter.numbers import percent
from newsletter.tracking.reading import Read
from newsletter.tracking.report import Past, Report

WIDTH = 32  # blocks of the longest bar
READ = ("stories", "sections", "positions", "authors", "topics")
AT_PROVIDER = (
    "accepted",
    "delivered",
    "deferred",
    "bounced",
    "blocked",
    "dropped",
    "complained",
)  # columns, left to right
ROLES = {"unknown": "unknown", "waiting": "waiting", "no word yet": "waiting"}  # of losses that are none yet
MACHINES = {
    "agent": "programs that say so",
    "burst": "many links within seconds",
    "canary": "following a link that nobody sees",
    "timing": "before anybody could have read it",
}
EIGHTHS = " ▏▎▍▌▋▊▉"
# Beginnings that a spreadsheet takes for a formula (T-09).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def block_bar(part: float, whole: float, width: int = WIDTH) -> str:
    """A bar of blocks; an eighth of one at least where there is anything at all."""
    eighths = round(8 * width * part / whole) if whole else 0
    eighths = max(eighths, 1) if part else 0
    return "█" * (eighths // 8) + EIGHTHS[eighths % 8].strip()


def lines(report: Report) -> Iterator[str]:
    """The report in 80 columns."""
    yield f"{report.newsletter} No. {report.number}: {report.subject}"
    yield _standing(report)
    yield ""
    yield from _funnel(report)
    if not report.listening:
        yield ""
        yield "Nobody reports what becomes of copies, so nothing is known after accepted."
    yield from _block("Bounces and complaints by mailbox provider", _mailboxes(report))
    yield from _block("What servers said most often", [f"{row.count:>9,}  {row.name[:68]}" for row in report.words])
    yield from _block("Left in the week after it", _left(report))
    yield from _block("What was read (people, all)", _read(report))
    yield from _block(f"Compared with the {len(report.before)} before", _compared(report) if report.before else ())


def as_csv(report: Report) -> str:
    """Rows of part, name, count; what might be taken for a formula begins with an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(("part", "name", "count"))
    for row in rows(report):
        writer.writerow([f"'{cell}" if str(cell).startswith(_FORMULA) else cell for cell in row])
    return out.getvalue()


Fact = tuple[str, str, int | float]  # part, name, count, or a share of what was accepted


def rows(report: Report) -> Iterator[Fact]:
    """Everything counted, one number a row."""
    for stage in report.stages:
        yield "stage", stage.name, stage.count
        yield from ((f"lost after {stage.name}", row.name, row.count) for row in stage.losses)
    for each in report.mailboxes:
        yield from ((f"at {each.name}", name, getattr(each, name)) for name in AT_PROVIDER)
        yield from ((f"at {each.name}", f"bounced: {cause}", n) for cause, n in each.causes.items())
    yield from _read_rows(report)
    for part in ("unsubscribes", "reasons", "words"):
        yield from ((part, row.name, row.count) for row in getattr(report, part))
    for past in beside(report):
        yield from _past_rows(past)


def _read_rows(report: Report) -> Iterator[Fact]:
    if report.reading is None:
        return
    for total in filter(None, (report.reading.clicks, report.reading.opens)):
        yield f"{total.name} by people", "all", total.human
        yield total.name, "all", total.raw
    yield from (("by machines", why, n) for why, n in machines(report))
    for part in READ:
        for read in getattr(report.reading, part):
            yield f"clicks by people, {part}", read.name, read.human
            yield f"clicks, {part}", read.name, read.raw


def _past_rows(past: Past) -> Iterator[Fact]:
    for name in ("accepted", "complained", "left"):
        yield f"No. {past.number}", name, getattr(past, name)
    for name in ("delivered", "bounced"):
        share = getattr(past, name)
        if share is not None:
            yield f"No. {past.number}", f"{name}, share of the accepted", round(share, 6)


def beside(report: Report) -> list[Past]:
    """This edition and the eight before, or nothing where it is the first."""
    return [report.this, *report.before] if report.before else []


def machines(report: Report) -> list[tuple[str, int]]:
    """What was taken for no person, by its reason in words."""
    found = report.reading.machines if report.reading else {}
    return [(MACHINES.get(reason, reason), n) for reason, n in found.items()]


def as_html(report: Report) -> str:
    """One file with its charts as SVG: no script, no picture, nothing fetched."""
    return for_mail().get_template("report/whole.html").render(**view(report))


@dataclass(frozen=True)
class Bar:
    """One row of a chart: `length` and `start` are of 100, `numbers` stand beside it; a `part` is of the row above."""

    name: str
    length: float
    numbers: tuple[str, ...]
    start: float = 0.0
    role: str = "good"
    why: str = ""
    part: bool = False


def view(report: Report) -> dict[str, object]:
    """What the templates of report/ want: the report, and its charts as bars."""
    reading = report.reading
    parts = {part: _read_bars(getattr(reading, part)) for part in READ} if reading else {}
    shares = beside(report)
    return {
        "report": report,
        "key_figures": list(_key_figures(report)),
        "way": list(_way(report)),
        "read": parts,
        "machines": machines(report),
        "at_provider": AT_PROVIDER,
        "past": [_past_bar(each, shares) for each in shares],
        "standing": _standing(report),
    }


def _key_figures(report: Report) -> Iterator[tuple[str, str]]:
    this = report.this
    yield "Accepted", f"{this.accepted:,}"
    yield "Delivered", percent(this.delivered)
    yield "Bounced", percent(this.bounced)
    yield "Complaints", f"{this.complained:,}"
    yield "Left", f"{this.left:,}"
    if report.reading:
        yield "Clicks by people", f"{report.reading.clicks.human:,}"


def _way(report: Report) -> Iterator[Bar]:
    """Each step from the left, each loss where it broke off from its step."""
    scale = 100 / max([*(stage.count for stage in report.stages), 1])
    for stage in report.stages:
        yield Bar(stage.name, scale * stage.count, (f"{stage.count:,}",))
        left = stage.count
        for row in stage.losses:
            left -= row.count
            name = row.name.replace("_", " ")
            role = ROLES.get(row.name, "bad")
            yield Bar(name, scale * row.count, (f"− {row.count:,}",), scale * left, role, row.why, part=True)


def _read_bars(found: Sequence[Read]) -> list[Bar]:
    most = max([each.human for each in found], default=0) or 1
    return [Bar(each.name, 100 * each.human / most, (f"{each.human:,}", f"{each.raw:,}")) for each in found]


def _past_bar(each: Past, beside: Sequence[Past]) -> Bar:
    """The bar is what was accepted and not delivered: the difference between 97 and 98 of 100 cannot be seen."""
    most = max(map(_lost, beside)) or 1
    numbers = (
        f"{each.accepted:,}", percent(each.delivered), percent(each.bounced), f"{each.complained:,}", f"{each.left:,}"
    )  # fmt: skip
    when = f"{each.sent_at:%-d %B %Y}" if each.sent_at else ""
    return Bar(f"No. {each.number}", 100 * _lost(each) / most, numbers, role="bad", why=when)


def _lost(each: Past) -> float:
    return 0 if each.delivered is None else 1 - each.delivered


def _standing(report: Report) -> str:
    """Such as "Sent on 26 November 2026, 12:00 UTC": whether it is through, and since when it goes out."""
    if report.sent_at is None:
        return f"{report.status.capitalize()}: nothing of it has gone out"
    at = f"{report.sent_at:%-d %B %Y, %H:%M} UTC"
    return f"Sent on {at}" if report.status == "sent" else f"Begun on {at}; it is {report.status}"


def _funnel(report: Report) -> Iterator[str]:
    whole = report.stages[0].count
    for stage in report.stages:
        yield f"{stage.name:<28}{stage.count:>11,}  {block_bar(stage.count, whole)}"
        for row in stage.losses:
            yield from textwrap.wrap(f"  − {row.name:<24}{row.count:>11,}  {row.why}", 80, subsequent_indent=41 * " ")


def _mailboxes(report: Report) -> Iterator[str]:
    if not report.mailboxes:
        return
    wide = [max(len(name) + 1, 9) for name in AT_PROVIDER]
    yield f"{'':<14}" + "".join(f"{name:>{width}}" for name, width in zip(AT_PROVIDER, wide, strict=True))
    for each in report.mailboxes:
        counts = zip((getattr(each, name) for name in AT_PROVIDER), wide, strict=True)
        yield f"{each.name:<14}" + "".join(f"{count:>{width},}" for count, width in counts)
        if each.causes:
            causes = ", ".join(f"{cause} {n:,}" for cause, n in each.causes.items())
            yield from textwrap.wrap(f"  bounces: {causes}", 80, subsequent_indent=11 * " ")


def _left(report: Report) -> list[str]:
    how = [f"{row.count:>9,}  by {row.name}" for row in report.unsubscribes]
    why = [f"{row.count:>9,}  said: {row.name}" for row in report.reasons if row.name != "no reason given"]
    return [*how, *why]


def _read(report: Report) -> Iterator[str]:
    reading = report.reading
    if reading is None:
        return
    yield f"{reading.clicks.human:>9,}{reading.clicks.raw:>9,}  clicks ({reading.mode})"
    if reading.opens:
        yield f"{reading.opens.human:>9,}{reading.opens.raw:>9,}  openings, of those who agreed to it"
    yield from (f"{'':9}{count:>9,}  by machines: {why}" for why, count in machines(report))
    most = max([read.human for read in reading.stories], default=0)
    for read in reading.stories:
        yield f"{read.human:>9,}{read.raw:>9,}  {read.name[:40]:<40}  {block_bar(read.human, most, 16)}".rstrip()
    for part in ("sections", "authors", "topics"):
        for read in getattr(reading, part):
            yield f"{read.human:>9,}{read.raw:>9,}  {part[:-1]}: {read.name[:48]}"
    places = ", ".join(f"{read.name} {read.human:,} of {read.raw:,}" for read in reading.positions)
    yield from textwrap.wrap(f"By people, of all, at each place in the mail: {places}", 80, subsequent_indent="  ")


def _compared(report: Report) -> Iterator[str]:
    shown = beside(report)
    most = max(map(_lost, shown), default=0)
    yield f"{'':<8}{'accepted':>11}{'delivered':>11}{'bounced':>10}{'complained':>12}{'left':>7}  not delivered"
    for each in shown:
        shares = f"{percent(each.delivered):>11}{percent(each.bounced):>10}"
        counts = f"{each.complained:>12,}{each.left:>7,}"
        bar = block_bar(_lost(each), most, 18)
        yield f"{f'No. {each.number}':<8}{each.accepted:>11,}{shares}{counts}  {bar}".rstrip()


def _block(title: str, body: "Sequence[str] | Iterator[str]") -> Iterator[str]:
    found = list(body)
    if found:
        yield ""
        yield title
        yield from found
