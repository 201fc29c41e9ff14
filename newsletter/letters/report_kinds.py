"""The report of an edition that staff get an hour, a day and a week after it was sent."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any, ClassVar

from newsletter import links
from newsletter.letters.edition_kinds import OfEdition
from newsletter.letters.words import Line, Publication, Table, Words
from newsletter.newsletters.models import Right
from newsletter.numbers import counted, percent

AFTER = {"hour": "An hour", "day": "A day", "week": "A week"}
STORIES = 5  # as many of the best read

Facts = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class EditionReport(OfEdition):
    """`after` is a key of AFTER, `report` what `edition report --json` prints, with this edition's shares as "this"."""

    right: ClassVar = Right.VIEW
    wish: ClassVar = "gets_reports"
    after: str
    report: dict[str, Any]

    def words(self, about: Publication) -> Words:
        reached = self._stage("delivered") if self.report["listening"] else self._stage("accepted")
        name, planned = self._named(about), self._stage("planned")
        verb = "delivered" if self.report["listening"] else "taken"
        share = percent(reached / planned) if planned else "none"
        return Words(
            subject=f"{AFTER[self.after]} later: {name}, {share} {verb}",
            happened=f"{AFTER[self.after]} later, {reached:,} of {planned:,} copies of {name} are {verb}.",
            paragraphs=(*self._beside(), *self._unheard(), *self.remarks),
            rows=(*self._titled, *self._facts(), ("Stop these reports", links.desk_me())),
            tables=tuple(table for table in self._tables() if table.lines),
            link=("Open the report in the desk", links.desk_report(self.edition)),
            command=f"newsletter edition report {self.edition}",
        )

    def _stage(self, name: str) -> int:
        return sum(stage["count"] for stage in self.report["stages"] if stage["name"] == name)

    def _beside(self) -> Iterator[str]:
        """How it did beside those before, in one sentence."""
        before = [each["delivered"] for each in self.report["before"] if each["delivered"] is not None]
        this = self.report["this"]["delivered"]
        if before and this is not None and self.report["listening"]:
            others = "the one before" if len(before) == 1 else f"the {len(before)} before, in their middle"
            yield f"Of what was accepted, {percent(this)} is delivered; of {others}, {percent(median(before))}."

    def _unheard(self) -> Iterator[str]:
        if not self.report["listening"]:
            yield "Nobody reports what becomes of copies, so nothing is known after they were taken."

    def _facts(self) -> Iterator[tuple[str, str]]:
        yield "Complaints", f"{self.report['complaints']:,}"
        yield "Unsubscribed", f"{sum(row['count'] for row in self.report['unsubscribes']):,}"
        if self.report["deferred"]:
            yield "Delayed", f"{counted(self.report['deferred'], 'copy', 'copies')} at some time"
        if reading := self.report["reading"]:
            clicks = reading["clicks"]
            yield "Clicks", f"{clicks['human']:,} by people, as far as can be told, of {clicks['raw']:,}"

    def _tables(self) -> Iterator[Table]:
        yield Table("From candidates to delivered", ("Copies",), tuple(self._way()))
        yield Table("At the mailbox providers", _AT, tuple(_at(each) for each in self.report["mailboxes"]))
        yield Table("Read most", ("People", "All"), tuple(self._read()))
        yield Table("Who left", ("Readers",), tuple(self._left()))
        if self.report["before"]:
            past = (self.report["this"], *self.report["before"])
            yield Table("Beside those before", _PAST, tuple(_past(each) for each in past))

    def _way(self) -> Iterator[Line]:
        whole = max(self._stage("candidates"), 1)
        for stage in self.report["stages"]:
            yield Line(stage["name"].capitalize(), (f"{stage['count']:,}",), share=stage["count"] / whole)
            for row in stage["losses"]:
                yield Line(row["name"], (f"− {row['count']:,}",), why=row["why"], part=True)

    def _read(self) -> Iterator[Line]:
        stories = (self.report["reading"] or {"stories": ()})["stories"][:STORIES]
        most = max([each["human"] for each in stories], default=0) or 1
        for each in stories:
            yield Line(each["name"], (f"{each['human']:,}", f"{each['raw']:,}"), share=each["human"] / most)

    def _left(self) -> Iterator[Line]:
        for row in self.report["unsubscribes"]:
            yield Line(f"by {row['name']}", (f"{row['count']:,}",), why=row["why"])
        for row in self.report["reasons"]:
            if row["name"] != "no reason given":
                yield Line(f"said: {row['name']}", (f"{row['count']:,}",), part=True)


_AT = ("Accepted", "Delivered", "Bounced", "Complained")
_PAST = ("Delivered", "Bounced", "Complained", "Left")


def _at(each: Facts) -> Line:
    counts = (each[name] for name in ("accepted", "delivered", "bounced", "complained"))
    return Line(each["name"], tuple(f"{count:,}" for count in counts))


def _past(each: Facts) -> Line:
    shares = (percent(each["delivered"]), percent(each["bounced"]))
    return Line(f"No. {each['number']}", (*shares, f"{each['complained']:,}", f"{each['left']:,}"))
