"""Copies that were taken, and SendGrid, who tells what became of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest
from django.test import Client

from newsletter import config
from newsletter.deliveries.models import Delivery
from newsletter.transports.memory import MemoryTransport
from tests import builders
from tests.deliveries.conftest import newsletter, planned, sent
from tests.fakes.sendgrid_webhook import SENDER

__all__ = ["newsletter", "planned", "sent"]
URL = "/webhooks/sendgrid"


@pytest.fixture
def settings_of(monkeypatch) -> Iterator[Callable[..., None]]:
    def set_(**names: str) -> None:
        for name, value in names.items():
            monkeypatch.setenv(name, value)
        config.current.cache_clear()

    set_(SENDGRID_WEBHOOK_PUBLIC_KEY=SENDER.public_key)
    yield set_
    monkeypatch.undo()
    config.current.cache_clear()


@pytest.fixture
def copies(settings_of, newsletter, sent) -> list[Delivery]:
    """Three accepted copies in one batch."""
    builders.add_readers(newsletter, 3)
    sent(builders.scheduled_edition(newsletter), MemoryTransport(batch_size=3))
    return list(Delivery.objects.select_related("edition", "batch").order_by("pk"))


@pytest.fixture
def deliver(client: Client) -> Callable[..., int]:
    """Post a body, signed unless headers are given; returns the status."""

    def post(body: bytes, headers: Mapping[str, str] | None = None, sender=SENDER) -> int:
        headers = sender.headers(body) if headers is None else headers
        return client.post(URL, body, content_type="application/json", headers=dict(headers)).status_code

    return post


@pytest.fixture
def sendgrid_says(deliver) -> Callable[..., int]:
    def say(events: Sequence[Mapping[str, Any]]) -> int:
        return deliver(SENDER.body(events))

    return say


def args_of(copy: Delivery) -> dict[str, str]:
    """The custom arguments that the copy's request carried."""
    return {"nl_delivery": f"{copy.edition.public}.{copy.pk}", "nl_batch": copy.batch.public, "nl_attempt": "1"}
