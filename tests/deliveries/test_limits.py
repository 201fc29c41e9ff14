"""Permission to claim: what the provider asked for, the day's quota, and the rate of all workers together."""

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter import config
from newsletter.deliveries import limits, send, status, tokens
from newsletter.deliveries.guard import Open
from newsletter.deliveries.models import Batch, TransportState
from newsletter.transports.base import Rejected, Transport
from newsletter.transports.memory import MemoryTransport
from tests import builders
from tests.servers import broker as broker_server
from tests.servers.broker import Broker

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


class Limited(Open):
    """The limits alone."""

    def turn(self, transport: Transport) -> limits.Turn | None:
        return limits.turn(transport)

    def unused(self, transport: Transport, batch: Batch, copies: int) -> None:
        limits.unused(transport.name, batch, copies)


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    with broker_server.running() as running:
        yield running


@pytest.fixture
def limited(broker: Broker, monkeypatch: pytest.MonkeyPatch):
    """Limits as settings give them, over a real server."""

    def configure(**names: str) -> None:
        for name, value in {"REDIS_URL": broker.url, **names}.items():
            monkeypatch.setenv(name, value)
        for cached in (config.current, tokens._redis, tokens._script):
            cached.cache_clear()

    broker.client.flushall()
    yield configure
    monkeypatch.undo()
    for cached in (config.current, tokens._redis, tokens._script):
        cached.cache_clear()


@pytest.fixture
def edition(newsletter, planned):
    builders.add_readers(newsletter, 9)
    return planned(builders.scheduled_edition(newsletter))


def test_without_limits_everything_goes(edition, transport, limited):
    limited()
    while send.send_next(transport, Limited()):
        pass
    assert len(transport.copies) == 9


def test_without_redis_nothing_new_is_claimed(edition, transport, limited):
    limited(REDIS_URL="unix:///tmp/no-such-server.sock")
    assert not send.send_next(transport, Limited())
    assert set(Batch.objects.values_list("status", flat=True)) == {"pending"}


def test_a_provider_that_asks_for_a_pause_is_left_alone_by_every_worker(edition, transport, limited):
    # Given a provider that tells one worker to wait a minute
    limited()
    later = timezone.now() + timedelta(minutes=1)
    pausing = MemoryTransport(answer=lambda r: Rejected(r.delivery_id, "Too many.", not_before=later, all_wait=True))
    send.send_next(pausing, Limited())
    # Then no worker claims another batch, and the status says why
    assert not send.send_next(transport, Limited())
    assert limits.standing("memory").startswith("Too many. Nothing goes out before")
    # When the minute is over, the rest goes out
    TransportState.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    Batch.objects.update(not_before=None)
    while send.send_next(transport, Limited()):
        pass
    assert len(transport.copies) == 9


def test_a_shorter_pause_never_cuts_a_longer_one(edition):
    limits.rest("memory", timezone.now() + timedelta(hours=1), "an hour")
    limits.rest("memory", timezone.now() + timedelta(minutes=1), "a minute")
    assert TransportState.objects.get().reason == "an hour"


def test_a_used_up_quota_holds_the_rest_until_tomorrow_and_says_so(edition, transport, limited):
    limited(NEWSLETTER_DAILY_QUOTA="6", NEWSLETTER_TRANSPORT="outbox")
    transport.name = "outbox"
    while send.send_next(transport, Limited()):
        pass
    assert len(transport.copies) == 6
    assert status.progress([edition])[0].waits == (
        "Today's quota of 6 copies is used up; the rest waits for tomorrow (UTC)."
    )
    # When it is tomorrow, the rest goes out
    TransportState.objects.update(used_on=timezone.now().date() - timedelta(days=1))
    while send.send_next(transport, Limited()):
        pass
    assert len(transport.copies) == 9
    assert status.audit(edition).balanced


def test_two_workers_together_keep_the_rate(limited, broker):
    # Given a limit of 200 copies a second, and batches of 20
    limited()
    bucket = tokens.Bucket("memory", rate=200, batch=20)
    # When permission is asked for as often as possible
    started, granted = time.monotonic(), 0
    while time.monotonic() - started < 1.0:
        (wait,) = tokens.take([bucket], 20)
        granted += 20 if not wait else 0
        time.sleep(min(wait, 0.01))
    elapsed = time.monotonic() - started
    # Then what was granted is the burst of one second plus the rate, and not a batch more
    assert 200 * elapsed <= granted <= 200 + 200 * elapsed + 20


def test_a_batch_larger_than_the_rate_still_gets_its_turn(limited):
    limited()
    bucket = tokens.Bucket("memory", rate=10, batch=50)
    assert tokens.take([bucket], 50) == [0]
    (wait,) = tokens.take([bucket], 50)
    assert 4.5 < wait <= 5.0
