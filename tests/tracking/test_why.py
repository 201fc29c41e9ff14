"""`subscriber why`: one clause that says why a reader did or did not get an edition, for each way that can go."""

from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter.deliveries.models import Batch, Delivery
from newsletter.editions.models import Edition, Rendering
from newsletter.subscribers.models import Subscriber, Subscription
from newsletter.tracking import erase, why
from tests import builders
from tests.tracking.told import happens, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(newsletter):
    (subscription,) = builders.add_readers(newsletter, 1)
    return Subscriber.objects.get(pk=subscription.subscriber_id)


@pytest.fixture
def edition(newsletter, reader):
    """Sent an hour ago to those who were there then; a row, because to render it shows nothing here."""
    now = timezone.now()
    return Edition.objects.create(
        newsletter=newsletter, kind="special", status="sent", number=1, stories_from=now, stories_until=now,
        started_at=now - timedelta(hours=1), audience_until=reader.subscriptions.get().pk,
    )  # fmt: skip


def copy_of(edition, reader, status, reason="", **columns):
    rendering, _ = Rendering.objects.get_or_create(edition=edition, subject="The week", html="", text="")
    batch = Batch.objects.create(edition=edition, rendering=rendering, number=Batch.objects.count() + 1, size=1)
    row = {"edition": edition, "batch": None if status == "excluded" else batch, "subscriber": reader}
    row |= {"address_key": reader.address_key, "updated_at": timezone.now()}
    return Delivery.objects.create(**row, status=status, reason=reason, **columns)


def answer(reader, edition):
    (found,) = why.answers(reader, edition)
    return found.status, found.reason


@pytest.mark.parametrize(
    ("status", "reason", "says"),
    [
        ("excluded", "paused", "they pause"),
        ("excluded", "ramp", "more readers than the ramp allows yet"),
        ("excluded", "suppressed: hard_bounce", "no such mailbox at an edition before"),
        ("skipped", "unsubscribed since planning", "unsubscribed since planning"),
        ("rejected", "550 no such user", "550 no such user"),
        ("unknown", "", "the answer of the transport was lost"),
        ("pending", "", "it waits for its turn"),
        ("accepted", "", "the transport took it"),
    ],
)
def test_a_copy_says_what_became_of_it(reader, edition, status, reason, says):
    copy_of(edition, reader, status, reason)
    assert answer(reader, edition) == (status, says)


def test_a_bounce_is_told_in_the_servers_words_with_all_that_was_reported(reader, edition):
    copy = copy_of(edition, reader, "accepted")
    happens(told(copy, "deferred"), told(copy, "bounce", "hard", status="5.1.1", words="nobody", minutes=5))
    (found,) = why.answers(reader, edition)
    assert (found.status, found.reason) == ("bounced", "hard bounce: 5.1.1 nobody")
    assert [event.what.split()[0] for event in found.events] == ["deferred", "bounce"]


def test_who_was_erased_is_known_by_nobody_and_their_copy_stays_counted(reader, edition):
    copy_of(edition, reader, "delivered")
    erase.erase(reader)
    assert not Subscriber.objects.filter(email=reader.email).exists()
    assert Delivery.objects.get().status == "delivered"


@pytest.mark.parametrize(
    ("gets", "sent", "says"),
    [
        ({}, {"status": "draft"}, "the edition is draft; nobody has a copy yet"),
        ({}, {"status": "held"}, "the edition is held; nobody has a copy yet"),
        ({}, {"status": "cancelled", "audience_until": None}, "the edition is cancelled and was never planned"),
        ({}, {"audience_until": 0}, "the reader signed up after the edition was planned"),
        ({"status": "pending"}, {}, "the subscription was not active when the edition was planned; it is pending now"),
        (
            {"status": "unsubscribed", "unsubscribed_at": builders.at("2026-01-05 09:00")}, {},
            "the reader had left on 2026-01-05",
        ),
        (None, {}, "the reader never subscribed to this newsletter"),
    ],
)  # fmt: skip
def test_without_a_copy_it_says_why_there_is_none(reader, edition, gets, sent, says):
    here = Subscription.objects.filter(subscriber=reader)
    if gets is None:
        here.delete()
    elif gets:
        here.update(**gets)
    Edition.objects.filter(pk=edition.pk).update(**{"status": "sent", **sent})
    assert answer(reader, Edition.objects.select_related("newsletter").get(pk=edition.pk)) == (None, says)


def test_a_correction_says_that_what_it_corrects_never_went_to_the_reader(reader, edition):
    correction = Edition.objects.get(pk=edition.pk)
    correction.pk, correction.public_id, correction.kind, correction.number = None, 7, "correction", 2
    correction.parent = edition
    correction.save()
    assert answer(reader, correction) == (None, "it corrects No. 1, which never went to this reader")
    copy_of(edition, reader, "rejected", "550 no")
    assert answer(reader, correction)[1].startswith("it corrects No. 1")
    Delivery.objects.update(status="delivered")
    assert answer(reader, correction)[1].startswith("the subscription was not active")
