"""Every change to a subscription leaves its evidence, and repeating it none."""

import pytest

from newsletter.errors import UsageError
from newsletter.newsletters.models import Staff
from newsletter.subscribers import addresses, consent
from newsletter.subscribers.models import Consent, Subscriber, Subscription, Suppression
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def test_leaving_is_written_down_once_however_often_it_is_asked(newsletter):
    (subscription,) = builders.add_readers(newsletter, 1)
    staff = Staff.objects.create(email="ed@example.org")
    assert consent.unsubscribe(subscription, Consent.Source.STAFF, staff, "by telephone")
    left_at = Subscription.objects.get().unsubscribed_at
    assert not consent.unsubscribe(subscription, Consent.Source.PAGE)
    assert not consent.unsubscribe(subscription, Consent.Source.ONE_CLICK)
    kept = Subscription.objects.get()
    assert (kept.status, kept.unsubscribed_at) == ("unsubscribed", left_at)
    assert list(Consent.objects.values_list("status", "source", "staff", "detail")) == [
        ("unsubscribed", "staff", staff.pk, "by telephone")
    ]


@pytest.mark.parametrize("status", ["pending", "active", "paused"])
def test_whoever_has_not_left_can_leave(newsletter, status):
    (subscription,) = builders.add_readers(newsletter, 1, status=status)
    assert consent.unsubscribe(subscription, Consent.Source.PAGE)
    assert Subscription.objects.get().status == "unsubscribed"


def test_leaving_one_newsletter_keeps_the_others(newsletter):
    (here,) = builders.add_readers(newsletter, 1)
    there = Subscription.objects.create(
        subscriber=here.subscriber, newsletter=builders.make_newsletter("Another"), status="active"
    )
    consent.unsubscribe(here, Consent.Source.PAGE)
    there.refresh_from_db()
    assert there.status == "active"


def test_adding_says_what_it_found_and_revives_nobody(newsletter):
    def add(email):
        return consent.add(email, "Ada", newsletter, None, "on paper")

    assert add("ada@example.org") == "added"
    assert add("ADA@Example.org") == "present"
    consent.unsubscribe(Subscription.objects.get(), Consent.Source.PAGE)
    assert add("ada@example.org") == "left"
    assert Subscription.objects.get().status == "unsubscribed"
    assert list(Consent.objects.order_by("pk").values_list("status", "source")) == [
        ("active", "staff"),
        ("unsubscribed", "page"),
    ]


def test_adding_a_suppressed_address_stores_nothing(newsletter):
    Suppression.objects.create(address_key=addresses.key("ada@example.org"), reason="manual")
    assert consent.add("ada@example.org", "Ada", newsletter, None, "") == "suppressed"
    assert not Subscriber.objects.exists()
    assert not Subscription.objects.exists()


def test_what_is_no_address_is_refused(newsletter):
    with pytest.raises(UsageError):
        consent.add("nobody", "", newsletter, None, "")


def test_evidence_is_append_only(newsletter):
    (subscription,) = builders.add_readers(newsletter, 1)
    consent.unsubscribe(subscription, Consent.Source.PAGE)
    kept = Consent.objects.get()
    kept.detail = "something else"
    for change in (
        kept.save,
        Consent.objects.all().delete,
        lambda: Consent.objects.update(detail="something else"),
        Consent.objects.filter(pk=kept.pk).delete,
    ):
        with pytest.raises(TypeError, match="append-only"):
            change()
    assert Consent.objects.get().detail == ""
