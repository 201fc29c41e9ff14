"""A newsletter that begins with few readers, those surest to be glad of it, and grows while all goes well."""

from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter.deliveries import plan, ramp, send, status, sweep
from newsletter.editions import draft
from newsletter.editions.models import Edition
from newsletter.newsletters.models import AuditEntry, Newsletter
from newsletter.subscribers.models import Subscription, Suppression
from newsletter.transports.memory import MemoryTransport
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def newsletter(db):
    return builders.make_newsletter(audience_cap=4)


@pytest.fixture
def readers(newsletter):
    """Ten readers; the first was heard of last."""
    made = builders.add_readers(newsletter, 10)
    for days, subscription in enumerate(made):
        alive_at = timezone.now() - timedelta(days=days)
        Subscription.objects.filter(pk=subscription.pk).update(alive_at=alive_at)
    return made


def as_regular(edition):
    Edition.objects.filter(pk=edition.pk).update(kind="regular", period_start=f"2026-01-{edition.pk % 28 + 1:02}")


def cap():
    return Newsletter.objects.get().audience_cap


def test_the_newest_get_a_copy_and_the_rest_is_excluded_with_the_reason(newsletter, readers, planned):
    # Given that one of the newest cannot be mailed
    Suppression.objects.create(address_key=readers[1].subscriber.address_key, reason="complaint")
    edition = planned(builders.scheduled_edition(newsletter))
    chosen = edition.deliveries.filter(status="pending").values_list("subscriber_id", flat=True)
    assert set(chosen) == {readers[at].subscriber_id for at in (0, 2, 3, 4)}
    assert edition.excluded == {"suppressed: complaint": 1, "ramp": 5}
    found = status.audit(edition)
    assert found.balanced
    assert "the 4 readers with the newest sign of life" in found.ramp


def test_the_plan_is_the_same_over_many_slices(newsletter, readers, planned, monkeypatch):
    monkeypatch.setattr(plan, "SLICE", 3)
    edition = planned(builders.scheduled_edition(newsletter))
    assert (edition.planned, edition.excluded) == (4, {"ramp": 6})


def test_a_list_that_was_imported_at_once_keeps_the_cap(newsletter, readers, planned):
    Subscription.objects.update(alive_at=timezone.now())
    edition = planned(builders.scheduled_edition(newsletter))
    assert (edition.planned, edition.excluded) == (4, {"ramp": 6})


def test_before_approval_the_audience_is_counted_with_the_cap(newsletter, readers):
    assert plan.audience(builders.scheduled_edition(newsletter)) == 4


def test_a_cap_that_leaves_nobody_out_excludes_nobody(newsletter, planned):
    builders.add_readers(newsletter, 4)
    edition = planned(builders.scheduled_edition(newsletter))
    assert (edition.planned, edition.excluded, edition.alive_since) == (4, {}, None)


def test_the_cap_doubles_after_a_good_regular_edition_and_then_goes(newsletter, readers, sent, transport):
    # When a regular edition was sent
    edition = builders.scheduled_edition(newsletter)
    as_regular(edition)
    sent(edition, transport)
    # Then the cap has doubled, on the record
    assert cap() == 8
    entry = AuditEntry.objects.get(verb="ramp")
    assert entry.detail == {"newsletter": newsletter.slug, "before": 4, "after": 8}
    # and closing the edition again, after copies were sent once more, does not double it again
    Edition.objects.filter(pk=edition.pk).update(status="sending")
    sweep.finish()
    assert cap() == 8
    # When an edition reaches everybody, the cap is gone
    Newsletter.objects.update(audience_cap=16)
    last = draft.compose_special(newsletter).edition
    assert ramp.capped(last, 10) == 10
    last.kind, last.excluded = "regular", {}
    ramp.grow(last)
    assert cap() is None


def test_the_cap_stays_after_a_special_edition(newsletter, readers, sent, transport):
    sent(builders.scheduled_edition(newsletter), transport)
    assert cap() == 4


def test_the_cap_stays_after_an_edition_that_the_breaker_stopped(newsletter, readers, planned, transport):
    edition = builders.scheduled_edition(newsletter)
    as_regular(edition)
    planned(edition)
    Edition.objects.update(tripped_at=timezone.now())
    while send.send_next(transport):
        pass
    sweep.run()
    assert Edition.objects.get().status == "sent"
    assert cap() == 4


def test_a_correction_goes_to_whoever_got_the_fault(newsletter, readers, sent):
    edition = sent(builders.scheduled_edition(newsletter), MemoryTransport(batch_size=3))
    Newsletter.objects.update(audience_cap=2)
    correction = draft.start_correction(edition, "A correction", "The minister resigned on **Tuesday**.")
    assert plan.audience(correction) == 4
