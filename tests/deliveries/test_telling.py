"""Staff are told how a send begins late, stops by itself and ends; each once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter.deliveries import breaker, plan, send, sweep
from newsletter.deliveries.models import Batch
from newsletter.editions.models import Edition
from newsletter.letters import render
from newsletter.letters.models import Letter
from newsletter.newsletters.models import Role, Staff
from newsletter.transports.base import Rejected
from newsletter.transports.memory import MemoryTransport
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture(autouse=True)
def sender(db):
    return Staff.objects.create(email="ada@meridian.example", role=Role.SENDER)


@pytest.fixture
def scheduled(newsletter):
    builders.add_readers(newsletter, 6)
    return builders.scheduled_edition(newsletter)


def told():
    return [(letter.kind, render.content_of(letter).text) for letter in Letter.objects.order_by("pk")]


def test_a_sent_edition_is_told_once_with_its_counts(scheduled, sent, transport):
    sent(scheduled, transport)
    sweep.run()
    ((kind, text),) = told()
    assert kind == "edition-sent"
    assert text.startswith("The Meridian No. 1 is out: 6 of 6 copies were taken.")


def test_a_send_that_begins_on_time_is_no_news_and_a_late_one_is(scheduled):
    plan.begin_due()
    assert told() == []
    Edition.objects.update(status="scheduled", send_at=timezone.now() - timedelta(hours=2, minutes=5, seconds=10))
    plan.begin_due()
    plan.begin_due()
    ((kind, text),) = told()
    assert kind == "late-start"
    assert "2 h 5 min late" in text


def test_a_send_that_the_breaker_stops_is_told_with_the_reason(scheduled, planned):
    planned(scheduled)
    Batch.objects.update(status="done", accepted=400, bounced=100, finished_at=timezone.now())
    breaker.watch()
    breaker.watch()
    ((kind, text),) = told()
    assert kind == "edition-paused"
    assert "accepted copies bounced" in " ".join(text.split())


def test_a_refused_key_is_told_once_however_many_batches_meet_it(scheduled, planned):
    planned(scheduled)
    later = timezone.now() + timedelta(minutes=1)
    refusing = MemoryTransport(
        answer=lambda reader: Rejected(reader.delivery_id, "The key was refused.", later, stop=True)
    )
    while send.send_next(refusing):
        pass
    assert [kind for kind, _ in told()] == ["edition-paused"]
