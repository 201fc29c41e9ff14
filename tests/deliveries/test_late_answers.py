"""An answer that comes after its lease: what the sweep called unknown is settled by it, and nothing else changes."""

from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter.deliveries import claim, policy, record, resolve, send, status, sweep
from newsletter.deliveries.models import Attempt, Batch, Delivery
from newsletter.deliveries.resolve import Decision
from newsletter.newsletters.models import AuditEntry, Newsletter
from newsletter.tracking import apply, store
from newsletter.tracking.events import Kind, ProviderEvent, Source
from newsletter.transports.base import Accepted, Rejected, Unknown
from newsletter.transports.memory import MemoryTransport
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def edition(newsletter, planned):
    builders.add_readers(newsletter, 3)
    return planned(builders.scheduled_edition(newsletter))


class Frozen:
    """A worker that froze after its intent and was swept."""

    def __init__(self):
        self.batch = claim.claim()
        self.attempt, self.readers = send.intend(self.batch, "sendgrid")
        Batch.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        sweep.sweep()

    def wakes(self, answer=Accepted):
        """Whether the ledger takes it for the owner still."""
        return record.record(self.batch, self.attempt, [answer(reader.delivery_id) for reader in self.readers])


@pytest.fixture
def frozen(edition):
    return Frozen()


def counts(edition):
    found = status.audit(edition)
    assert found.balanced, found.faults
    return found.counts.accepted, found.counts.rejected, found.counts.unknown


def test_a_late_yes_makes_what_is_unknown_accepted_on_the_record(edition, frozen):
    assert counts(edition) == (0, 0, 3)
    assert not frozen.wakes()
    assert counts(edition) == (3, 0, 0)
    assert Batch.objects.get().status == "done"
    entry = AuditEntry.objects.get(verb="resolve")
    assert entry.detail == {"decision": "late answer", "status": "accepted", "copies": 3}
    assert Attempt.objects.get().outcome == "accepted"


def test_a_late_no_rejects_and_what_tells_nothing_leaves_unknown(edition, frozen):
    first, second, _ = (reader.delivery_id for reader in frozen.readers)
    answers = {first: Accepted(first), second: Rejected(second, "550 5.7.1 spam", blocked=True)}
    assert not frozen.wakes(lambda pk: answers.get(pk) or Unknown(pk, "lost"))
    assert counts(edition) == (1, 1, 1)
    batch = Batch.objects.get()
    assert (batch.status, batch.blocked) == ("unknown", 1)


def test_a_later_try_is_never_read_into_a_late_answer(edition, frozen):
    assert not frozen.wakes(lambda pk: Rejected(pk, "busy", not_before=timezone.now()))
    assert counts(edition) == (0, 0, 3)


def test_what_was_not_taken_late_is_not_accepted_by_evidence_about_an_earlier_attempt(edition):
    # Given a copy that was lost in the first attempt, and two in the second that say late that they did not go
    first = Delivery.objects.earliest("pk").pk
    busy = timezone.now() - timedelta(seconds=1)
    lost = {first: Unknown(first, "lost")}
    send.send_next(MemoryTransport(answer=lambda r: lost.get(r.delivery_id) or Rejected(r.delivery_id, "busy", busy)))
    Batch.objects.update(not_before=None)
    frozen = Frozen()
    assert not frozen.wakes(lambda pk: Rejected(pk, "busy", not_before=busy))
    assert resolve.by_evidence(Batch.objects.get(), "1") == 0
    assert counts(edition) == (0, 0, 3)
    # When the second was taken, though, nothing stands against the evidence about the first
    Attempt.objects.filter(number=2).update(outcome="")
    frozen.attempt.outcome = ""
    assert not frozen.wakes()
    assert counts(edition) == (3, 0, 0)


def test_a_late_answer_leaves_alone_what_a_person_has_decided(edition, frozen, transport):
    resolve.resolve(Batch.objects.get(), Decision.DROP, None, "old news")
    assert not frozen.wakes()
    assert status.audit(edition).counts.skipped == 3
    assert set(Delivery.objects.values_list("status", flat=True)) == {"skipped"}


@pytest.mark.parametrize("event_first", [True, False])
def test_an_event_and_a_late_answer_agree_whichever_is_first(edition, frozen, event_first):
    event = ProviderEvent(
        kind=Kind.DELIVERED, source=Source.SENDGRID, at=timezone.now(), identity="e1", edition=edition.public,
        delivery_id=frozen.readers[0].delivery_id, batch=frozen.batch.public, request="1",
    )  # fmt: skip
    if not event_first:
        frozen.wakes()
    store.keep([event])
    apply.apply_waiting()
    if event_first:
        frozen.wakes()
    assert sorted(Delivery.objects.values_list("status", flat=True)) == ["accepted", "accepted", "delivered"]
    assert counts(edition) == (3, 0, 0)


def test_no_policy_mails_again_who_was_taken_late(edition, frozen, transport):
    Newsletter.objects.update(on_unknown="resend")
    frozen.wakes()
    Batch.objects.update(finished_at=timezone.now() - timedelta(hours=3))
    sweep.run()
    assert not send.send_next(transport)


def test_no_policy_mails_again_what_may_have_been_in_a_request_that_was_taken(edition):
    # Given a batch that was lost in two attempts, of which one is proven: nobody knows who was in which
    first = Delivery.objects.earliest("pk").pk
    soon = timezone.now() - timedelta(seconds=1)
    lost = {first: Unknown(first, "lost")}
    send.send_next(MemoryTransport(answer=lambda r: lost.get(r.delivery_id) or Rejected(r.delivery_id, "busy", soon)))
    Batch.objects.update(not_before=None)
    send.send_next(MemoryTransport(answer=lambda reader: Unknown(reader.delivery_id, "lost")))
    resolve.by_evidence(Batch.objects.get(), "2")
    Batch.objects.update(finished_at=timezone.now() - timedelta(hours=3))
    Newsletter.objects.update(on_unknown="resend")
    assert policy.follow() == 0
    assert resolve.was_taken(Batch.objects.get())
    Newsletter.objects.update(on_unknown="drop")
    assert policy.follow() == 3
