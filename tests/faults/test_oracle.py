"""The judge itself: what it must find in a made-up ledger, and what it must not."""

import pytest

from newsletter.ids import as_text
from tests.faults import oracle
from tests.faults.oracle import NONE, Ledger

BATCH = 77
READER = "reader1@example.org"


def ledger(status, reason=None, attempts=((BATCH, 1),)):
    copy = {"id": 1, "address": READER, "status": status, "reason": reason}
    unknown = int(status == "unknown")
    return Ledger({"faults": []}, [copy], [{"unknown": unknown}], list(attempts))


def line(attempt="1"):
    return {"reference": "ed.1", "address": READER, "batch": as_text(BATCH), "attempt": attempt}


@pytest.mark.parametrize(
    ("status", "reason", "left"),
    [
        ("rejected", "SendGrid refused: no such mailbox", {}),
        ("skipped", "dropped: old news", {}),
        ("skipped", "unsubscribed", {READER: ()}),
    ],
)
def test_a_copy_that_nobody_got_for_a_cause_is_not_missed(status, reason, left):
    assert oracle.judge([], ledger(status, reason), left) == NONE


@pytest.mark.parametrize(
    ("status", "reason"),
    [("pending", None), ("rejected", None), ("rejected", "busy"), ("skipped", None), ("skipped", "unsubscribed")],
)
def test_a_copy_that_nobody_got_without_a_cause_is_missed(status, reason):
    assert oracle.judge([], ledger(status, reason)).missed == [1]


@pytest.mark.parametrize(("before", "mailed"), [([(BATCH, 1)], False), ([], True), ([(BATCH, 2)], True)])
def test_who_left_is_mailed_wrongly_by_an_attempt_that_was_committed_later(before, mailed):
    found = oracle.judge([line()], ledger("accepted"), {READER: before})
    assert bool(found.mailed_after_leaving) is mailed


def test_a_hand_over_without_an_attempt_a_second_copy_and_a_lie_are_found():
    assert oracle.judge([line("2")], ledger("accepted")).unannounced == [line("2")]
    assert oracle.judge([line(), line()], ledger("accepted")).duplicate == [1, READER]
    assert oracle.judge([], ledger("accepted")).lied == [1]
    assert oracle.judge([line()], ledger("rejected", "SendGrid refused: so")).unlisted == [1]
