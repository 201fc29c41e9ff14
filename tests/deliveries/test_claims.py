"""Who owns a batch: one worker, for one lease; whoever lost it writes nothing."""

from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter import clock, faults
from newsletter.deliveries import claim, send, status, sweep
from newsletter.deliveries.models import Batch, Delivery
from newsletter.editions import approve
from newsletter.subscribers import consent
from newsletter.subscribers.models import Consent, Subscriber, Subscription, Suppression
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def edition(newsletter, planned):
    builders.add_readers(newsletter, 3)
    return planned(builders.scheduled_edition(newsletter))


def _lease_runs_out():
    Batch.objects.update(lease_until=timezone.now() - timedelta(seconds=1))


def test_a_claimed_batch_is_nobody_elses(edition):
    assert claim.claim() is not None
    assert claim.claim() is None


def test_an_expired_claim_goes_back_because_nothing_was_sent(edition, transport):
    claim.claim()
    _lease_runs_out()
    assert sweep.sweep() == 1
    assert send.send_next(transport)
    assert len(transport.copies) == 3


def test_an_expired_hand_over_is_unknown_and_never_sent_again(edition, transport):
    # Given a worker that died after it wrote its intent
    batch = claim.claim()
    attempt, readers = send.intend(batch, "memory")
    assert len(readers) == 3
    _lease_runs_out()
    # When the sweep comes
    sweep.run()
    # Then its copies are unknown, counted, and no worker finds them
    edition.refresh_from_db()
    assert status.audit(edition).counts.unknown == 3
    assert not send.send_next(transport)
    assert transport.copies == []
    assert (edition.status, attempt.outcome) == ("sent", "")


def test_a_worker_that_wakes_before_its_intent_sends_nothing(edition):
    batch = claim.claim()
    _lease_runs_out()
    sweep.sweep()
    attempt, readers = send.intend(batch, "memory")
    assert attempt is None
    assert readers == []


def test_a_lease_that_may_end_before_a_hand_over_does_is_none_to_begin_with(edition):
    batch = claim.claim()
    Batch.objects.update(lease_until=timezone.now() + timedelta(seconds=119))  # a hand-over may take 120
    assert send.intend(batch, "memory") == (None, [])
    Batch.objects.update(lease_until=timezone.now() + timedelta(seconds=125))
    _, readers = send.intend(batch, "memory")
    assert len(readers) == 3


@pytest.mark.parametrize("point", ["send.claimed", "send.intended"])
@pytest.mark.parametrize("seconds", [61, 181])
def test_a_worker_that_froze_before_its_first_byte_mails_nobody_any_more(
    edition, transport, monkeypatch, point, seconds
):
    # Given a worker that freezes so long that its lease ends, or would before the hand-over does
    clock_stands = clock.ticking()
    monkeypatch.setattr(faults, "hook", lambda name: frozen.append(seconds) if name == point else None)
    frozen: list[int] = []
    monkeypatch.setattr(clock, "ticking", lambda: clock_stands + sum(frozen))
    # Then it mails nobody, and its copies go out with the next claim
    assert send.send_next(transport)
    assert transport.copies == []
    assert status.audit(edition).counts.pending == 3
    monkeypatch.undo()
    Batch.objects.update(not_before=None)
    assert send.send_next(transport)
    assert len(transport.copies) == 3


def test_a_live_lease_is_not_swept(edition):
    batch = claim.claim()
    send.intend(batch, "memory")
    assert sweep.sweep() == 0


def test_a_paused_edition_is_not_claimed_and_goes_on_after_resume(edition, transport):
    approve.pause(edition, None, "a wrong link")
    assert not send.send_next(transport)
    approve.resume(edition, None)
    assert send.send_next(transport)
    assert len(transport.copies) == 3


def test_a_pause_between_claim_and_intent_is_honoured(edition, transport):
    batch = claim.claim()
    approve.pause(edition, None, "wait")
    attempt, _ = send.intend(batch, "memory")
    assert attempt is None
    assert Batch.objects.get().status == "pending"


@pytest.mark.parametrize("source", [Consent.Source.ONE_CLICK, Consent.Source.STAFF])
def test_who_leaves_after_planning_is_skipped(edition, transport, source):
    consent.unsubscribe(Subscription.objects.order_by("pk")[0], source)
    send.send_next(transport)
    assert len(transport.copies) == 2
    found = status.audit(edition)
    assert found.balanced
    assert found.counts.skipped == 1
    assert Delivery.objects.get(status="skipped").reason == "unsubscribed"


def test_who_was_suppressed_after_planning_is_skipped(edition, transport):
    key = Delivery.objects.order_by("pk")[0].address_key
    Suppression.objects.create(address_key=key, reason="complaint")
    send.send_next(transport)
    assert len(transport.copies) == 2
    assert Delivery.objects.get(status="skipped").reason == "suppressed: complaint"


def test_who_moved_to_another_address_after_planning_is_judged_by_that_one(edition, transport):
    # Given two readers who moved, one from an address that is suppressed by now, one to such
    first, second, third = Delivery.objects.order_by("pk").select_related("subscriber")
    Suppression.objects.create(address_key=first.address_key, reason="hard_bounce")
    Suppression.objects.create(address_key="b" * 32, reason="complaint")
    Subscriber.objects.filter(pk=first.subscriber_id).update(email="new@example.org", address_key="a" * 32)
    Subscriber.objects.filter(pk=second.subscriber_id).update(email="barred@example.org", address_key="b" * 32)
    # When their batch goes out
    send.send_next(transport)
    # Then the first has their copy at the new address, the second none
    assert [copy.reader.address for copy in transport.copies] == ["new@example.org", third.subscriber.email]
    # And a bounce of that copy will be about the address that it went to
    first.refresh_from_db()
    assert first.address_key == "a" * 32


def test_a_batch_whose_readers_all_left_is_done_without_a_hand_over(edition, transport):
    Subscription.objects.update(status="unsubscribed")
    assert send.send_next(transport)
    assert Batch.objects.get().status == "done"
    assert status.audit(edition).counts.skipped == 3
