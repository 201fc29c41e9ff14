"""What the beat rings of tracking, rung as a worker would: each bell does its room's work."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter.deliveries.models import Delivery
from newsletter.editions.models import Edition
from newsletter.letters.models import Letter
from newsletter.newsletters.models import Role, Staff
from newsletter.subscribers.models import Subscription
from newsletter.tracking import apply
from newsletter.tracking.models import Click, Event
from newsletter.transports.memory import MemoryTransport
from tests import builders
from tests.deliveries.conftest import planned, sent
from tests.tracking.nights import nightly, over
from tests.tracking.told import happens, told
from tests.transports.conftest import sendgrid
from workers import tasks

__all__ = ["nightly", "planned", "sendgrid", "sent"]
pytestmark = pytest.mark.django_db


def ring(task):
    task.apply(throw=True)


@pytest.fixture
def copies(newsletter, sent):
    builders.add_readers(newsletter, 2)
    sent(builders.scheduled_edition(newsletter), MemoryTransport())
    return list(Delivery.objects.select_related("edition", "batch").order_by("pk"))


def test_reconcile_lists_reads_the_lists_and_the_log(copies, nightly, sendgrid):
    left = Subscription.objects.get(subscriber__email="reader1@example.org")
    sendgrid.asked.lists = {"unsubscribes": [{"email": "reader1@example.org", "created": 1_780_000_000}]}
    ring(tasks.reconcile_lists)
    apply.apply_waiting()
    left.refresh_from_db()
    assert left.status == "unsubscribed"
    # A night that fails keeps nobody from asking the log
    over()
    sendgrid.asked.status = 500
    ring(tasks.reconcile_lists)


def test_unpark_events_lets_wait_again_what_came_before_its_copy(copies):
    early = replace(told(copies[0], "delivered"), edition="00000000000000ff")
    happens(early)
    assert Event.objects.get().state == "parked"
    Edition.objects.update(public_id=0xFF)
    ring(tasks.unpark_events)
    apply.apply_waiting()
    assert Delivery.objects.get(pk=copies[0].pk).status == "delivered"


def test_judge_clicks_tells_people_and_machines_apart(copies, monkeypatch):
    rung = []
    monkeypatch.setattr(tasks.judge_clicks, "delay", lambda: rung.append("again"))  # no broker is here
    long_ago = timezone.now() - timedelta(minutes=20)
    for item in range(1, 5):
        Click.objects.create(edition=copies[0].edition, item=item, kind="click", at=long_ago, visit="aaaa")
    ring(tasks.judge_clicks)
    ring(tasks.judge_clicks)
    assert rung == ["again"]
    assert set(Click.objects.values_list("judged", "machine", "visit")) == {(True, "burst", "")}


def test_tell_reports_writes_the_mail_that_is_due(copies):
    Staff.objects.create(email="editor@meridian.example", role=Role.EDITOR)
    Edition.objects.update(finished_at=timezone.now() - timedelta(hours=1, minutes=1))
    ring(tasks.tell_reports)
    assert Letter.objects.filter(kind="edition-report").count() == 1
