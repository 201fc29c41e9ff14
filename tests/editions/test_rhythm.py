"""The newsroom's week by the clock: every step once, whoever rings and how often, and never silence."""

from datetime import date, timedelta

import pytest
import time_machine

from newsletter.editions import approve, draft, edit, rhythm
from newsletter.editions.models import Edition
from newsletter.letters.models import Letter
from newsletter.newsletters.models import Role, Staff
from tests import builders
from tests.editions.weeks import CUTOFF, HOUR, MINUTE, MONDAY, SEND, WEEK, beat, publish, the_edition, told, weekly

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def editor():
    return Staff.objects.create(email="editor@example.org", role=Role.SENDER)


@pytest.fixture
def newsletter(editor):
    return weekly()


def test_before_the_cut_off_nothing_happens(newsletter):
    publish(4, CUTOFF)
    beat(CUTOFF - MINUTE)
    assert not Edition.objects.exists()
    assert told() == []


def test_at_the_cut_off_the_draft_is_composed_and_the_editor_told_once(newsletter):
    publish(4, CUTOFF)
    beat(CUTOFF, times=10)
    edition = the_edition()
    assert (edition.status, edition.send_at, edition.items.count()) == ("draft", SEND, 4)
    assert told() == ["draft-ready"]


def test_approved_by_a_person_it_is_scheduled_for_its_time_and_begins_then(newsletter, editor):
    publish(4, CUTOFF)
    beat(CUTOFF)
    with time_machine.travel(CUTOFF + HOUR, tick=False):
        approved = approve.approve_for_its_run(the_edition(), editor)
    assert (approved.status, approved.send_at, approved.approved_by) == ("scheduled", SEND, editor)
    beat(SEND - MINUTE)
    assert the_edition().status == "scheduled"
    beat(SEND)
    assert the_edition().status == "planning"
    assert told() == ["draft-ready"]


def test_what_was_composed_early_is_refilled_at_the_cut_off(newsletter):
    publish(3, CUTOFF - 10 * HOUR)
    with time_machine.travel(CUTOFF - 10 * HOUR, tick=False):
        draft.compose_regular(newsletter)
    publish(2, CUTOFF, first=3)
    beat(CUTOFF)
    assert the_edition().items.count() == 5
    assert told() == ["draft-ready"]


def test_what_was_approved_early_is_left_as_it_is(newsletter, editor):
    publish(3, CUTOFF - 10 * HOUR)
    with time_machine.travel(CUTOFF - 10 * HOUR, tick=False):
        approve.approve_for_its_run(draft.compose_regular(newsletter).edition, editor)
    publish(2, CUTOFF, first=3)
    beat(CUTOFF)
    assert (the_edition().status, the_edition().items.count()) == ("scheduled", 3)
    assert told() == []


def test_a_missing_approval_is_told_in_time_and_then_held(newsletter, editor):
    publish(4, CUTOFF)
    beat(CUTOFF)
    beat(SEND - 2 * HOUR - MINUTE)
    assert told() == ["draft-ready"]
    beat(SEND - HOUR)
    assert told() == ["draft-ready", "approval-missing"]
    beat(SEND)
    edition = the_edition()
    assert (edition.status, edition.status_reason) == (
        "held",
        "Nobody approved it before its time, Thursday 26 November, 07:00 New York.",
    )
    assert told() == ["draft-ready", "approval-missing", "edition-held"]
    assert Letter.objects.get(kind="edition-held").payload["approved"] is False


def test_what_is_reopened_after_its_time_stays_a_draft_until_a_person_names_another_time(newsletter, editor):
    publish(4, CUTOFF)
    beat(CUTOFF)
    beat(SEND)
    with time_machine.travel(SEND + HOUR, tick=False):
        approve.reopen(the_edition(), editor)
        rhythm.keep()
        assert the_edition().status == "draft"
        approved = approve.approve_for_its_run(the_edition(), editor)
        assert approved.status == "approved"  # its own time is over: nothing goes out of itself
        rhythm.keep()
        approve.schedule(approved, SEND + 2 * HOUR, editor)
    beat(SEND + 2 * HOUR)
    assert the_edition().status == "planning"


def test_what_was_reopened_days_before_its_run_goes_by_the_runs_time_again(newsletter, editor):
    # Given an edition that was to go out early, was held, and reopened after that time
    publish(4, MONDAY + HOUR)
    with time_machine.travel(MONDAY + HOUR, tick=False):
        edition = approve.approve(draft.compose_regular(newsletter).edition, editor)
        approve.hold(approve.schedule(edition, MONDAY + 2 * HOUR, editor), "Stop.")
    with time_machine.travel(MONDAY + 3 * HOUR, tick=False):
        assert approve.reopen(the_edition(), editor).send_at is None
    beat(CUTOFF)
    assert (the_edition().status, the_edition().send_at) == ("draft", SEND)
    assert told() == ["edition-held", "draft-ready"]


def test_what_was_approved_and_not_scheduled_is_held_at_its_time(newsletter, editor):
    publish(4, CUTOFF)
    beat(CUTOFF)
    approve.approve(the_edition(), editor)
    beat(SEND)
    assert the_edition().status == "held"
    assert the_edition().status_reason.startswith("Nobody scheduled it")


