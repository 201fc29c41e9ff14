"""From draft to sent by pressing buttons: who did it is written down, and what cannot be done is said on the page."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from newsletter import clock
from newsletter.editions.models import Edition
from newsletter.newsletters.models import AuditEntry, Staff
from tests import builders
from tests.desk.conftest import messages_on

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def put(edition, status):
    Edition.objects.filter(pk=edition.pk).update(status=status)
    edition.refresh_from_db()


def test_an_edition_is_approved_and_scheduled_by_a_named_person(press, edition, newsletter):
    builders.add_readers(newsletter, 3)
    assert press("desk-approve") == ["Approved. Nothing goes out before you name its time."]
    sender = Staff.objects.get(role="sender")
    assert (edition.status, edition.approved_by) == ("approved", sender)
    at = clock.wall(timezone.now() + timedelta(days=2), newsletter.zone)
    (said,) = press("desk-schedule", at=at)
    assert said.startswith("It goes out on ")
    assert said.endswith(" New York.")
    assert edition.status == "scheduled"
    assert clock.wall(edition.send_at, newsletter.zone) == at
    done = AuditEntry.objects.filter(staff=sender).order_by("pk").values_list("verb", flat=True)
    assert [verb for verb in done if verb != "date"] == ["approve", "schedule"]


def test_what_changed_since_the_page_was_opened_is_not_approved_unseen(press, edition, sender):
    # Given a page that somebody has open while a colleague edits
    page = sender.get(reverse("desk-check", args=[edition.pk])).content.decode()
    seen = re.search(r'name="seen" value="([0-9a-f]{64})"', page)[1]
    edition.items.filter(position=1).update(headline="Another headline")
    # When the person approves what they saw
    (said,) = press("desk-approve", seen=seen)
    # Then nothing is approved, and they are told
    assert "changed while you looked" in said
    assert edition.status == "draft"
    # When they look again, it is approved
    page = sender.get(reverse("desk-check", args=[edition.pk])).content.decode()
    press("desk-approve", seen=re.search(r'name="seen" value="([0-9a-f]{64})"', page)[1])
    edition.refresh_from_db()
    assert edition.status == "approved"


def test_a_scheduled_edition_is_reopened(press, edition):
    press("desk-approve")
    press("desk-schedule", now="1")
    press("desk-reopen")
    assert (edition.status, edition.content_hash, edition.approved_by) == ("draft", "", None)


def test_a_send_is_paused_and_resumed_by_a_named_person(press, edition):
    press("desk-approve")
    put(edition, "sending")
    press("desk-pause")
    assert (edition.status, edition.status_reason) == ("paused", "paused by sender@example.org")
    press("desk-resume")
    assert (edition.status, edition.status_reason) == ("sending", "")


def test_a_draft_is_cancelled(press, edition):
    press("desk-cancel")
    assert edition.status == "cancelled"


@pytest.mark.parametrize(
    ("verb", "allowed"),
    [
        ("approve", {"draft"}),
        ("schedule", {"approved", "scheduled", "held"}),
        ("reopen", {"approved", "scheduled", "held"}),
        ("pause", {"sending"}),
        ("resume", {"paused"}),
        ("cancel", {"draft", "approved", "scheduled", "held", "sending", "paused"}),
    ],
)
def test_a_verb_in_the_wrong_state_is_refused_on_the_page(press, edition, verb, allowed):
    for status in set(Edition.Status.values) - allowed:
        put(edition, status)
        (said,) = press(f"desk-{verb}", now="1")
        assert said.startswith(f"Edition {edition.pk} is {status}; this needs one that is ")
        assert edition.status == status


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("", "is no time"),
        ("tomorrow", "is no time"),
        ("2026-13-01T07:00", "is no time"),
        ("0001-01-01T00:00", "more than a year away"),
        ("9999-12-31T23:59", "more than a year away"),
        ("9999-12-31T23:59-23:59", "more than a year away"),
        ("0001-01-01T00:00+14:00", "more than a year away"),
    ],
)
def test_a_time_that_is_none_is_refused_on_the_page(press, edition, at, said):
    press("desk-approve")
    (message,) = press("desk-schedule", at=at)
    assert said in message
    assert edition.status == "approved"


def test_a_time_long_past_is_refused_on_the_page(press, edition):
    press("desk-approve")
    (message,) = press("desk-schedule", at=clock.wall(timezone.now() - timedelta(days=3), "America/New_York"))
    assert "has passed" in message


def test_an_edition_without_subject_is_not_approved(press, edition):
    press("desk-words", subject="  ", preheader="", note="")
    assert press("desk-approve") == ["The edition has no subject."]
    assert edition.status == "draft"


def test_composing_from_the_desk_makes_the_draft_of_that_newsletter(sender, newsletter):
    other = builders.make_newsletter("Another")
    builders.make_article("Story")
    response = sender.post(reverse("desk-compose"), {"newsletter": "another"}, follow=True)
    assert Edition.objects.get().newsletter == other
    assert messages_on(response.text) == ["1 story taken."]


def test_composing_without_stories_is_refused_on_the_front_page(sender, newsletter):
    response = sender.post(reverse("desk-compose"), {"newsletter": newsletter.slug}, follow=True)
    assert response.redirect_chain[-1][0] == reverse("desk")
    assert "No new story was published" in response.text


@pytest.mark.parametrize("slug", ["", "nobody", "the-meridian\0", "x" * 5000])
def test_composing_for_a_newsletter_that_is_not_there_is_not_found(sender, newsletter, slug):
    status = sender.post(reverse("desk-compose"), {"newsletter": slug}).status_code
    assert status == (302 if slug == "the-meridian\0" else 404)
    assert not Edition.objects.exists()


@pytest.mark.parametrize("status", Edition.Status.values)
def test_every_state_has_its_page(sender, edition, newsletter, status):
    builders.add_readers(newsletter, 2)
    put(edition, status)
    page = sender.get(reverse("desk-edition", args=[edition.pk])).text
    assert f">{status}</span>" in page
    assert page.count('class="primary"') <= 1
    assert f">{status}</span>" in sender.get(reverse("desk")).text


def test_an_empty_installation_teaches_the_first_step(sender):
    assert "newsletter add" in sender.get(reverse("desk")).text


def test_two_newsletters_are_both_on_the_front_page(sender, edition):
    builders.make_newsletter("Another")
    page = sender.get(reverse("desk")).text
    assert "Compose the next edition of The Meridian" in page
    assert "Compose the next edition of Another" in page
