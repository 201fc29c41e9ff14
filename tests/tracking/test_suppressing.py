"""What events mean for readers, by the policy's table; every suppression shows its evidence, and a person lets go."""

import random
from dataclasses import replace

import pytest
from django.utils import timezone

from newsletter.deliveries.models import Batch, Delivery
from newsletter.editions import approve, draft
from newsletter.errors import Refused
from newsletter.feeds.models import Article
from newsletter.newsletters.models import AuditEntry
from newsletter.subscribers import suppression
from newsletter.subscribers.models import Consent, Release, Subscription, Suppression
from newsletter.tracking import policy, readers
from newsletter.tracking.events import Cause, Kind
from newsletter.tracking.models import Event
from newsletter.transports.memory import MemoryTransport
from tests import builders
from tests.deliveries.conftest import planned, sent
from tests.tracking.told import happens, told

__all__ = ["planned", "sent"]
pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
Reason = Suppression.Reason


@pytest.fixture
def copies(newsletter, sent):
    builders.add_readers(newsletter, 3)
    return send_one(newsletter, sent)


def send_one(newsletter, sent):
    builders.make_article(f"Story {Article.objects.count()}")
    edition = draft.compose_special(newsletter).edition
    approve.approve(edition, None)
    sent(approve.schedule(edition, timezone.now(), None), MemoryTransport(batch_size=3))
    return list(Delivery.objects.filter(edition=edition).exclude(batch=None).order_by("pk"))


def suppressed():
    return dict(Suppression.objects.values_list("address_key", "reason"))


def test_a_hard_bounce_suppresses_at_once_and_shows_why(copies):
    event = told(copies[0], "bounce", "hard", status="5.1.1", words="no such user")
    happens(event)
    row = Suppression.objects.get(address_key=copies[0].address_key)
    edition = copies[0].edition_id
    assert row.note == f"bounce hard of edition {edition}, 2026-11-26 12:00 UTC: 5.1.1 no such user"
    assert Event.objects.get(key=row.evidence).delivery_id == copies[0].pk


def test_a_block_blames_nobody_and_counts_for_the_breaker(copies):
    happens(told(copies[0], "bounce", "block", words="poor reputation"), told(copies[1], "dropped", "block"))
    assert suppressed() == {}
    assert Batch.objects.get(pk=copies[0].batch_id).blocked == 2


def test_a_complaint_suppresses_and_ends_the_subscription_for_good(copies):
    happens(told(copies[0], "complaint"))
    assert suppressed() == {copies[0].address_key: "complaint"}
    assert suppression.release(copies[0].address_key, None, "she pressed the wrong button") == "complaint"
    assert Subscription.objects.get(subscriber=copies[0].subscriber_id).status == "unsubscribed"


def test_who_leaves_at_the_provider_leaves_here_and_the_evidence_stays(copies):
    happens(told(copies[0], "unsubscribe"), told(copies[1], "dropped", "unsubscribe"))
    assert suppressed() == {}
    gone = Subscription.objects.filter(status="unsubscribed").values_list("subscriber_id", flat=True)
    assert set(gone) == {copies[0].subscriber_id, copies[1].subscriber_id}
    assert Consent.objects.filter(source="provider", detail__startswith="unsubscribe of edition").count() == 1


def test_an_old_report_does_not_undo_a_readers_return(copies):
    subscription = Subscription.objects.get(subscriber=copies[0].subscriber_id)
    Consent.objects.create(subscription=subscription, status="active", source="sign-up")  # now: after the event
    happens(told(copies[0], "unsubscribe", minutes=-60 * 24 * 365))
    subscription.refresh_from_db()
    assert subscription.status == "active"


