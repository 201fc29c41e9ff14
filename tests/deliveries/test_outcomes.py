"""What a transport answers becomes the ledger's word for it."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter.deliveries import record, send, status
from newsletter.deliveries.models import Attempt, Batch, Delivery
from newsletter.transports.base import Accepted, Rejected, Unknown
from newsletter.transports.memory import MemoryTransport
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def edition(newsletter, planned):
    builders.add_readers(newsletter, 3)
    return planned(builders.scheduled_edition(newsletter))


def answering(**by_local_part):
    """A transport that answers as told for some readers and accepts the others."""

    def answer(reader):
        make = by_local_part.get(reader.address.partition("@")[0])
        return make(reader.delivery_id) if make else Accepted(reader.delivery_id)

    return MemoryTransport(answer=answer)


def test_a_rejected_reader_keeps_the_providers_words(edition):
    send.send_next(answering(reader1=lambda pk: Rejected(pk, "550 no such mailbox")))
    copy = Delivery.objects.get(subscriber__email="reader1@example.org")
    assert (copy.status, copy.reason) == ("rejected", "550 no such mailbox")
    assert Delivery.objects.filter(status="accepted").count() == 2
    assert Batch.objects.get().status == "done"


def test_blocked_readers_are_counted_once_they_are_rejected(edition):
    # Given one who is refused for good, and one for now, both for what was sent
    later = timezone.now() + timedelta(minutes=5)
    send.send_next(
        answering(
            reader1=lambda pk: Rejected(pk, "550 5.7.1 spam", blocked=True),
            reader2=lambda pk: Rejected(pk, "451 4.7.1 greylisted", not_before=later, blocked=True),
        )
    )
    batch = Batch.objects.get()
    assert (batch.rejected, batch.blocked) == (1, 1)


def test_every_copy_names_its_sender_to_those_who_count_complaints(edition, transport):
    send.send_next(transport)
    [value] = {re.search(rb"(?m)^Feedback-ID: (.*)\r$", copy.message)[1].decode() for copy in transport.copies}
    assert re.fullmatch(rf"{edition.public}:the-meridian:special:nl[0-9a-f]{{10}}", value)


def test_an_unknown_reader_is_counted_and_not_tried_again(edition, transport):
    send.send_next(answering(reader1=lambda pk: Unknown(pk, "no reply after the dot")))
    assert not send.send_next(transport)
    assert Batch.objects.get().status == "unknown"
    assert status.audit(edition).counts.unknown == 1


def test_what_may_be_tried_again_waits_and_then_goes_once(edition, transport):
    # Given one reader whose server asked for a later try
    later = timezone.now() + timedelta(minutes=5)
    first = answering(reader1=lambda pk: Rejected(pk, "451 try later", not_before=later))
    send.send_next(first)
    # Then the batch waits
    assert not send.send_next(transport)
    assert Batch.objects.get().status == "pending"
    # When the time has come, only that reader is offered again
    Batch.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    send.send_next(transport)
    assert [copy.reader.address for copy in transport.copies] == ["reader1@example.org"]
    assert len(first.copies) == 2
    found = status.audit(edition)
    assert (found.counts.accepted, found.balanced) == (3, True)


def test_what_was_tried_for_a_day_is_given_up(edition):
    # Given a batch that was first tried yesterday, and a server that still says later
    later = MemoryTransport(answer=lambda r: Rejected(r.delivery_id, "451", not_before=timezone.now()))
    send.send_next(later)
    Attempt.objects.update(started_at=timezone.now() - timedelta(hours=25))
    Batch.objects.update(not_before=None)
    send.send_next(later)
    assert set(Delivery.objects.values_list("status", "reason")) == {("rejected", "given up after a day: 451")}


def test_time_in_which_nobody_tried_does_not_count(edition):
    # Given an edition that began days ago, was paused after its first try, and resumed now
    later = MemoryTransport(answer=lambda r: Rejected(r.delivery_id, "451", not_before=timezone.now()))
    type(edition).objects.update(started_at=timezone.now() - timedelta(days=3))
    send.send_next(later)
    Attempt.objects.update(started_at=timezone.now() - timedelta(days=3))
    type(edition).objects.update(resumed_at=timezone.now())
    Batch.objects.update(not_before=None)
    send.send_next(later)
    assert status.audit(edition).counts.pending == 3


def test_an_outage_of_minutes_makes_the_waits_longer_and_rejects_nobody(edition):
    waits = [record.wait_before(attempt) for attempt in range(1, 40)]
    assert waits[:5] == [timedelta(0)] * 3 + [timedelta(seconds=2), timedelta(seconds=4)]
    assert waits == sorted(waits)
    assert waits[-1] == record.LONGEST_WAIT
    refused = MemoryTransport(answer=lambda r: Rejected(r.delivery_id, "refused", not_before=timezone.now()))
    for _ in range(14):
        Batch.objects.update(not_before=None)
        assert send.send_next(refused)
    assert Batch.objects.get().not_before > timezone.now() + timedelta(minutes=10)
    assert status.audit(edition).counts.pending == 3


def test_a_refused_key_pauses_the_edition_with_the_reason(edition):
    soon = timezone.now()
    refused = MemoryTransport(answer=lambda r: Rejected(r.delivery_id, "401: key refused", not_before=soon, stop=True))
    send.send_next(refused)
    edition.refresh_from_db()
    assert (edition.status, edition.status_reason) == ("paused", "401: key refused")
    assert status.audit(edition).counts.pending == 3


def test_every_hand_over_leaves_an_attempt(edition, transport):
    send.send_next(transport)
    attempt = Attempt.objects.get()
    assert (attempt.number, attempt.transport, attempt.outcome) == (1, "memory", "accepted")
    assert attempt.started_at <= attempt.finished_at


def test_the_attempt_is_committed_before_the_first_byte(edition):
    seen = []

    def answer(reader):
        seen.append((Attempt.objects.count(), Batch.objects.get().status))
        return Accepted(reader.delivery_id)

    send.send_next(MemoryTransport(answer=answer))
    assert set(seen) == {(1, "sending")}


def test_a_transport_that_forgets_a_reader_is_a_bug_not_a_guess(edition):
    class Forgetful(MemoryTransport):
        def hand_over(self, mailing, readers):
            return super().hand_over(mailing, readers)[:-1]

    with pytest.raises(RuntimeError, match="did not answer for each"):
        send.send_next(Forgetful())
    # Nothing was recorded, so the sweep will call all three unknown.
    assert set(Delivery.objects.values_list("status", flat=True)) == {"sending"}
