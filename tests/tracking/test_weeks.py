"""Steps of the newsroom's week that did not happen in time (F-23)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter.editions import draft, week
from newsletter.editions.models import Edition
from tests import builders
from tests.tracking.conftest import ago

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
HOUR = timedelta(hours=1)


@pytest.fixture
def run(newsletter):
    """The newsletter's next run after it was set up."""
    return next(week.runs_after(draft.schedule_of(newsletter), newsletter.rhythm_from + newsletter.cutoff))


def regular(newsletter, run, **values):
    return Edition.objects.create(
        newsletter=newsletter,
        number=1,
        period_start=run.period_start,
        stories_from=run.cutoff_at - 7 * 24 * HOUR,
        stories_until=run.cutoff_at,
        send_at=run.send_at,
        **values,
    )


def test_a_cut_off_that_nobody_saw_to_is_told_once_it_is_late(newsletter, run, seen):
    assert "not-drafted" not in seen(run.cutoff_at + timedelta(minutes=1))
    found = seen(run.cutoff_at + HOUR)["not-drafted"]
    assert found.level == "page"
    assert found.command == "newsletter edition compose --newsletter the-meridian"


def test_a_draft_that_the_rhythm_made_is_none_of_it(newsletter, run, seen):
    regular(newsletter, run, closed_at=run.cutoff_at)
    assert "not-drafted" not in seen(run.cutoff_at + HOUR)


def test_a_date_to_skip_needs_no_draft(newsletter, run, seen):
    newsletter.skip_dates = [str(run.day)]
    newsletter.save()
    assert "not-drafted" not in seen(run.cutoff_at + HOUR)


def test_cut_offs_before_the_newsletter_was_set_up_do_not_count(newsletter, run, seen):
    newsletter.rhythm_from = run.cutoff_at + timedelta(seconds=1)
    newsletter.save()
    assert "not-drafted" not in seen(run.cutoff_at + HOUR)


@pytest.mark.parametrize(
    ("status", "command"), [("draft", "newsletter edition approve"), ("approved", "newsletter edition schedule")]
)
def test_an_edition_that_nobody_let_go_is_told_an_hour_before_its_time(newsletter, run, seen, status, command):
    edition = regular(newsletter, run, closed_at=run.cutoff_at, status=status)
    assert "not-approved" not in seen(run.send_at - 2 * HOUR)
    found = seen(run.send_at - HOUR / 2)["not-approved"]
    assert found.level == "page"
    assert found.command == f"{command} {edition.pk}"


def test_where_no_review_is_asked_for_it_has_until_shortly_before(newsletter, run, seen):
    newsletter.review = "auto"
    newsletter.save()
    regular(newsletter, run, closed_at=run.cutoff_at)
    assert "not-approved" not in seen(run.send_at - HOUR / 2)
    assert "not-approved" in seen(run.send_at - timedelta(minutes=1))


def test_a_scheduled_edition_that_does_not_begin_is_told_after_five_minutes(edition, seen):
    assert "not-started" not in seen(edition.send_at + timedelta(minutes=1))
    assert seen(edition.send_at + timedelta(minutes=6))["not-started"].level == "page"


def test_a_held_edition_is_urgent_around_its_time_and_else_a_matter_of_mornings(edition, seen):
    Edition.objects.update(status="held", status_reason="A thin week.", send_at=ago(hours=2))
    assert seen(ago(hours=10))["held"].level == "morning"
    assert seen()["held"].level == "page"
    assert "A thin week." in seen()["held"].words
    assert seen(timezone.now() + timedelta(days=3))["held"].level == "morning"


def test_nothing_is_wrong_with_a_newsletter_at_rest(newsletter, seen):
    builders.add_readers(newsletter, 3)
    assert seen() == {}


@pytest.mark.parametrize("status", ["draft", "approved"])
def test_an_edition_that_was_reopened_after_its_time_is_not_forgotten(newsletter, run, seen, status):
    edition = regular(newsletter, run, status=status, closed_at=run.cutoff_at)
    Edition.objects.update(send_at=None)
    assert "not-approved" not in seen(run.send_at - HOUR)
    found = seen(run.send_at + 2 * HOUR)["not-approved"]
    assert (found.level, found.command) == ("morning", f"newsletter edition schedule {edition.pk}")
    assert f"is {status}, and its time is over: nobody named another." in found.words