def test_five_editions_in_a_row_that_bounce_softly_suppress_and_a_delivered_one_starts_anew(newsletter, sent):
    builders.add_readers(newsletter, 2)
    week = [send_one(newsletter, sent) for _ in range(6)]
    for copy, other in week[:5]:
        happens(told(copy, "bounce", "soft", words="mailbox full"))
        kind = ("delivered", "") if copy is week[2][0] else ("bounce", "soft")
        happens(told(other, *kind))
    assert suppressed() == {week[0][0].address_key: "soft_bounces"}
    assert "in 5 editions in a row" in Suppression.objects.get().note
    # A report that comes late shows that one of the five had arrived.
    Delivery.objects.filter(pk=week[2][0].pk).update(status="accepted")
    Event.objects.filter(delivery_id=week[2][0].pk).delete()
    happens(told(week[2][0], "delivered", minutes=1))
    assert suppressed() == {}


def test_whoever_was_released_is_judged_anew_by_what_comes_after(newsletter, sent, monkeypatch):
    soft = (Kind.BOUNCE, Cause.SOFT)
    monkeypatch.setitem(policy.RULES, soft, replace(policy.RULES[soft], editions=2))  # each takes half a second
    builders.add_readers(newsletter, 1)
    week = 60 * 24 * 7
    before = [send_one(newsletter, sent)[0] for _ in range(2)]
    happens(*[told(copy, "bounce", "soft", minutes=number, words="full") for number, copy in enumerate(before)])
    suppression.release(before[0].address_key, None, "they say they emptied it")
    after = [send_one(newsletter, sent)[0] for _ in range(2)]
    for number, copy in enumerate(after, 2):
        assert suppressed() == {}
        happens(told(copy, "bounce", "soft", minutes=number * week, words="full"))
    assert suppressed() == {before[0].address_key: "soft_bounces"}
    assert "in 2 editions in a row" in Suppression.objects.get().note


def test_the_strongest_evidence_stays_in_any_order(copies):
    events = [
        told(copies[0], "complaint"),
        told(copies[0], "bounce", "hard"),
        told(copies[0], "bounce", "hard", minutes=5),
    ]
    for seed in range(6):
        Event.objects.all().delete()
        Suppression.objects.all().delete()
        happens(*random.Random(seed).sample(events, 3))
        row = Suppression.objects.get()
        assert (row.reason, row.evidence) == ("complaint", events[0].key)


def test_what_a_person_decided_is_not_overruled_by_a_report(copies):
    Suppression.objects.create(address_key=copies[0].address_key, reason=Reason.MANUAL, note="by telephone")
    happens(told(copies[0], "complaint"))
    assert Suppression.objects.get().reason == "manual"


def test_a_release_needs_a_reason_and_what_happened_before_it_no_longer_counts(copies):
    happens(told(copies[0], "bounce", "hard"))
    with pytest.raises(Refused, match="needs a reason"):
        suppression.release(copies[0].address_key, None, " ")
    suppression.release(copies[0].address_key, None, "their server was down")
    assert (Release.objects.get().was, AuditEntry.objects.get(verb="release").detail) == (
        "hard_bounce",
        {"was": "hard_bounce"},
    )
    happens(told(copies[0], "bounce", "hard", minutes=3))
    assert suppressed() == {}
    with pytest.raises(Refused, match="not suppressed"):
        suppression.release(copies[0].address_key, None, "again")


def test_an_erased_address_is_not_released_by_staff(copies):
    Suppression.objects.create(address_key=copies[0].address_key, reason=Reason.ERASED)
    with pytest.raises(Refused, match="erased"):
        suppression.release(copies[0].address_key, None, "why not")


def test_more_dead_addresses_than_can_be_true_are_held_for_a_person(copies, monkeypatch):
    """T-17: the copies have bounced and the breaker may act, but nobody is judged by what may be an impostor's."""
    monkeypatch.setattr(policy, "DOUBT_LEAST", 1)
    happens(*[told(copy, "bounce", "hard", minutes=number) for number, copy in enumerate(copies)])
    assert suppressed() == {copies[0].address_key: "hard_bounce"}
    assert Event.objects.filter(state="held").count() == 2
    assert Batch.objects.get(pk=copies[0].batch_id).bounced == 3
    assert readers.WINDOW.total_seconds() == 600
