"""Planning: idempotent slices, frozen content, nobody left out without a reason."""

from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from newsletter.deliveries import cut, plan, status
from newsletter.deliveries.models import Batch, Delivery
from newsletter.editions import draft
from newsletter.editions.approve import approve, schedule
from newsletter.editions.models import Edition, Rendering
from newsletter.subscribers.models import Subscription, Suppression
from newsletter.transports.base import Rejected, Unknown
from newsletter.transports.memory import MemoryTransport
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def test_candidates_are_planned_or_excluded_with_a_reason(newsletter, planned):
    # Given active, paused, suppressed, erased, pending and gone readers
    builders.add_readers(newsletter, 4)
    builders.add_readers(newsletter, 1, status="paused", first=10)
    suppressed, erased = builders.add_readers(newsletter, 2, first=20)
    builders.add_readers(newsletter, 1, status="pending", first=30)
    builders.add_readers(newsletter, 1, status="unsubscribed", first=40)
    Suppression.objects.create(address_key=suppressed.subscriber.address_key, reason="hard_bounce")
    type(erased.subscriber).objects.filter(pk=erased.subscriber_id).update(email=None)
    # When the edition is planned
    edition = planned(builders.scheduled_edition(newsletter))
    # Then the pending and the gone are no candidates, and every other has a row
    assert edition.planned == 4
    assert edition.excluded == {"paused": 1, "suppressed: hard_bounce": 1, "erased": 1}
    assert edition.deliveries.count() == 7
    assert status.audit(edition).balanced


def test_batches_hold_exactly_the_planned_readers(newsletter, planned):
    builders.add_readers(newsletter, 8)
    edition = planned(builders.scheduled_edition(newsletter))
    sizes = list(Batch.objects.filter(edition=edition).order_by("number").values_list("size", flat=True))
    assert sizes == [3, 3, 2]
    assert [batch.deliveries.count() for batch in Batch.objects.order_by("number")] == sizes
    assert edition.status == "sending"


def test_many_slices_give_the_same_plan_as_one(newsletter, planned, monkeypatch):
    monkeypatch.setattr(plan, "SLICE", 4)
    builders.add_readers(newsletter, 11)
    edition = planned(builders.scheduled_edition(newsletter))
    assert edition.planned == 11
    assert sorted(edition.batches.values_list("size", flat=True)) == [1, 1, 3, 3, 3]
    assert status.audit(edition).balanced


def test_a_second_planner_that_comes_late_changes_nothing(newsletter):
    # Given two planners that read the same edition
    builders.add_readers(newsletter, 5)
    builders.scheduled_edition(newsletter)
    plan.begin_due()
    first, second = Edition.objects.get(), Edition.objects.get()
    # When both plan the slice they saw
    plan._plan_slice(first, 3)
    plan._plan_slice(second, 3)
    # Then it was planned once
    assert Delivery.objects.count() == 5
    assert Edition.objects.get().planned == 5


def test_a_planner_that_dies_in_a_slice_leaves_nothing_of_it(newsletter, planned, monkeypatch):
    # Given a planner that dies after it wrote the deliveries
    builders.add_readers(newsletter, 5)
    edition = builders.scheduled_edition(newsletter)
    plan.begin_due()

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(cut, "trim", die)
        with pytest.raises(KeyboardInterrupt):
            plan.plan_next(3)
    assert Delivery.objects.count() == 0
    # When another takes over, the plan is whole
    assert planned(edition).planned == 5


def test_readers_who_sign_up_during_planning_wait_for_the_next_edition(newsletter, planned):
    builders.add_readers(newsletter, 3)
    edition = builders.scheduled_edition(newsletter)
    plan.begin_due()
    builders.add_readers(newsletter, 2, first=100)
    assert planned(edition).planned == 3


def test_one_reader_cannot_have_two_deliveries_of_an_edition(newsletter, planned):
    builders.add_readers(newsletter, 1)
    edition = planned(builders.scheduled_edition(newsletter))
    copy = edition.deliveries.get()
    with pytest.raises(IntegrityError):
        Delivery.objects.create(
            edition=edition, subscriber=copy.subscriber, address_key=copy.address_key, updated_at=timezone.now()
        )


def test_content_that_was_touched_after_approval_is_held_not_sent(newsletter, planned):
    builders.add_readers(newsletter, 2)
    edition = builders.scheduled_edition(newsletter)
    Rendering.objects.filter(edition=edition).update(subject="Something else")
    held = planned(edition)
    assert (held.status, held.status_reason) == ("held", "Its content is no longer what was approved.")
    assert not held.deliveries.exists()


def test_an_edition_that_is_too_late_is_held(newsletter, planned):
    builders.add_readers(newsletter, 2)
    edition = builders.scheduled_edition(newsletter)
    Edition.objects.update(send_at=timezone.now() - newsletter.max_lateness - timedelta(minutes=1))
    held = planned(edition)
    assert held.status == "held"
    assert "passed while nothing ran" in held.status_reason


