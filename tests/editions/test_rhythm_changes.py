"""The week without review, and a week whose day is changed: what goes by itself, and what waits for a person."""

from datetime import timedelta

import pytest
import time_machine

from newsletter.editions import approve, draft
from newsletter.feeds import manage
from newsletter.newsletters import setup
from newsletter.newsletters.models import Role, Staff
from tests import builders
from tests.editions.weeks import CUTOFF, HOUR, MINUTE, MONDAY, SEND, beat, publish, the_edition, told, weekly
from tests.fakes.feed_site import FeedSite

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def editor():
    return Staff.objects.create(email="editor@example.org", role=Role.SENDER)


@pytest.fixture
def newsletter(editor):
    return weekly()


def test_without_review_what_stands_a_quarter_of_an_hour_before_goes_out():
    Staff.objects.create(email="editor@example.org", role=Role.SENDER)
    weekly(review="auto")
    publish(4, CUTOFF)
    beat(CUTOFF)
    beat(SEND - 16 * MINUTE)
    assert the_edition().status == "draft"  # so long it may still be changed
    beat(SEND - 15 * MINUTE)
    assert (the_edition().status, the_edition().send_at, the_edition().approved_by) == ("scheduled", SEND, None)
    beat(SEND)
    assert the_edition().status == "planning"
    assert told() == ["draft-ready"]


def test_without_review_a_story_that_was_retitled_since_the_cut_off_is_found(editor):
    weekly(review="auto", last_look="hold")
    with FeedSite() as site:
        for number in range(3):
            url = site.put(f"/{number}", f"<h1>On the site: {number}</h1>", content_type="text/html")
            with time_machine.travel(CUTOFF - HOUR, tick=False):
                builders.make_article(f"Story {number}", url=url, url_key=url)
        beat(CUTOFF)
        assert len(the_edition().page_titles) == 3
        site.put("/1", "<h1>We were wrong</h1>", content_type="text/html")
        beat(SEND - 15 * MINUTE)
        assert [site.count(f"/{number}") for number in range(3)] == [2, 2, 2]
    assert the_edition().status_reason == "“On the site: 1” is now “We were wrong” on the site."
    assert told() == ["draft-ready", "last-look"]


def test_without_review_a_story_that_was_held_or_embargoed_since_is_left_out_and_told(editor):
    weekly(review="auto")
    publish(6, CUTOFF)
    beat(CUTOFF)
    first, *_, last = [item.article_id for item in the_edition().items.order_by("section__position", "position")]
    manage.hold(first, editor)
    manage.embargo(last, SEND + HOUR, editor)
    subject = the_edition().subject
    beat(SEND - 15 * MINUTE)
    edition = the_edition()
    assert (edition.status, edition.items.filter(dropped=False).count()) == ("scheduled", 4)
    assert set(edition.items.filter(dropped=True).values_list("reason", flat=True)) == {
        "Left out by itself: it is on hold.",
        "Left out by itself: it is under embargo until 26 November 13:00 UTC.",
    }
    assert edition.subject != subject  # which was the held story's title
    assert told() == ["draft-ready", "stories-dropped"]


def test_without_review_an_edition_of_forbidden_stories_alone_is_held(editor):
    weekly(review="auto", min_items=1)
    publish(1, CUTOFF)
    beat(CUTOFF)
    manage.hold(the_edition().items.get().article_id, editor)
    beat(SEND - 15 * MINUTE)
    assert (the_edition().status, told()) == ("held", ["draft-ready", "edition-held"])


def test_without_review_what_a_person_reopened_waits_for_a_person(editor):
    weekly(review="auto")
    publish(4, CUTOFF)
    beat(CUTOFF)
    beat(SEND - 15 * MINUTE)
    with time_machine.travel(SEND - 14 * MINUTE, tick=False):
        approve.reopen(the_edition(), editor)
    beat(SEND - 13 * MINUTE)
    assert the_edition().status == "draft"
    beat(SEND)
    assert the_edition().status == "held"
    assert told() == ["draft-ready", "approval-missing", "edition-held"]


def test_without_review_what_cannot_be_approved_is_held_and_says_why(editor):
    newsletter = weekly(review="auto")
    type(newsletter).objects.update(postal_address=" ")
    publish(4, CUTOFF)
    beat(CUTOFF)
    beat(SEND - 15 * MINUTE)
    edition = the_edition()
    assert edition.status == "held"
    assert "no postal address" in edition.status_reason
    assert told() == ["draft-ready", "edition-held"]


def test_a_machine_that_was_away_over_the_send_sends_late_where_no_review_is_asked_for(editor):
    weekly(review="auto", max_lateness=timedelta(hours=6))
    publish(4, CUTOFF)
    beat(SEND + 3 * HOUR)
    beat(SEND + 3 * HOUR + MINUTE)
    assert the_edition().status == "planning"


@pytest.mark.parametrize(("review", "status"), [("approve", "held"), ("auto", "planning")])
def test_a_draft_that_waits_for_its_cut_off_goes_by_the_newsletters_new_day(editor, review, status):
    newsletter = weekly(review=review)
    publish(4, MONDAY + 2 * HOUR)
    with time_machine.travel(MONDAY + 3 * HOUR, tick=False):
        draft.compose_regular(newsletter)
    with time_machine.travel(MONDAY + 4 * HOUR, tick=False):
        setup.change(newsletter, {"weekday": 4}, [], None)
    publish(4, CUTOFF, first=4)
    beat(MONDAY + 5 * HOUR)
    assert the_edition().send_at == SEND + 24 * HOUR
    # Nothing becomes of it at its old time; at its new cut-off it is filled, and at its new time the policy decides
    beat(SEND)
    assert (the_edition().status, told()) == ("draft", [])
    beat(CUTOFF + 24 * HOUR)
    assert (the_edition().items.count(), told()) == (8, ["draft-ready"])
    beat(SEND + 24 * HOUR - 15 * MINUTE)
    beat(SEND + 24 * HOUR)
    assert the_edition().status == status


def test_what_a_person_reopened_before_its_cut_off_keeps_its_time_until_the_new_one_comes(newsletter, editor):
    publish(4, MONDAY + 2 * HOUR)
    with time_machine.travel(MONDAY + 3 * HOUR, tick=False):
        edition = approve.approve_for_its_run(draft.compose_regular(newsletter).edition, editor)
        approve.reopen(edition, editor)
        setup.change(newsletter, {"weekday": 4}, [], None)
    beat(MONDAY + 5 * HOUR)
    beat(SEND)
    assert (the_edition().status, the_edition().send_at) == ("draft", SEND)
    beat(CUTOFF + 24 * HOUR)
    assert (the_edition().status, the_edition().send_at) == ("draft", SEND + 24 * HOUR)
