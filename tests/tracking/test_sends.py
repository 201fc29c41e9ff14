"""Sends that do not get on, stopped, left something open or do not add up."""

from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter.deliveries import limits, plan, send, sweep
from newsletter.deliveries.models import Batch, Delivery
from newsletter.editions import approve
from newsletter.editions.models import Edition
from newsletter.transports.base import Unknown
from newsletter.transports.memory import MemoryTransport
from tests import builders
from tests.tracking.conftest import ago

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def sending(newsletter, edition):
    """Planned, in batches of three, and not a copy handed over yet."""
    builders.add_readers(newsletter, 6)
    plan.begin_due()
    while plan.plan_next(batch_size=3):
        pass
    edition.refresh_from_db()
    assert edition.status == "sending"
    return edition


def test_a_send_on_its_way_is_fine(sending, seen):
    assert seen() == {}


def test_a_send_without_progress_for_ten_minutes_is_stuck(sending, seen):
    Edition.objects.update(started_at=ago(minutes=11), created_at=ago(hours=1))
    found = seen()["send-stuck"]
    assert (found.level, found.command) == ("page", f"newsletter batch list --edition {sending.pk}")


def test_progress_a_minute_ago_is_progress(sending, seen):
    send.send_next(MemoryTransport())
    Edition.objects.update(started_at=ago(minutes=30), created_at=ago(hours=1))
    assert seen() == {}


@pytest.mark.parametrize("asks", ["the batches", "the provider"])
def test_a_send_that_was_asked_to_wait_is_not_stuck(sending, seen, asks):
    Edition.objects.update(started_at=ago(minutes=30), created_at=ago(hours=1))
    later = timezone.now() + timedelta(minutes=5)
    if asks == "the batches":
        Batch.objects.update(not_before=later)
    else:
        limits.rest("outbox", later, "The provider asked for a pause.")
    assert "send-stuck" not in seen()


def test_a_worker_that_died_with_the_last_batch_and_no_sweep_is_stuck(sending, seen):
    Edition.objects.update(started_at=ago(minutes=30), created_at=ago(hours=1))
    Batch.objects.update(status="claimed", lease_until=ago(minutes=10))
    assert "send-stuck" in seen()


def test_planning_that_does_not_end_is_told(edition, seen):
    Edition.objects.update(status="planning", started_at=ago(minutes=16))
    assert seen()["planning-stuck"].level == "page"


def test_a_send_of_hours_is_a_matter_for_the_morning(sending, seen):
    Edition.objects.update(started_at=ago(hours=7))
    assert seen()["send-slow"].level == "morning"


def test_a_send_that_stopped_by_itself_is_told_at_once_and_one_that_a_person_paused_later(sending, seen):
    approve.pause(sending, None, "Stopped by the breaker: 7.0 % of 400 copies were refused.")
    found = seen()["paused"]
    assert found.level == "page"
    assert "7.0 %" in found.words


def test_what_a_person_paused_is_asked_about_when_it_seems_forgotten(sending, admin, seen):
    approve.pause(sending, admin, "paused by Ada")
    assert "paused" not in seen()
    assert seen(timezone.now() + timedelta(hours=13))["paused"].level == "morning"


def test_unknown_copies_are_told_after_an_hour(sending, seen):
    doubtful = MemoryTransport(answer=lambda reader: Unknown(reader.delivery_id, "lost"))
    while send.send_next(doubtful):
        pass
    sweep.run()
    assert "unknown" not in seen()
    Batch.objects.update(finished_at=ago(minutes=61))
    found = seen()["unknown"]
    assert "6 unknown copies" in found.words
    # A newsletter whose policy decides later by itself has its turn first
    sending.newsletter.on_unknown = "drop"
    sending.newsletter.save()
    assert "unknown" not in seen()


def test_a_ledger_that_does_not_add_up_is_told(sending, seen):
    while send.send_next(MemoryTransport()):
        pass
    sweep.run()
    assert seen() == {}
    Delivery.objects.filter(pk=Delivery.objects.latest("pk").pk).delete()
    found = seen()["unbalanced"]
    assert (found.level, found.command) == ("page", f"newsletter edition audit {sending.pk}")


def test_batches_that_hold_another_number_than_was_planned_are_told_in_mid_send(sending, seen):
    Edition.objects.update(planned=7)
    assert "unbalanced" in seen()
