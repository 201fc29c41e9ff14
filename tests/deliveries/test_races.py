"""Two at once, on PostgreSQL, where the second waits for the first and then looks again."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from newsletter.deliveries import claim, policy, resolve, send, status, sweep
from newsletter.deliveries.models import Attempt, Batch, Delivery
from newsletter.deliveries.resolve import Decision
from newsletter.editions.models import Edition
from newsletter.newsletters import setup
from newsletter.newsletters.models import AuditEntry, Newsletter
from newsletter.subscribers import consent
from newsletter.subscribers.models import Consent, Subscription, Suppression
from newsletter.transports.base import Unknown
from newsletter.transports.memory import MemoryTransport
from tests import builders

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.postgres,
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer at a time"),
]
PATIENCE = 10.0  # seconds


@pytest.fixture
def edition(newsletter, planned):
    builders.add_readers(newsletter, 3)
    return planned(builders.scheduled_edition(newsletter))


class Second:
    """Work in a thread with a connection of its own; `answer` is what it returned."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self.answer: Any = None
        self._work = work
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.answer = self._work()
        finally:
            connections.close_all()

    def waits(self) -> None:
        """Until it waits for a lock that the first holds."""
        deadline = time.monotonic() + PATIENCE
        with connection.cursor() as cursor:
            while time.monotonic() < deadline:
                cursor.execute("SELECT COUNT(*) FROM pg_locks WHERE NOT granted")
                if cursor.fetchone()[0]:
                    return
        raise AssertionError("nobody waited for a lock")

    def ends(self) -> Any:
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()
        return self.answer


def test_a_cancel_that_is_first_keeps_a_claimed_batch_from_going_out(edition):
    batch = claim.claim()
    with transaction.atomic():
        resolve.cancel(Edition.objects.get(), None)
        worker = Second(lambda: send.intend(batch, "memory"))
        worker.waits()
    assert worker.ends() == (None, [])
    assert Batch.objects.get().status == "cancelled"
    assert not Attempt.objects.exists()


def test_a_sweep_that_is_first_keeps_a_late_worker_from_sending(edition):
    batch = claim.claim()
    with transaction.atomic():
        Batch.objects.select_for_update().get()
        worker = Second(lambda: send.intend(batch, "memory"))
        worker.waits()
        Batch.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        assert sweep.sweep() == 1
    assert worker.ends() == (None, [])
    assert Batch.objects.get().status == "pending"


def test_who_leaves_before_the_attempt_is_committed_is_skipped(edition, monkeypatch):
    # Given a reader whose leaving is committed while the attempt is written, but not committed yet
    leaver, suppressed, _ = Delivery.objects.order_by("pk")
    real, seen = send.move, []

    def leave():
        consent.unsubscribe(Subscription.objects.get(subscriber=leaver.subscriber_id), Consent.Source.ONE_CLICK)
        Suppression.objects.create(address_key=suppressed.address_key, reason="complaint")
        seen.append(Attempt.objects.count())

    def moving(*arguments):
        Second(leave).ends()
        return real(*arguments)

    batch = claim.claim()
    monkeypatch.setattr(send, "move", moving)
    attempt, readers = send.intend(batch, "memory")
    # Then nothing is handed over for them, and the batch counts them
    assert (seen, attempt.number, len(readers)) == ([0], 1, 1)
    assert Delivery.objects.get(pk=leaver.pk).reason == "unsubscribed"
    assert Delivery.objects.get(pk=suppressed.pk).reason == "suppressed: complaint"
    assert Batch.objects.get().skipped == 2
    assert status.audit(edition).balanced


def test_an_edition_is_not_closed_while_copies_of_it_are_put_back(edition):
    send.send_next(MemoryTransport(answer=lambda reader: Unknown(reader.delivery_id, "lost")))
    with transaction.atomic():
        resolve.resolve(Batch.objects.get(), Decision.RESEND, None, "")
        closing = Second(sweep.finish)
        closing.waits()
    closing.ends()
    assert Edition.objects.get().status == "sending"
    assert claim.claim() is not None


def test_a_copy_of_which_an_event_tells_while_its_batch_begins_is_not_handed_over(edition):
    # Given copies that go out a second time, and an event that tells of the first time of one
    batch = claim.claim()
    with transaction.atomic():
        told = Delivery.objects.earliest("pk")
        Delivery.objects.filter(pk=told.pk).update(status="delivered")
        worker = Second(lambda: send.intend(batch, "memory"))
        worker.waits()
    _, readers = worker.ends()
    assert len(readers) == 2
    assert told.pk not in {reader.delivery_id for reader in readers}


def test_a_copy_of_which_an_event_tells_while_its_batch_is_put_back_is_not_sent_again(edition):
    send.send_next(MemoryTransport(answer=lambda reader: Unknown(reader.delivery_id, "lost")))
    with transaction.atomic():
        told = Delivery.objects.earliest("pk")
        Delivery.objects.filter(pk=told.pk).update(status="delivered")
        person = Second(lambda: resolve.resolve(Batch.objects.get(), Decision.RESEND, None, ""))
        person.waits()
    assert person.ends() == 2
    told.refresh_from_db()
    assert told.status == "delivered"
    assert sorted(Delivery.objects.exclude(pk=told.pk).values_list("status", flat=True)) == ["pending"] * 2


@pytest.fixture
def lost(edition):
    """Three copies, unknown for two hours, of a newsletter that has such sent again."""
    send.send_next(MemoryTransport(answer=lambda reader: Unknown(reader.delivery_id, "lost")))
    Batch.objects.update(finished_at=timezone.now() - timedelta(hours=2))
    setup.change(edition.newsletter, {"on_unknown": "resend"}, [], None)
    return edition


def test_two_ticks_at_once_send_them_again_once(lost):
    with transaction.atomic():
        assert policy.follow() == 3
        second = Second(policy.follow)
        second.waits()
    assert second.ends() == 0
    assert sorted(Batch.objects.values_list("size", flat=True)) == [0, 3]
    assert AuditEntry.objects.filter(verb="resolve").count() == 1
    assert status.audit(lost).balanced


def test_a_person_who_is_first_has_decided(lost):
    with transaction.atomic():
        resolve.resolve(Batch.objects.get(), Decision.ACCEPTED, None, "the provider's log shows them")
        tick = Second(policy.follow)
        tick.waits()
    assert tick.ends() == 0
    assert status.audit(lost).counts.accepted == 3


def test_a_cancel_that_is_first_keeps_them_from_going_out(lost):
    with transaction.atomic():
        Edition.objects.select_for_update().get()
        tick = Second(policy.follow)
        tick.waits()
        Edition.objects.update(status="cancelled")
    assert tick.ends() == 0
    assert status.audit(lost).counts.unknown == 3


def test_whoever_goes_back_to_hold_is_obeyed_from_then_on(lost):
    with transaction.atomic():
        setup.change(Newsletter.objects.get(), {"on_unknown": "hold"}, [], None)
        tick = Second(policy.follow)
        tick.waits()
    assert tick.ends() == 0
    assert status.audit(lost).counts.unknown == 3
