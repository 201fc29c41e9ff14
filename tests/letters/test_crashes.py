"""The windows in which a worker may die with a letter in its hands (I3, F-16)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter import faults
from newsletter.letters import send, writing
from newsletter.letters.models import Letter
from tests.letters.samples import FACTS

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


class Death(BaseException):
    """What no code of ours catches."""


@pytest.fixture
def dies_at(monkeypatch):
    def at(point):
        def hook(name):
            if name == point:
                raise Death

        monkeypatch.setattr(faults, "hook", hook)

    yield at
    monkeypatch.undo()


def expire():
    Letter.objects.update(lease_until=timezone.now() - timedelta(seconds=1))


def die_and_be_swept(gate, dies_at, point):
    dies_at(point)
    with pytest.raises(Death):
        send.send_next(gate)
    dies_at("nowhere")
    assert send.sweep() == 0  # its lease has not ended
    expire()
    assert send.sweep() == 1


@pytest.mark.parametrize(("point", "left"), [("letter.intended", 0), ("letter.handed_over", 1)])
def test_a_letter_between_intent_and_record_is_unknown_and_never_repeated(
    point, left, gate, dies_at, outbox, editor, newsletter, only_letter
):
    writing.write("draft-ready", editor, "once", newsletter=newsletter, **FACTS["draft-ready"])
    die_and_be_swept(gate, dies_at, point)
    assert only_letter().status == "unknown"
    assert only_letter().reason
    # Whether it left or not, nobody sends it again
    assert not send.send_next(gate)
    assert len(outbox()) == left


def test_an_alert_is_rather_told_twice_than_never(gate, dies_at, smtp_server, configure, editor, only_letter):
    writing.write_alert("alerts", editor, "1", **FACTS["alerts"])
    die_and_be_swept(gate, dies_at, "letter.handed_over")
    assert only_letter().status == "pending"
    assert send.send_next(gate)
    assert only_letter().status == "accepted"
    # Both bear one Message-ID, so that a mailbox may tell
    ids = {line for mail in smtp_server.mails for line in mail.message.splitlines() if line.startswith(b"Message-ID")}
    assert (len(smtp_server.mails), len(ids)) == (2, 1)


def test_an_answer_that_comes_after_the_lease_changes_nothing(gate, editor, newsletter, only_letter, dies_at, outbox):
    writing.write("draft-ready", editor, "once", newsletter=newsletter, **FACTS["draft-ready"])
    dies_at("letter.intended")
    with pytest.raises(Death):
        send.send_next(gate)
    frozen = only_letter()
    expire()
    send.sweep()
    send._record(frozen, send.Accepted(frozen.pk))
    assert only_letter().status == "unknown"


def test_two_workers_hand_one_letter_over_once(gate, outbox, editor, newsletter):
    writing.write("draft-ready", editor, "once", newsletter=newsletter, **FACTS["draft-ready"])
    mine, theirs = Letter.objects.get(), Letter.objects.get()
    assert send._try(mine, gate)
    assert not send._try(theirs, gate)
    assert len(outbox()) == 1
