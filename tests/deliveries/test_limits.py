"""Permission to claim: what the provider asked for, the day's quota, and the rate of all workers together."""

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter import config, config_values
from newsletter.deliveries import limits, send, status, tokens
from newsletter.deliveries.guard import Open
from newsletter.deliveries.models import Batch, TransportState
from newsletter.subscribers.mailboxes import Mailbox
from newsletter.subscribers.models import Subscriber, Subscription
from newsletter.transports.base import Accepted, Rejected, Transport, Unknown
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


def test_what_was_the_last_that_there_is_room_for_lets_every_worker_rest(limited, edition):
    limited()
    soon = timezone.now() + timedelta(minutes=1)
    full = MemoryTransport(batch_size=3, answer=lambda reader: Accepted(reader.delivery_id, rest_until=soon))
    assert send.send_next(full, Limited())
    assert not send.send_next(full, Limited())
    assert "takes no more just now" in limits.standing("memory")
    assert status.audit(edition).counts.accepted == 3


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


def test_one_provider_out_of_tokens_does_not_hold_up_the_others(newsletter, planned, transport, limited, monkeypatch):
    # Given six readers at Gmail, which gets three copies in a long while, and three elsewhere
    builders.add_readers(newsletter, 9)
    gmail = Subscriber.objects.order_by("pk").values_list("pk", flat=True)[:6]
    Subscriber.objects.filter(pk__in=list(gmail)).update(mailbox="gmail")
    planned(builders.scheduled_edition(newsletter))
    limited(NEWSLETTER_MAILBOX_RATES="gmail=1")
    monkeypatch.setattr(limits, "PATIENCE", 0.0)
    while send.send_next(transport, Limited()):
        pass
    # Then one batch of Gmail's waits for tokens, and nothing else
    assert len(transport.copies) == 6
    assert list(Batch.objects.filter(status="pending").values_list("mailbox", flat=True)) == ["gmail"]


def test_a_claim_that_another_worker_won_costs_no_tokens(edition, transport, limited):
    limited(NEWSLETTER_RATE="1", NEWSLETTER_MAILBOX_RATES="other=1", NEWSLETTER_DAILY_QUOTA="3")
    turn, batch = limits.turn(transport), Batch.objects.first()
    assert turn.take(batch)
    turn.give_back(batch)
    assert limits.turn(transport).take(batch)


def test_the_quota_is_never_exceeded(edition, transport, limited):
    # Given a quota that no whole number of batches fills
    limited(NEWSLETTER_DAILY_QUOTA="8", NEWSLETTER_TRANSPORT="outbox")
    transport.name = "outbox"
    while send.send_next(transport, Limited()):
        pass
    assert len(transport.copies) == 6
    assert status.progress([edition])[0].waits == (
        "Today's quota of 8 copies has 2 left, fewer than a batch; the rest waits for tomorrow (UTC)."
    )


def test_two_that_ask_for_the_last_of_the_quota_do_not_both_get_it(edition, transport, limited):
    limited(NEWSLETTER_DAILY_QUOTA="3")
    first, second = limits.turn(transport), limits.turn(transport)
    one, other, _ = Batch.objects.order_by("pk")
    assert first.take(one)
    assert not second.take(other)
    assert TransportState.objects.get().used == 3


def test_who_is_skipped_leaves_room_in_the_quota(edition, transport, limited):
    limited(NEWSLETTER_DAILY_QUOTA="6")
    Subscription.objects.filter(subscriber__deliveries__batch=Batch.objects.first()).update(status="unsubscribed")
    while send.send_next(transport, Limited()):
        pass
    assert len(transport.copies) == 6
    assert TransportState.objects.get().used == 6


def test_an_outage_does_not_use_up_the_days_quota(edition, transport, limited):
    # Given a quota for the whole edition, and a provider that cannot be reached for a while
    limited(NEWSLETTER_DAILY_QUOTA="9")
    past = timezone.now() - timedelta(seconds=1)
    down = MemoryTransport(batch_size=3, answer=lambda r: Rejected(r.delivery_id, "no way there", not_before=past))
    for _ in range(4):
        assert send.send_next(down, Limited())
        Batch.objects.update(not_before=None)
    assert TransportState.objects.get().used == 0
    # When it is back, everybody gets their copy; what was refused for good, taken or lost counts
    answers = iter([Rejected, Unknown])
    ending = MemoryTransport(answer=lambda r: next(answers, Accepted)(r.delivery_id, "so"))
    while send.send_next(ending, Limited()):
        pass
    assert len(ending.copies) == 7
    assert TransportState.objects.get().used == 9


def test_a_quota_that_no_batch_fits_any_day_says_how_to_mend_it(edition, transport, limited):
    limited(NEWSLETTER_DAILY_QUOTA="2")
    assert not send.send_next(transport, Limited())
    assert limits.standing("memory") == (
        "A batch of 3 copies fits no day's quota of 2 and waits for ever: raise NEWSLETTER_DAILY_QUOTA to 3 at least,"
        " or set it to 0 for no limit."
    )


def test_batches_are_no_larger_than_the_quota(newsletter, limited, planned):
    limited(NEWSLETTER_DAILY_QUOTA="2")
    builders.add_readers(newsletter, 5)
    edition = planned(builders.scheduled_edition(newsletter))
    assert sorted(edition.batches.values_list("size", flat=True)) == [1, 2, 2]


def test_yesterday_never_comes_back(limited, transport):
    limited(NEWSLETTER_DAILY_QUOTA="5")
    tomorrow = timezone.now().date() + timedelta(days=1)
    TransportState.objects.create(name="memory", used_on=tomorrow, used=4)
    assert not limits.permit(transport, copies=1)
    assert TransportState.objects.get().used == 4


@pytest.mark.parametrize(
    ("text", "rates"), [("gmail=20, yahoo=10", {"gmail": 20, "yahoo": 10}), ("other = 5,", {"other": 5}), ("", {})]
)
def test_rates_are_read_and_written_alike(text, rates):
    assert config_values.rates(text) == rates
    assert config_values.rates(str(config_values.rates(text))) == rates


@pytest.mark.parametrize("text", ["gmail", "gmail=0", "gmail=-1", "gmial=3", "gmail=1,gmail=2", "gmail=fast", "=3"])
def test_a_rate_that_cannot_be_is_refused(text):
    with pytest.raises(ValueError, match=r"write it as|use a whole number"):
        config_values.rates(text)


def test_a_rate_can_be_set_for_every_provider():
    assert list(config_values.MAILBOXES) == Mailbox.values
