"""What staff may ask and do about one reader."""

import json

import pytest
from django.utils import timezone

from newsletter.deliveries.models import Delivery
from newsletter.subscribers.models import Subscriber
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader():
    newsletter = builders.make_newsletter()
    (subscription,) = builders.add_readers(newsletter, 1)
    Delivery.objects.create(
        edition=builders.scheduled_edition(newsletter), subscriber=subscription.subscriber, address_key="k",
        status="excluded", reason="paused", updated_at=timezone.now(),
    )  # fmt: skip
    return subscription.subscriber


def test_why_says_what_became_of_each_copy(reader, invoke):
    assert json.loads(invoke("subscriber", "why", reader.email, "--json").stdout)["reason"] == "paused"


def test_export_prints_everything(reader, invoke):
    facts = json.loads(invoke("subscriber", "export", reader.email).stdout)
    assert (facts["address"], facts["editions"][0]["reason"]) == (reader.email, "paused")


def test_erasing_asks_first(reader, invoke):
    assert invoke("subscriber", "erase", reader.email).code == 5
    assert Subscriber.objects.get().email
    assert invoke("subscriber", "erase", reader.email, "--yes").code == 0
    assert Subscriber.objects.get().email is None
    assert invoke("subscriber", "show", reader.email).code == 2
