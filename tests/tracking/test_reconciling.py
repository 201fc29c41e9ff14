"""What SendGrid remembers beyond its webhook: its lists, its log about unknown copies, and drift both ways (W13)."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter import config
from newsletter.deliveries import plan, send, status
from newsletter.deliveries.models import Batch, Delivery
from newsletter.editions.models import Edition
from newsletter.errors import ConfigError, Unreachable
from newsletter.subscribers import suppression
from newsletter.subscribers.models import Subscription, Suppression
from newsletter.tracking import apply, policy, reconcile, sendgrid_log, sendgrid_nightly, watchdog
from newsletter.tracking.models import Clerk, Event
from newsletter.transports.memory import MemoryTransport
from newsletter.transports.sendgrid_client import client_for
from newsletter.transports.sendgrid_state import SendGridState
from tests import builders
from tests.deliveries.conftest import planned, sent
from tests.fakes.sendgrid import KEY
from tests.fakes.sendgrid_webhook import SENDER
from tests.tracking.nights import nightly, over
from tests.tracking.told import happens, told
from tests.transports.conftest import sendgrid, transport_to

__all__ = ["nightly", "planned", "sendgrid", "sent"]
pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def state(sendgrid):
    return SendGridState(client_for(KEY, sendgrid.url))


@pytest.fixture
def readers(newsletter):
    return [each.subscriber for each in builders.add_readers(newsletter, 5)]


def entry(address, *, days_ago=1, **more):
    return {"email": address, "created": int(time.time()) - 86_400 * days_ago, **more}


def pull(state):
    *_, sums = reconcile.pull(state)
    apply.apply_waiting()
    return sums


def test_what_is_on_its_lists_about_our_readers_is_applied_once(readers, sendgrid, state):
    sendgrid.asked.lists = {
        "bounces": [entry("READER0@example.org", status="5.1.1", reason="550 no such user"), entry("other@else.org")],
        "invalid_emails": [entry("reader1@example.org")],
        "spam_reports": [entry("reader2@example.org")],
        "unsubscribes": [entry("reader3@example.org")],
        "blocks": [entry("reader4@example.org")],
    }
    sums = pull(state)
    assert (sums.theirs["bounces"], sums.ours["bounces"], sums.new) == (2, 1, 4)
    reasons = dict(Suppression.objects.values_list("address_key", "reason"))
    assert reasons == {
        readers[0].address_key: "hard_bounce",
        readers[1].address_key: "hard_bounce",
        readers[2].address_key: "complaint",
    }
    assert Subscription.objects.get(subscriber=readers[3]).status == "unsubscribed"
    assert Subscription.objects.get(subscriber=readers[4]).status == "active"
    assert pull(state).new == 0


def test_nothing_is_kept_of_strangers(readers, sendgrid, state):
    strangers = [entry("stranger@else.org"), entry(None), entry(7), entry("no address"), entry("\x00@\x00"), {}]
    sendgrid.asked.lists = {"bounces": strangers}
    assert pull(state).new == 0
    assert not Event.objects.exists()


def test_lists_are_read_page_by_page(readers, sendgrid, state):
    sendgrid.asked.lists = {"bounces": [entry(f"{n}@else.org") for n in range(1_200)]}
    seen = [sums.theirs["bounces"] for sums in reconcile.pull(state) if len(sums.theirs) == 1]
    assert seen == [500, 1_000, 1_200]


def test_drift_is_told_both_ways(readers, sendgrid, state):
    keys = [each.address_key for each in readers]
    Suppression.objects.create(address_key=keys[0], reason="hard_bounce")
    Suppression.objects.create(address_key=keys[1], reason="hard_bounce")
    suppression.release(keys[1], None, "their server was down")
    sendgrid.asked.lists = {"bounces": [entry("reader1@example.org")]}
    sums = pull(state)
    assert (sums.released, sums.only_here, sums.addresses) == (1, 1, ["reader1@example.org"])
    assert sendgrid_nightly.last().found["released"] == 1
    assert "addresses" not in sendgrid_nightly.last().found


def test_who_left_there_or_bounced_again_since_the_release_is_no_drift(readers, sendgrid, state):
    for each in readers[:2]:
        Suppression.objects.create(address_key=each.address_key, reason="hard_bounce")
        suppression.release(each.address_key, None, "mended")
    later = {"email": "reader1@example.org", "created": int(time.time()) + 60}
    sendgrid.asked.lists = {"unsubscribes": [entry("reader0@example.org")], "bounces": [later]}
    assert pull(state).released == 0


def test_a_list_that_condemns_too_many_at_once_is_held(readers, sendgrid, state, monkeypatch):
    monkeypatch.setattr(policy, "DOUBT_LEAST", 2)
    sendgrid.asked.lists = {"bounces": [entry(each.email) for each in readers]}
    pull(state)
    assert (Suppression.objects.count(), Event.objects.filter(state="held").count()) == (2, 3)


def test_a_key_without_the_right_and_a_provider_that_is_away_are_told(sendgrid, state):
    sendgrid.asked.status = 403
    with pytest.raises(ConfigError, match="suppression lists"):
        pull(state)
    sendgrid.asked.status = 500
    with pytest.raises(Unreachable, match="500"):
        pull(state)


def found():
    return {each.key.partition(":")[0]: each for each in watchdog.look()}


def test_it_is_done_once_a_night_by_whoever_comes_first(readers, nightly):
    assert sendgrid_nightly._claim(timezone.now())
    assert not sendgrid_nightly.pull_if_due()  # another has the lease
    over()
    assert sendgrid_nightly.pull_if_due()
    over()
    assert not sendgrid_nightly.pull_if_due()
    assert not sendgrid_nightly.pull_if_due(timezone.now() + timedelta(hours=19))
    assert sendgrid_nightly.pull_if_due(timezone.now() + timedelta(hours=21))
    assert Clerk.objects.count() == 1


def test_a_night_that_fails_is_tried_again_and_told(readers, nightly, sendgrid):
    sendgrid.asked.status = 403
    assert not sendgrid_nightly.pull_if_due()
    assert not found().keys() & {"lists-unread"}  # it may pass by itself
    Clerk.objects.update(open_since=timezone.now() - timedelta(hours=4))
    assert "does not let this key read its suppression lists" in found()["lists-unread"].words
    over()
    sendgrid.asked.status = 200
    sendgrid.asked.lists = {"bounces": [entry("reader0@example.org")]}
    assert sendgrid_nightly.pull_if_due()
    row = sendgrid_nightly.last()
    assert (row.open_since, row.fault, row.found["new"]) == (None, "", 1)
    assert not found().keys() & {"lists-unread"}


def test_a_night_that_is_cut_off_is_told_too(readers, nightly):
    assert sendgrid_nightly._claim(timezone.now() - timedelta(hours=4))
    assert "cut off" in found()["lists-unread"].words


def test_a_night_that_finds_released_addresses_dropped_is_told(readers, nightly, sendgrid):
    Suppression.objects.create(address_key=readers[1].address_key, reason="hard_bounce")
    suppression.release(readers[1].address_key, None, "their server was down")
    sendgrid.asked.lists = {"bounces": [entry("reader1@example.org")]}
    assert sendgrid_nightly.pull_if_due()
    assert found()["lists-drift"].words.startswith("1 address was released here")


@pytest.fixture
def lost(readers, newsletter, sendgrid):
    edition = builders.scheduled_edition(newsletter)
    plan.begin_due()
    while plan.plan_next(batch_size=10):
        pass
    sendgrid.behave("reset-after")
    assert send.send_next(transport_to(sendgrid.url))
    assert status.audit(edition).counts.unknown == 5
    return edition


def test_the_log_proves_an_unknown_batch(lost, sendgrid, state):
    """W5, W7: one logged message of one of its readers is enough."""
    assert sendgrid_log.ask_log(state) == 2
    apply.apply_waiting()
    found = status.audit(lost)
    assert (found.balanced, found.counts.accepted, found.counts.unknown) == (True, 5, 0)
    assert Batch.objects.get().status == "done"
    assert sendgrid_log.ask_log(state) == 0


def test_a_run_asks_about_a_few_unknown_batches_and_the_next_about_those_that_follow(lost, monkeypatch):
    # Given five batches of which nobody knows, and room for two in a run
    batch, now = Batch.objects.get(), timezone.now()
    for number in range(2, 6):
        Batch.objects.create(
            edition=lost, rendering=batch.rendering, number=number, unknown=1, status="unknown", finished_at=now
        )
    monkeypatch.setattr(sendgrid_log, "ASKED_AT_ONCE", 2)
    asked = []
    monkeypatch.setattr(sendgrid_log, "_ask", lambda _state, each: asked.append(each.number) or 0)
    for _ in range(3):
        sendgrid_log.ask_log(object())
    assert asked == [1, 2, 3, 4, 5, 1]


def test_a_log_that_has_nothing_proves_nothing(lost, sendgrid, state):
    sendgrid.asked.log_lags = True
    assert sendgrid_log.ask_log(state) == 0
    assert status.audit(lost).counts.unknown == 5


def test_the_watchdog_tells_of_silence_and_of_what_is_held(newsletter, sent, monkeypatch):
    builders.add_readers(newsletter, 3)
    edition = sent(builders.scheduled_edition(newsletter), MemoryTransport())
    monkeypatch.setenv("NEWSLETTER_TRANSPORT", "sendgrid")
    monkeypatch.setenv("SENDGRID_WEBHOOK_PUBLIC_KEY", SENDER.public_key)
    config.current.cache_clear()

    Edition.objects.update(started_at=timezone.now() - timedelta(hours=5))
    assert "no-events" not in found()
    Edition.objects.update(started_at=timezone.now() - timedelta(hours=7))
    assert "reports nothing of it" in found()["no-events"].words
    copies = list(Delivery.objects.order_by("pk"))
    happens(told(copies[0], "delivered"))
    assert not {"no-events", "silent"} & found().keys()
    Edition.objects.update(started_at=timezone.now() - timedelta(hours=97))
    assert "2 copies that SendGrid took and never told of" in found()["silent"].words
    assert found()["silent"].command == f"newsletter delivery list --edition {edition.pk} --status accepted"
    monkeypatch.setattr(policy, "DOUBT_LEAST", 0)
    happens(told(copies[1], "bounce", "hard"))
    assert found()["events-held"].level == "page"
    monkeypatch.undo()
    config.current.cache_clear()
