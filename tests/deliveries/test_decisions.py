"""What a person decides: on the record, counted, and never twice by accident."""

from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter.deliveries import claim, resolve, send, status, sweep
from newsletter.deliveries.models import Batch
from newsletter.deliveries.resolve import Decision
from newsletter.editions import approve
from newsletter.editions.models import Edition
from newsletter.errors import Refused
from newsletter.newsletters.models import AuditEntry, Staff
from newsletter.transports.base import Accepted, Rejected, Unknown
from newsletter.transports.memory import MemoryTransport
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def edition(newsletter, planned):
    builders.add_readers(newsletter, 7)
    return planned(builders.scheduled_edition(newsletter))


@pytest.fixture
def staff():
    return Staff.objects.create(email="sender@example.org", role="sender")


@pytest.fixture
def lost(edition) -> Batch:
    """A batch of three whose worker died while handing it over."""
    batch = claim.claim()
    send.intend(batch, "memory")
    Batch.objects.filter(pk=batch.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    sweep.sweep()
    batch.refresh_from_db()
    assert batch.unknown == 3
    return batch


def send_all(transport):
    while send.send_next(transport):
        pass
    sweep.run()


def test_unknown_copies_that_arrived_are_taken_as_accepted(edition, lost, staff, transport):
    assert resolve.resolve(lost, Decision.ACCEPTED, staff, "the provider's log shows them") == 3
    send_all(transport)
    found = status.audit(edition)
    assert (found.balanced, found.counts.accepted, found.counts.unknown) == (True, 7, 0)
    assert len(transport.copies) == 4
    entry = AuditEntry.objects.get(verb="resolve")
    assert (entry.staff, entry.detail["copies"]) == (staff, 3)


def test_unknown_copies_that_are_dropped_are_skipped_and_no_retry_offers_them(edition, lost, staff, transport):
    resolve.resolve(lost, Decision.DROP, staff, "better not twice")
    send_all(transport)
    found = status.audit(edition)
    assert (found.balanced, found.counts.accepted, found.counts.skipped) == (True, 4, 3)
    with pytest.raises(Refused, match="no rejected copies"):
        resolve.retry(edition, staff)


@pytest.mark.parametrize("decision", list(Decision))
def test_a_decision_leaves_the_rest_of_a_batch_its_work(edition, staff, transport, decision):
    # Given a batch of which one copy is unknown and two wait for another try
    first = Batch.objects.order_by("pk")[0].deliveries.order_by("pk").values_list("pk", flat=True)[0]
    soon = timezone.now() - timedelta(seconds=1)
    mixed = MemoryTransport(
        answer=lambda r: (
            Unknown(r.delivery_id, "lost at the dot")
            if r.delivery_id == first
            else Rejected(r.delivery_id, "later", not_before=soon)
        )
    )
    send.send_next(mixed)
    batch = Batch.objects.order_by("pk")[0]
    assert (batch.status, batch.unknown) == ("pending", 1)
    # When somebody decides on the one
    resolve.resolve(batch, decision, staff, "")
    # Then the two still go out, and nobody is missed
    Batch.objects.update(not_before=None)
    send_all(transport)
    found = status.audit(edition)
    assert (found.balanced, found.counts.pending, found.counts.unknown) == (True, 0, 0)
    assert len(transport.copies) == (7 if decision == Decision.RESEND else 6)


def test_a_decision_while_the_batch_is_on_the_wire_loses_no_answer(edition, staff, transport):
    # Given a batch with an unknown copy whose others are being handed over again
    first = Batch.objects.order_by("pk")[0].deliveries.order_by("pk").values_list("pk", flat=True)[0]
    soon = timezone.now() - timedelta(seconds=1)
    send.send_next(
        MemoryTransport(
            answer=lambda r: (
                Unknown(r.delivery_id, "lost")
                if r.delivery_id == first
                else Rejected(r.delivery_id, "later", not_before=soon)
            )
        )
    )
    Batch.objects.update(not_before=None)

    def answer(reader):
        batch = Batch.objects.order_by("pk")[0]
        if batch.unknown:
            resolve.resolve(batch, Decision.DROP, staff, "")
        return Accepted(reader.delivery_id)

    send_all(MemoryTransport(answer=answer))
    found = status.audit(edition)
    assert (found.balanced, found.counts.accepted, found.counts.skipped) == (True, 6, 1)


def test_an_audit_calls_a_closed_edition_with_waiting_copies_a_fault(edition, transport):
    Edition.objects.update(status="sent")
    found = status.audit(edition)
    assert not found.balanced
    assert "7 copies are still pending" in found.faults[0]


def test_nothing_of_a_cancelled_edition_is_sent_again(edition, lost, staff):
    resolve.cancel(edition, staff)
    with pytest.raises(Refused, match="nothing of it goes out again"):
        resolve.resolve(lost, Decision.RESEND, staff, "")


def test_unknown_copies_are_sent_again_in_a_new_batch_only_when_somebody_says_so(edition, lost, staff, transport):
    send_all(transport)
    assert len(transport.copies) == 4
    resolve.resolve(lost, Decision.RESEND, staff, "nothing in the provider's log")
    send_all(transport)
    assert len({copy.reader.address for copy in transport.copies}) == len(transport.copies) == 7
    found = status.audit(edition)
    assert (found.balanced, found.counts.accepted, found.counts.unknown) == (True, 7, 0)
    assert Batch.objects.filter(edition=edition).count() == 4
    assert Edition.objects.get().status == "sent"


def test_a_batch_without_unknown_copies_has_nothing_to_resolve(edition, transport, staff):
    send_all(transport)
    with pytest.raises(Refused, match="no unknown copies"):
        resolve.resolve(Batch.objects.first(), Decision.RESEND, staff, "")


def test_retry_offers_the_rejected_and_nobody_else(edition, staff, transport):
    # Given an edition that two readers' servers refused
    refusing = {"reader1@example.org", "reader5@example.org"}
    picky = MemoryTransport(
        answer=lambda r: Rejected(r.delivery_id, "550") if r.address in refusing else Accepted(r.delivery_id)
    )
    send_all(picky)
    assert Edition.objects.get().status == "sent"
    # When somebody retries
    assert resolve.retry(edition, staff) == 2
    send_all(transport)
    # Then exactly these two were offered again, and the ledger balances
    assert {copy.reader.address for copy in transport.copies} == refusing
    found = status.audit(edition)
    assert (found.balanced, found.counts.accepted, found.counts.rejected) == (True, 7, 0)
    assert Edition.objects.get().status == "sent"


def test_retry_without_rejected_copies_is_refused(edition, staff, transport):
    send_all(transport)
    with pytest.raises(Refused, match="no rejected copies"):
        resolve.retry(edition, staff)


def test_cancelling_in_mid_send_skips_what_waits_and_keeps_what_went(edition, staff, transport):
    send.send_next(transport)
    assert resolve.cancel(edition, staff) == 4
    assert not send.send_next(transport)
    found = status.audit(edition)
    assert (found.balanced, found.counts.accepted, found.counts.skipped) == (True, 3, 4)
    assert Edition.objects.get().status == "cancelled"


def test_a_hand_over_under_way_is_still_recorded_after_a_cancel(edition, staff, transport):
    # Given a worker in the middle of its hand-over when somebody cancels
    def answer(reader):
        if Edition.objects.get().status == "sending":
            resolve.cancel(edition, staff)
        return Accepted(reader.delivery_id)

    send.send_next(MemoryTransport(answer=answer))
    found = status.audit(edition)
    assert (found.balanced, found.counts.accepted, found.counts.skipped) == (True, 3, 4)


def test_what_was_put_off_is_skipped_once_its_edition_is_cancelled(edition, staff):
    # Given a hand-over that is put off while somebody cancels
    def answer(reader):
        if Edition.objects.get().status == "sending":
            resolve.cancel(edition, staff)
        return Rejected(reader.delivery_id, "451", not_before=timezone.now())

    send_all(MemoryTransport(answer=answer))
    found = status.audit(edition)
    assert (found.balanced, found.counts.pending, found.counts.skipped) == (True, 0, 7)


def test_cancelling_what_was_sent_is_refused(edition, staff, transport):
    send_all(transport)
    with pytest.raises(Refused, match="is sent"):
        resolve.cancel(edition, staff)


def test_a_paused_edition_can_be_cancelled(edition, staff):
    approve.pause(edition, staff, "wrong photo")
    assert resolve.cancel(edition, staff) == 7