@pytest.mark.parametrize(
    ("stories", "policy", "status", "notice"),
    [
        (2, "hold", "held", "thin-week"),
        (2, "send", "draft", "thin-week"),
        (2, "skip", "cancelled", "thin-week"),
        (0, "hold", "held", "thin-week"),
        (0, "send", "held", "thin-week"),
        (0, "skip", "cancelled", "thin-week"),
        (3, "hold", "draft", "draft-ready"),
    ],
)
def test_a_thin_or_empty_week_goes_the_newsletters_way_and_is_told_once(editor, stories, policy, status, notice):
    weekly(thin_week=policy, min_items=3)
    publish(stories, CUTOFF)
    beat(CUTOFF)
    beat(CUTOFF + HOUR)
    assert the_edition().status == status
    assert told() == [notice]


def test_the_stories_of_a_skipped_thin_week_are_in_the_next(editor):
    weekly(thin_week="skip")
    publish(2, CUTOFF)
    beat(CUTOFF)
    publish(2, CUTOFF + WEEK, first=2)
    beat(CUTOFF + WEEK)
    assert Edition.objects.get(status="draft").items.count() == 4


def test_the_stories_of_an_edition_that_nobody_approved_are_in_the_next(newsletter):
    publish(4, CUTOFF)
    beat(CUTOFF)
    beat(SEND)
    publish(1, CUTOFF + WEEK, first=4)
    beat(CUTOFF + WEEK)
    assert Edition.objects.get(status="draft").items.count() == 5


def test_a_held_thin_edition_that_an_editor_reopens_is_not_held_again(newsletter, editor):
    publish(2, CUTOFF)
    beat(CUTOFF)
    with time_machine.travel(CUTOFF + HOUR, tick=False):
        edition = approve.reopen(the_edition(), editor)
        edit.edit_words(edition, subject="Two good stories", preheader="", note="A short week.")
        approve.approve_for_its_run(edition, editor)
    beat(SEND)
    assert the_edition().status == "planning"


def test_a_date_to_skip_has_no_edition_and_staff_are_told_once(editor):
    weekly(skip_dates=["2026-11-26"])
    publish(4, CUTOFF)
    beat(CUTOFF, times=5)
    beat(SEND)
    assert not Edition.objects.exists()
    assert told() == ["week-skipped"]
    # and the next week has the stories of both
    beat(CUTOFF + WEEK)
    assert the_edition().period_start == date(2026, 11, 30)


def test_a_draft_for_a_date_that_is_skipped_now_is_given_up(newsletter, editor):
    publish(4, CUTOFF - HOUR)
    with time_machine.travel(CUTOFF - HOUR, tick=False):
        draft.compose_regular(newsletter)
    type(newsletter).objects.update(skip_dates=["2026-11-26"])
    beat(CUTOFF)
    assert (the_edition().status, the_edition().status_reason) == (
        "cancelled",
        "26 November 2026 is a date without an edition.",
    )


def test_a_machine_that_was_away_over_the_cut_off_catches_up(newsletter):
    publish(4, CUTOFF)
    beat(SEND - HOUR)
    assert the_edition().status == "draft"
    assert told() == ["draft-ready"]
    # and reminds of it once half of what is left has gone
    beat(SEND - HOUR / 2)
    assert told() == ["draft-ready", "approval-missing"]


@pytest.mark.parametrize(("review", "hours"), [("auto", 7), ("approve", 1)])
def test_a_machine_that_was_away_too_long_holds_the_edition_and_says_so(editor, review, hours):
    weekly(review=review, max_lateness=timedelta(hours=6))
    publish(4, CUTOFF)
    beat(SEND + hours * HOUR)
    beat(SEND + hours * HOUR + MINUTE)
    edition = the_edition()
    assert (edition.status, edition.items.count()) == ("held", 4)
    assert edition.status_reason.startswith("Nothing ran between its cut-off and its time")
    assert told() == ["edition-held"]


def test_what_was_scheduled_and_is_too_late_is_held_and_told_once(newsletter, editor):
    publish(4, CUTOFF)
    beat(CUTOFF)
    with time_machine.travel(CUTOFF + HOUR, tick=False):
        approve.approve_for_its_run(the_edition(), editor)
    beat(SEND + 7 * HOUR)
    assert the_edition().status == "held"
    assert told() == ["draft-ready", "edition-held"]


def test_weeks_in_which_nothing_ran_are_named_in_the_next_draft(newsletter):
    publish(4, CUTOFF + 2 * WEEK)
    beat(CUTOFF + 2 * WEEK)
    assert the_edition().period_start == date(2026, 12, 7)
    letter = Letter.objects.get(kind="draft-ready")
    assert "Nothing ran for the editions of 26 November, 03 December" in str(letter.payload)


def test_a_newsletter_that_was_just_added_is_left_alone_until_its_next_cut_off(editor):
    builders.make_newsletter(rhythm_from=CUTOFF + MINUTE)
    publish(4, CUTOFF)
    beat(CUTOFF + HOUR)
    beat(SEND)
    assert not Edition.objects.exists()


def test_a_newsletter_whose_week_fails_does_not_stop_the_others(editor):
    weekly("Broken", zone="Nowhere/Land")
    weekly("Whole")
    publish(4, CUTOFF)
    beat(CUTOFF)
    assert the_edition().newsletter.name == "Whole"
