"""What a provider's own word about a request does to copies whose answer got lost."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from newsletter.deliveries import claim, resolve, send, status, sweep
from newsletter.deliveries.models import Attempt, Batch, Delivery
from newsletter.newsletters.models import AuditEntry
from newsletter.transports.base import Accepted, Rejected, Unknown
from newsletter.transports.memory import MemoryTransport
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def edition(newsletter, planned):
    builders.add_readers(newsletter, 3)
    return planned(builders.scheduled_edition(newsletter))


@pytest.fixture
def lost(edition) -> Batch:
    """Three copies whose answer never came."""
    send.send_next(MemoryTransport(answer=lambda reader: Unknown(reader.delivery_id, "lost")))
    return Batch.objects.get()


def counts(edition):
    found = status.audit(edition)
    assert found.balanced, found.faults
    return found.counts.accepted, found.counts.unknown, found.counts.pending


def test_a_word_about_the_whole_request_accepts_all_its_copies(edition, lost):
    assert resolve.by_evidence(lost, "1") == 3
    assert counts(edition) == (3, 0, 0)
    lost.refresh_from_db()
    assert lost.status == "done"
    entry = AuditEntry.objects.get(verb="resolve")
    assert (entry.staff, entry.detail) == (None, {"decision": "evidence", "copies": 3})
    # and a second one finds nothing to do
    assert resolve.by_evidence(lost, "1") == 0
    assert AuditEntry.objects.filter(verb="resolve").count() == 1


@pytest.mark.parametrize("request_name", ["1.2", "2", "", "0", "one", "1e1", "9" * 40, "1 ", "\u0661"])
def test_a_word_about_a_part_or_about_what_never_was_proves_nothing(edition, lost, request_name):
    assert resolve.by_evidence(lost, request_name) == 0
    assert counts(edition) == (0, 3, 0)


def test_a_word_that_comes_before_the_worker_is_given_up_is_kept_for_then(edition):
    # Given a worker that died in the hand-over, and an event that comes before its lease ends
    batch = claim.claim()
    send.intend(batch, "memory")
    assert resolve.by_evidence(batch, "1") == 0
    # When the sweep gives it up
    Batch.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    sweep.sweep()
    # Then its copies are accepted, not unknown
    assert counts(edition) == (3, 0, 0)
    assert Batch.objects.get().status == "done"


def test_a_word_that_comes_before_the_answer_is_given_up_is_kept_for_then(edition):
    def answer(reader):
        resolve.by_evidence(Batch.objects.get(), "1")
        return Unknown(reader.delivery_id, "lost")

    send.send_next(MemoryTransport(answer=answer))
    assert counts(edition) == (3, 0, 0)


def test_a_word_about_one_attempt_proves_nothing_about_another(edition):
    # Given a copy that was lost in parts of the first attempt, and two that were lost in the second
    first = Delivery.objects.order_by("pk").values_list("pk", flat=True)[0]
    soon = timezone.now() - timedelta(seconds=1)

    def answer(reader):
        if reader.delivery_id == first:
            return Unknown(reader.delivery_id, "lost")
        return Rejected(reader.delivery_id, "later", not_before=soon)

    send.send_next(MemoryTransport(answer=answer))
    Batch.objects.update(not_before=None)
    send.send_next(MemoryTransport(answer=lambda reader: Unknown(reader.delivery_id, "lost")))
    assert counts(edition) == (0, 3, 0)
    # Then a word about the second leaves all to their own events: who was in which is not written down
    assert resolve.by_evidence(Batch.objects.get(), "2") == 0
    assert counts(edition) == (0, 3, 0)


def test_an_event_about_a_copy_on_the_wire_is_not_overwritten_by_the_answer(edition):
    # Given an event that arrives before the answer to its request
    def answer(reader):
        mine = Delivery.objects.filter(pk=reader.delivery_id, status="sending")
        if reader.address == "reader1@example.org":
            mine.update(status="delivered")
            Batch.objects.update(accepted=F("accepted") + 1, delivered=F("delivered") + 1)
        return {
            "reader0@example.org": Accepted(reader.delivery_id),
            "reader1@example.org": Unknown(reader.delivery_id, "lost"),
            "reader2@example.org": Rejected(reader.delivery_id, "no"),
        }[reader.address]

    send.send_next(MemoryTransport(answer=answer))
    # Then what the event said stays, each copy is counted once, and the batch is through
    assert sorted(Delivery.objects.values_list("status", flat=True)) == ["accepted", "delivered", "rejected"]
    assert counts(edition) == (2, 0, 0)
    assert Batch.objects.get().status == "done"
    assert Attempt.objects.get().outcome == "mixed"