def test_an_edition_for_nobody_is_held(newsletter, planned):
    held = planned(builders.scheduled_edition(newsletter))
    assert (held.status, held.deliveries.count()) == ("held", 0)
    assert "no active reader" in held.status_reason


def test_a_correction_goes_only_to_those_whose_copy_was_taken(newsletter, transport, sent, planned):
    # Given an edition that two of three readers got, and a newcomer
    first, *_ = builders.add_readers(newsletter, 3)
    edition = builders.scheduled_edition(newsletter)
    planned(edition)
    Subscription.objects.filter(pk=first.pk).update(status="unsubscribed")
    sent(edition, transport)
    Subscription.objects.filter(pk=first.pk).update(status="active")
    builders.add_readers(newsletter, 1, first=99)
    # When its correction is planned
    correction = draft.start_correction(edition, "A correction", "The minister resigned on **Tuesday**.")
    approve(correction, None)
    schedule(correction, timezone.now(), None)
    planned(correction)
    # Then its audience comes from that ledger
    readers = correction.deliveries.values_list("subscriber__email", flat=True)
    assert sorted(readers) == ["reader1@example.org", "reader2@example.org"]


def test_a_correction_goes_also_to_those_who_may_have_the_fault(newsletter, sent, planned):
    # Given an edition one of whose copies was lost on its way
    builders.add_readers(newsletter, 3)
    lossy = MemoryTransport(
        answer=lambda reader: (
            Unknown(reader.delivery_id, "lost")
            if reader.address == "reader1@example.org"
            else Rejected(reader.delivery_id, "550")
        )
    )
    edition = sent(builders.scheduled_edition(newsletter), lossy)
    correction = draft.start_correction(edition, "A correction", "The minister resigned on **Tuesday**.")
    approve(correction, None)
    schedule(correction, timezone.now(), None)
    planned(correction)
    assert [copy.subscriber.email for copy in correction.deliveries.all()] == ["reader1@example.org"]


@pytest.mark.parametrize("state", ["sending", "paused"])
def test_a_correction_is_held_while_more_readers_may_get_the_fault(newsletter, planned, state):
    # Given an edition in mid-send
    builders.add_readers(newsletter, 3)
    edition = planned(builders.scheduled_edition(newsletter))
    Edition.objects.update(status=state)
    # When its correction's time comes
    correction = draft.start_correction(edition, "A correction", "The minister resigned on **Tuesday**.")
    approve(correction, None)
    schedule(correction, timezone.now(), None)
    planned(correction)
    # Then it is held and says why: whoever gets the fault later would be missed
    assert correction.status == "held"
    assert f"Edition {edition.pk} is {state}" in correction.status_reason
    # And once the edition has come to its end, it goes
    Edition.objects.filter(pk=edition.pk).update(status="cancelled")
    edition.deliveries.update(status="accepted")
    schedule(correction, timezone.now(), None)
    assert planned(correction).planned == 3


@pytest.mark.parametrize("later", [timedelta(minutes=1), timedelta(days=1)], ids=["same date", "dated anew"])
def test_an_edition_that_is_put_off_in_the_last_moment_does_not_begin(newsletter, later):
    # Given a tick that has seen an edition whose time has come
    builders.add_readers(newsletter, 3)
    builders.scheduled_edition(newsletter)
    seen = Edition.objects.select_related("newsletter", "parent").get()
    # When somebody puts it off before the tick goes on
    later = timezone.now() + later
    schedule(Edition.objects.get(), later, None)
    # Then it stays where that person put it
    assert not plan._begin(seen, timezone.now())
    assert Edition.objects.values_list("status", "send_at").get() == ("scheduled", later)


def test_a_topic_set_gets_its_rendering_and_all_others_the_full_one(newsletter, planned):
    # Given a rendering for readers of Africa, and readers of Africa, Asia and everything
    subscriptions = builders.add_readers(newsletter, 6)
    for subscription, topics in zip(subscriptions, ["africa", "africa", "asia", "", "", ""], strict=True):
        Subscription.objects.filter(pk=subscription.pk).update(topic_set=topics)
    edition = builders.scheduled_edition(newsletter)
    full = edition.renderings.get()
    africa = Rendering.objects.create(edition=edition, topic_set="africa", subject="Africa", html="h", text="t")
    plan.begin_due()
    Edition.objects.update(status="planning", audience_until=subscriptions[-1].pk)
    planned(edition)
    by_rendering = {r.pk: sum(r.batches.values_list("size", flat=True)) for r in (full, africa)}
    assert by_rendering == {full.pk: 4, africa.pk: 2}
    assert status.audit(edition).balanced
