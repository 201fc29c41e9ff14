"""What was approved is what is sent: freezing, the hash, and every step between draft and sent."""

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.utils import timezone

from newsletter import jinja
from newsletter.editions import approve, draft, freeze
from newsletter.editions.models import Edition, Item
from newsletter.errors import Refused
from newsletter.feeds.models import Article
from newsletter.newsletters.models import AuditEntry, Role, Staff
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def edition():
    newsletter = builders.make_newsletter()
    builders.make_article("The lead", hours_ago=1)
    builders.make_article("The second", hours_ago=2)
    return draft.compose_regular(newsletter).edition


def test_approval_freezes_snapshot_and_rendering_under_one_hash(edition):
    approved = approve.approve(edition, None)
    assert approved.status == "approved"
    assert "The lead" in approved.renderings.get().html
    assert freeze.is_intact(Edition.objects.get())


@pytest.mark.parametrize("column", ["subject", "html", "text"])
def test_any_change_to_a_rendering_breaks_the_hash(edition, column):
    approve.approve(edition, None)
    edition.renderings.update(**{column: "changed"})
    assert not freeze.is_intact(Edition.objects.get())


def test_a_change_to_the_snapshot_breaks_the_hash(edition):
    approved = approve.approve(edition, None)
    approved.snapshot["note"] = "changed"
    approved.save()
    assert not freeze.is_intact(Edition.objects.get())


def test_articles_that_change_after_approval_do_not_change_the_edition(edition):
    approved = approve.approve(edition, None)
    before = approved.renderings.get().html
    Article.objects.update(title="Rewritten")
    assert freeze.preview(Edition.objects.get()).html == before
    assert freeze.is_intact(Edition.objects.get())


def test_the_person_who_approved_is_written_down(edition):
    staff = Staff.objects.create(email="sender@example.org", role=Role.SENDER)
    approved = approve.approve(edition, staff)
    assert approved.approved_by == staff
    entry = AuditEntry.objects.get(verb="approve")
    assert (entry.staff, entry.subject) == (staff, f"edition {edition.pk}")
    assert entry.detail["hash"] == approved.content_hash


def test_approving_twice_is_refused(edition):
    approve.approve(edition, None)
    with pytest.raises(Refused, match="is approved"):
        approve.approve(edition, None)


def test_an_edition_without_stories_cannot_be_approved(edition):
    Item.objects.update(dropped=True)
    with pytest.raises(Refused, match="no stories"):
        approve.approve(edition, None)


def test_a_newsletter_without_a_postal_address_cannot_send(edition):
    type(edition.newsletter).objects.update(postal_address=" ")
    with pytest.raises(Refused, match="postal address"):
        approve.approve(edition, None)


def test_a_draft_cannot_be_scheduled(edition):
    with pytest.raises(Refused, match="is draft"):
        approve.schedule(edition, timezone.now(), None)


def test_a_time_long_past_cannot_be_scheduled(edition):
    approve.approve(edition, None)
    with pytest.raises(Refused, match="has passed"):
        approve.schedule(edition, timezone.now() - timedelta(days=1), None)


def test_reopening_voids_approval_and_hash_and_keeps_the_weeks_slot(edition):
    approve.approve(edition, None)
    approve.schedule(edition, timezone.now() + timedelta(hours=1), None)
    reopened = approve.reopen(edition, None)
    assert (reopened.status, reopened.content_hash, reopened.snapshot, reopened.approved_at) == (
        "draft",
        "",
        None,
        None,
    )
    assert reopened.period_start == edition.period_start
    assert not reopened.renderings.exists()
    # and it can be approved anew
    assert approve.approve(reopened, None).status == "approved"


def test_a_planned_edition_cannot_be_reopened(edition):
    approve.approve(edition, None)
    Edition.objects.update(status="held", audience_until=7)
    with pytest.raises(Refused, match="has been planned"):
        approve.reopen(edition, None)


def test_a_sent_edition_cannot_be_cancelled(edition):
    Edition.objects.update(status="sent")
    with pytest.raises(Refused, match="is sent"):
        approve.cancel(edition, None)


def test_a_correction_of_an_unsent_edition_is_refused(edition):
    with pytest.raises(Refused, match="not sent yet"):
        draft.start_correction(edition, "Sorry", "It was Tuesday.")


def test_an_edition_that_goes_out_on_another_day_is_dated_anew_and_nothing_else_changes(edition):
    # Given an approved edition whose slot is days away
    Edition.objects.update(send_at=timezone.now() + timedelta(days=3))
    edition.refresh_from_db()
    approved = approve.approve(edition, None)
    before, planned = approved.renderings.get(), approved.snapshot["edition"]["date"]
    Article.objects.update(title="Rewritten since")
    # When it is sent now
    scheduled = approve.schedule(approved, timezone.now(), None)
    # Then its mail carries today's date and is otherwise what was approved, under a hash of its own, on the record
    after = scheduled.renderings.get()
    assert scheduled.snapshot["edition"]["date"] == freeze.local_date(scheduled) != planned
    assert "Rewritten since" not in after.html
    assert len(after.html) - len(before.html) in range(-12, 13)
    assert freeze.is_intact(Edition.objects.get())
    entry = AuditEntry.objects.get(verb="date")
    assert (entry.detail["before"], entry.detail["after"]) == (approved.content_hash, scheduled.content_hash)


def test_dated_anew_it_is_still_the_mail_that_was_approved_or_it_does_not_go_out(edition):
    # Given an edition for another day, and since its approval something in the house that prints it has changed
    Edition.objects.update(send_at=timezone.now() + timedelta(days=3))
    edition.refresh_from_db()
    approved = approve.approve(edition, None)
    real = jinja.filled
    changed = patch.object(jinja, "filled", lambda *given: real(*given).replace("signed up for", "subscribed to"))
    # When it shall go out today, then it is refused, and is what it was
    with changed, pytest.raises(Refused, match="would not be the mail that was approved"):
        approve.schedule(approved, timezone.now(), None)
    found = Edition.objects.get()
    assert (found.status, found.content_hash) == ("approved", approved.content_hash)
    assert freeze.is_intact(found)


def test_an_edition_that_goes_out_on_its_day_is_not_touched(edition):
    approved = approve.approve(edition, None)
    scheduled = approve.schedule(approved, approved.send_at, None)
    assert scheduled.content_hash == approved.content_hash
    assert not AuditEntry.objects.filter(verb="date").exists()
