"""What becomes of a person in a file: every combination, and nobody who left comes back by any."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from newsletter.subscribers.files.lines import Line
from newsletter.subscribers.files.sources import SUPPRESSED, Standing
from newsletter.subscribers.files.verdict import Known, Outcome, decide

THERE = datetime(2024, 5, 6, tzinfo=UTC)
BEFORE, AFTER = THERE - timedelta(days=1), THERE + timedelta(days=1)
STATUSES = ("", "pending", "active", "paused", "unsubscribed")


def line(standing, left_at=None):
    return Line(2, "ada@example.org", "k" * 32, standing, left_at=left_at)


EVERYTHING = [
    (line(standing, left_at), Known(1 if status else None, 2 if status else None, status, suppressed, own))
    for standing, left_at, status, suppressed, own in product(
        Standing, (None, THERE), STATUSES, ("", "complaint", "erased"), (None, BEFORE, AFTER)
    )
]


def test_only_a_stranger_is_added():
    added = [(each, known) for each, known in EVERYTHING if decide(each, known) == Outcome.ADDED]
    assert added
    assert {(known.status, known.suppressed) for _, known in added} == {("", "")}
    assert {each.standing for each, _ in added} == {Standing.SUBSCRIBED, Standing.PAUSED}


def test_whoever_must_not_be_mailed_stays_suppressed_and_whoever_left_stays_gone():
    for each, known in EVERYTHING:
        outcome = decide(each, known)
        if known.suppressed and each.standing != Standing.NEVER:
            assert outcome == Outcome.SUPPRESSED
        elif known.status == "unsubscribed" and each.standing not in SUPPRESSED and each.standing != Standing.NEVER:
            assert outcome == Outcome.LEFT


def test_who_never_subscribed_there_is_not_kept():
    assert {decide(each, known) for each, known in EVERYTHING if each.standing == Standing.NEVER} == {Outcome.NEVER}


@pytest.mark.parametrize(
    ("standing", "left_at", "own", "outcome"),
    [
        (Standing.UNSUBSCRIBED, THERE, None, Outcome.UNSUBSCRIBED),
        (Standing.UNSUBSCRIBED, THERE, BEFORE, Outcome.UNSUBSCRIBED),
        (Standing.UNSUBSCRIBED, THERE, AFTER, Outcome.PRESENT),
        (Standing.UNSUBSCRIBED, None, AFTER, Outcome.UNSUBSCRIBED),
        (Standing.HARD_BOUNCE, THERE, AFTER, Outcome.PRESENT),
        (Standing.HARD_BOUNCE, THERE, BEFORE, Outcome.BARRED),
        (Standing.COMPLAINT, THERE, AFTER, Outcome.BARRED),
    ],
)
def test_a_readers_own_later_sign_up_counts_more_than_an_old_list_but_not_than_a_complaint(
    standing, left_at, own, outcome
):
    assert decide(line(standing, left_at), Known(1, 2, "active", "", own)) == outcome
