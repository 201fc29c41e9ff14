"""What a provider reports moves copies forward, counts in their batches, and is believed once (S-12, F-17, I7)."""

from dataclasses import replace

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from newsletter.deliveries import send, status, sweep
from newsletter.deliveries.models import Batch, Delivery
from newsletter.editions import approve, draft
from newsletter.subscribers.models import Consent, Subscription, Suppression
from newsletter.tracking import apply, policy, store
from newsletter.tracking.events import Cause, Kind
from newsletter.tracking.models import Event
from newsletter.transports.base import Unknown
from newsletter.transports.memory import MemoryTransport
from tests import builders
from tests.deliveries.conftest import planned, sent
from tests.tracking.told import happens, told

__all__ = ["planned", "sent"]
pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def copies(newsletter, sent):
    """Six copies in two batches, all accepted."""
    builders.add_readers(newsletter, 6)
    sent(builders.scheduled_edition(newsletter), MemoryTransport(batch_size=3))
    return list(Delivery.objects.order_by("pk"))


def states():
    return list(Delivery.objects.order_by("pk").values_list("status", flat=True))


def test_events_move_copies_forward_and_the_batches_count_along(copies):
    happens(told(copies[0], "delivered"), told(copies[1], "bounce", "hard", status="5.1.1", words="no such user"))
    assert states()[:2] == ["delivered", "bounced"]
    assert Delivery.objects.get(pk=copies[1].pk).reason == "hard bounce: 5.1.1 no such user"
    batch = Batch.objects.get(pk=copies[0].batch_id)
    assert (batch.accepted, batch.delivered, batch.bounced) == (3, 1, 1)


def test_nothing_moves_a_copy_back(copies):
    happens(told(copies[0], "complaint"))
    happens(told(copies[0], "delivered"), told(copies[0], "deferred"), told(copies[0], "bounce", "block"))
    assert states()[0] == "complained"
    assert Batch.objects.get(pk=copies[0].batch_id).blocked == 0


def test_46_reports_of_one_event_have_one_effect(copies):
    """T-16: seen in the wild, each time under another event id."""
    once = [told(copies[0], "bounce", "block"), told(copies[1], "delivered"), told(copies[2], "unsubscribe")]
    for _ in range(46):
        happens(*once)
    assert Event.objects.count() == 3
    batch = Batch.objects.get(pk=copies[0].batch_id)
    assert (batch.accepted, batch.bounced, batch.blocked, batch.delivered) == (3, 1, 1, 1)
    assert Consent.objects.filter(source="provider").count() == 1


def test_an_event_about_a_copy_that_is_not_here_is_parked_until_it_is(copies):
    here = told(copies[0], "delivered")
    happens(replace(here, edition="00000000000000ff", identity="another installation's"))
    happens(replace(here, delivery_id=10**12, identity="nobody's"))
    assert set(states()) == {"accepted"}
    assert Event.objects.filter(state="parked").count() == 2
    copies[0].edition.public_id = 0xFF
    copies[0].edition.save(update_fields=["public_id"])
    assert apply.unpark() == 1
    apply.apply_waiting()
    assert states()[0] == "delivered"


def test_what_is_about_nothing_of_ours_is_not_kept(copies):
    foreign = replace(told(copies[0], "delivered"), delivery_id=None, batch="", edition="")
    assert store.keep([foreign]) == store.Kept(foreign=1)
    assert not Event.objects.exists()


def test_any_event_proves_the_whole_request(newsletter, planned):
    """I5: one event of up to 1,000 is enough, because a request is taken whole or not at all."""
    builders.add_readers(newsletter, 3)
    edition = planned(builders.scheduled_edition(newsletter))
    while send.send_next(MemoryTransport(answer=lambda reader: Unknown(reader.delivery_id, "lost"))):
        pass
    assert set(states()) == {"unknown"}
    happens(told(Delivery.objects.order_by("pk")[1], "deferred"))
    assert states() == ["accepted"] * 3
    sweep.run()
    found = status.audit(edition)
    assert (found.balanced, found.counts.accepted, found.counts.unknown) == (True, 3, 0)


def test_no_address_stays_in_what_a_provider_said(copies):
    happens(told(copies[0], "bounce", "hard", words="550 <reader0@example.org>: \x1b[2J unknown\r\nuser"))
    kept = Event.objects.get().words
    assert kept == "550 (address) [2J unknown user"
    assert "reader0" not in Delivery.objects.get(pk=copies[0].pk).reason


def everything_known():
    suppressed = Suppression.objects.order_by("address_key")
    return (
        list(Delivery.objects.order_by("pk").values_list("status", "reason")),
        list(Batch.objects.order_by("pk").values_list("accepted", "delivered", "bounced", "dropped", "complained")),
        list(Batch.objects.order_by("pk").values_list("blocked", "unknown", "status")),
        list(suppressed.values_list("address_key", "reason", "note", "evidence", "evidence_at")),
        list(Subscription.objects.order_by("pk").values_list("status", flat=True)),
        list(Event.objects.order_by("key").values_list("key", "state")),
    )


def start_over(before):
    Event.objects.all().delete()
    Suppression.objects.all().delete()
    Subscription.objects.update(status="active", unsubscribed_at=None)
    Delivery.objects.update(status="accepted", reason="")
    for batch in before:
        batch.save()


KINDS = [
    ("delivered", ""), ("deferred", ""), ("bounce", "hard"), ("bounce", "soft"), ("bounce", "block"),
    ("dropped", "hard"), ("dropped", "block"), ("dropped", "complaint"), ("complaint", ""), ("unsubscribe", ""),
    ("unsubscribe", "everything"), ("open", ""), ("accepted", ""), ("other", ""),
]  # fmt: skip


@pytest.fixture
def in_a_row(newsletter, sent, monkeypatch):
    """The copies of two readers in four editions; two soft bounces in a row are enough, so that rows are met often."""
    soft = (Kind.BOUNCE, Cause.SOFT)
    monkeypatch.setitem(policy.RULES, soft, replace(policy.RULES[soft], editions=2))
    builders.add_readers(newsletter, 2)
    for number in range(4):
        builders.make_article(f"Story {number}")
        edition = draft.compose_special(newsletter).edition
        approve.approve(edition, None)
        sent(approve.schedule(edition, timezone.now(), None), MemoryTransport())
    return list(Delivery.objects.exclude(batch=None).order_by("pk"))


@settings(
    max_examples=50,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],  # making a failure smaller would take minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_any_order_and_repetition_ends_in_the_same_state(in_a_row, data):
    """I7: random sets of events about several editions, 100 random orders, applied in pieces, with repetitions."""
    batches = list(Batch.objects.order_by("pk"))
    # Each copy has its week, so that rows of soft bounces begin and end; then anything at all is told besides.
    weeks = st.lists(st.sampled_from([("bounce", "soft"), ("delivered", ""), ("deferred", "")]), min_size=8, max_size=8)
    about = st.tuples(st.sampled_from(in_a_row), st.sampled_from(KINDS), st.integers(1, 3))
    events = [told(copy, *kind) for copy, kind in zip(in_a_row, data.draw(weeks), strict=True)]
    events += [
        told(copy, *kind, minutes=at, words=f"said {at}") for copy, kind, at in data.draw(st.lists(about, max_size=6))
    ]
    ends = []
    for _ in range(2):
        start_over(batches)
        shuffled = data.draw(st.permutations([*events, *events[: len(events) // 2]]))
        piece = data.draw(st.integers(4, 14))
        for first in range(0, len(shuffled), piece):
            happens(*shuffled[first : first + piece])
        ends.append(everything_known())
    assert ends[0] == ends[1]
