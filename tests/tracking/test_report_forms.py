"""The desk, the terminal, the spreadsheet and JSON tell the same facts of an edition."""

import csv
import io
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from itertools import count

import pytest

from newsletter.numbers import percent
from newsletter.tracking import report_forms
from newsletter.tracking.reading import Read, Reading
from newsletter.tracking.report import AtProvider, Past, Report, Row, Stage

SENT = datetime(2026, 11, 26, 12, tzinfo=UTC)


def every_kind_of_fact() -> Report:
    """A report in which no number stands twice, so that each can be found again."""
    n = count(1_001)
    shares = (at / 1_000 for at in range(101, 200))

    def rows(*names):
        return tuple(Row(name, next(n)) for name in names)

    def reads(*names):
        return tuple(Read(name, next(n), next(n)) for name in names)

    provider = [
        AtProvider(name, *(next(n) for _ in range(7)), causes={"hard": next(n), "soft": next(n), "block": next(n)})
        for name in ("Gmail", "Microsoft")
    ]
    read = Reading(
        "personal", *reads("clicks", "opens"), reads("A story"), reads("Analysis"), reads("1."), reads("Ann"),
        reads("Africa"), {"agent": next(n), "burst": next(n), "canary": next(n), "timing": next(n)},
    )  # fmt: skip
    past = [Past(at, at, SENT, next(n), next(shares), next(shares), next(n), next(n)) for at in range(8, 0, -1)]
    stages = (
        Stage("candidates", next(n), rows("paused")), Stage("planned", next(n), rows("rejected")),
        Stage("accepted", next(n), rows("bounced: hard", "no word yet")), Stage("delivered", next(n)),
    )  # fmt: skip
    return Report(
        edition=9, newsletter="The Weekly", number=9, subject="The week", status="sent", sent_at=SENT, listening=True,
        stages=stages, mailboxes=tuple(provider), deferred=sum(each.deferred for each in provider),
        complaints=next(n), unsubscribes=rows("page"), reasons=rows("often"), words=rows("550 no"),
        before=tuple(past), reading=read,
    )  # fmt: skip


def counts_in(value) -> set[int]:
    """Every count in a report's parts; those above a thousand are counts, the others numbers of editions."""
    if is_dataclass(value):
        return counts_in([getattr(value, field.name) for field in fields(value) if field.name != "deferred"])
    if isinstance(value, dict):
        return counts_in(list(value.values()))
    if isinstance(value, list | tuple):
        return set().union(*map(counts_in, value))
    return {value} if isinstance(value, int) and value > 1_000 else set()


MADE = every_kind_of_fact()
FORMS = {
    "terminal": "\n".join(report_forms.lines(MADE)),
    "desk and page": report_forms.as_html(MADE),
    "spreadsheet": report_forms.as_csv(MADE),
    "JSON": str(MADE.as_json()),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_count_stands_in_every_form(form):
    facts = counts_in(MADE) | {each.deferred for each in MADE.mailboxes}
    assert len(facts) > 70
    text = FORMS[form].replace(",", "" if form != "spreadsheet" else ",")
    assert {fact for fact in facts if str(fact) not in text} == set()


@pytest.mark.parametrize("form", ["terminal", "desk and page"])
def test_people_are_shown_the_shares_of_the_eight_before_and_why_machines_are_machines(form):
    for past in [MADE.this, *MADE.before]:
        assert percent(past.delivered) in FORMS[form]
        assert percent(past.bounced) in FORMS[form]
    for why in report_forms.MACHINES.values():
        assert why in FORMS[form]


def test_a_spreadsheet_names_each_number_once_and_has_the_shares():
    rows = list(csv.reader(io.StringIO(FORMS["spreadsheet"])))[1:]
    assert len({(part, name) for part, name, _ in rows}) == len(rows)
    assert ["No. 8", "delivered, share of the accepted", str(MADE.before[0].delivered)] in rows
    assert ["at Gmail", "bounced: soft", str(MADE.mailboxes[0].causes["soft"])] in rows
    assert {name for part, name, _ in rows if part == "by machines"} == set(report_forms.MACHINES.values())


def test_the_terminal_keeps_to_80_columns():
    assert max(map(len, FORMS["terminal"].splitlines())) <= 80
