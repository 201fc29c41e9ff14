"""What staff may ask and do about one reader."""

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


def test_why_says_what_became_of_each_copy(reader, terminal):
    assert terminal("subscriber", "why", reader.email, "--json") == 0
    assert terminal.object["reason"] == "paused"


def test_export_prints_everything(reader, terminal):
    assert terminal("subscriber", "export", reader.email) == 0
    assert (terminal.object["address"], terminal.object["editions"][0]["reason"]) == (reader.email, "paused")


def test_erasing_asks_first(reader, terminal):
    assert terminal("subscriber", "erase", reader.email) == 5
    assert Subscriber.objects.get().email
    assert terminal("subscriber", "erase", reader.email, "--yes") == 0
    assert Subscriber.objects.get().email is None
    assert terminal("subscriber", "show", reader.email) == 2
