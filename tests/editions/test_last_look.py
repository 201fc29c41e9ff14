"""The last look asks every story's address once more; what was approved stays as it is."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from newsletter.deliveries import plan
from newsletter.editions import approve, draft, freeze, look
from newsletter.editions.models import Edition
from newsletter.letters.models import Letter
from newsletter.newsletters.models import Newsletter, Role, Staff
from tests import builders
from tests.fakes.feed_site import FeedSite

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def site():
    with FeedSite() as running:
        yield running


def page(title):
    return f'<html><head><meta property="og:title" content="{title}"></head><body><h1>{title}</h1></body></html>'


@pytest.fixture
def edition(site):
    """Scheduled in an hour: three stories whose pages are titled as the site pleases."""
    Staff.objects.create(email="editor@example.org", role=Role.SENDER)
    newsletter = builders.make_newsletter()
    for number in range(3):
        url = site.put(f"/{number}", page(f"On the site: {number}"), content_type="text/html")
        builders.make_article(f"Story {number}", hours_ago=number + 1, url=url, url_key=url)
    made = approve.approve(draft.compose_special(newsletter).edition, None)
    return approve.schedule(made, timezone.now() + 60 * MINUTE, None)


def look_at(edition, *, minutes_before):
    looked = look.look_due(edition.send_at - minutes_before * MINUTE)
    edition.refresh_from_db()
    return looked


def test_once_scheduled_the_titles_of_the_pages_are_noted_and_nothing_is_told(edition):
    assert look_at(edition, minutes_before=60) == 1
    assert sorted(edition.page_titles.values()) == ["On the site: 0", "On the site: 1", "On the site: 2"]
    assert not Letter.objects.exists()
    assert look_at(edition, minutes_before=30) == 0


def test_a_quarter_of_an_hour_before_every_address_is_asked_once_more(edition, site):
    look_at(edition, minutes_before=60)
    assert look_at(edition, minutes_before=15) == 1
    assert [site.count(f"/{number}") for number in range(3)] == [2, 2, 2]
    assert look_at(edition, minutes_before=14) == 0
    assert (edition.status, edition.findings) == ("scheduled", [])
    assert not Letter.objects.exists()


def test_gone_and_retitled_stories_are_told_once_and_the_frozen_edition_stays(edition, site):
    look_at(edition, minutes_before=60)
    before = edition.content_hash
    site.put("/0", page("Another story altogether"), content_type="text/html")
    site.fail("/1", 410)
    look_at(edition, minutes_before=15)
    look_at(edition, minutes_before=14)
    assert edition.findings == [
        "“Story 1” is gone from the site.",
        "“On the site: 0” is now “Another story altogether” on the site.",
    ]
    assert (edition.status, edition.content_hash) == ("scheduled", before)
    assert freeze.is_intact(edition)
    assert [letter.kind for letter in Letter.objects.all()] == ["last-look"]


def test_where_the_newsletter_says_so_the_edition_is_held(edition, site):
    Newsletter.objects.update(last_look="hold")
    look_at(edition, minutes_before=60)
    site.fail("/1", 404)
    look_at(edition, minutes_before=15)
    assert (edition.status, edition.status_reason) == ("held", "“Story 1” is gone from the site.")
    assert [letter.kind for letter in Letter.objects.all()] == ["last-look"]


@pytest.mark.parametrize("fault", ["error", "hang", "refuse"])
def test_a_site_that_does_not_answer_holds_nothing(edition, site, fault, monkeypatch):
    monkeypatch.setattr(look, "PAGES_SECONDS", 1.0)
    Newsletter.objects.update(last_look="hold")
    if fault == "error":
        site.fail("/1", 503)
    elif fault == "hang":
        site.hang("/1")
    else:
        site.redirect("/1", "file:///etc/passwd")
    look_at(edition, minutes_before=15)
    assert edition.status == "scheduled"
    assert edition.looked_at is not None


def test_a_story_that_leads_to_the_front_page_is_gone(edition, site):
    look_at(edition, minutes_before=60)
    site.put("/", page("The front page"), content_type="text/html")
    site.redirect("/2", "/")
    look_at(edition, minutes_before=15)
    assert edition.findings == ["“Story 2” is gone from the site."]


def test_another_spelling_of_a_title_is_no_other_title(edition, site):
    look_at(edition, minutes_before=60)
    site.put("/0", page("ON THE SITE — 0"), content_type="text/html")
    site.put("/1", page("Story 1"), content_type="text/html")  # the title that readers are sent
    look_at(edition, minutes_before=15)
    assert edition.findings == []


def test_a_look_that_died_is_taken_up_again_and_one_that_runs_is_left_alone(edition):
    Edition.objects.update(looking_until=timezone.now() + MINUTE)
    assert look_at(edition, minutes_before=15) == 0
    Edition.objects.update(looking_until=timezone.now() - MINUTE)
    assert look_at(edition, minutes_before=15) == 1


def test_what_a_person_let_go_is_not_held_again_and_what_is_new_is(edition, site):
    Newsletter.objects.update(last_look="hold")
    look_at(edition, minutes_before=60)
    site.fail("/1", 404)
    look_at(edition, minutes_before=15)
    assert edition.status == "held"
    # When a person lets it go nevertheless, the same finding holds it no more
    edition = approve.schedule(edition, edition.send_at + 30 * MINUTE, None)
    assert look_at(edition, minutes_before=1) == 1
    assert (edition.status, edition.findings) == ("scheduled", ["“Story 1” is gone from the site."])
    # But another one does, and it alone is the reason
    site.fail("/2", 410)
    edition = approve.schedule(edition, edition.send_at + 60 * MINUTE, None)
    assert look_at(edition, minutes_before=15) == 1
    assert (edition.status, edition.status_reason) == ("held", "“Story 2” is gone from the site.")
    assert [letter.kind for letter in Letter.objects.all()] == ["last-look", "last-look"]


def test_what_was_seen_and_could_not_be_told_is_looked_for_again(edition, site, monkeypatch):
    Newsletter.objects.update(last_look="hold")
    site.fail("/0", 410)

    def fail(*_args, **_facts):
        raise OperationalError("database is locked")

    with monkeypatch.context() as broken:
        broken.setattr(look.notices, "tell", fail)
        look_at(edition, minutes_before=15)
    assert (edition.status, edition.looked_at, edition.findings) == ("scheduled", None, [])
    Edition.objects.update(looking_until=timezone.now() - MINUTE)
    assert look_at(edition, minutes_before=12) == 1
    assert edition.status == "held"
    assert [letter.kind for letter in Letter.objects.all()] == ["last-look"]


@pytest.mark.parametrize(("policy", "status", "begun"), [("hold", "held", 0), ("send", "planning", 1)])
def test_a_late_start_has_one_look_before_it(edition, site, policy, status, begun):
    Newsletter.objects.update(last_look=policy)
    site.fail("/0", 410)
    late = edition.send_at + 5 * MINUTE
    assert plan.begin_due(late) == begun
    edition.refresh_from_db()
    assert (edition.status, edition.looked_at) == (status, late)
    assert edition.findings == ["“Story 0” is gone from the site."]
    assert [letter.kind for letter in Letter.objects.all()] == ["last-look"]


def test_a_late_start_waits_for_the_look_that_another_worker_has(edition, site):
    look_at(edition, minutes_before=60)
    Edition.objects.update(looking_until=timezone.now() + MINUTE)
    assert plan.begin_due(edition.send_at + 5 * MINUTE) == 0
    Edition.objects.update(looking_until=timezone.now() - MINUTE)  # which died
    assert plan.begin_due(edition.send_at + 5 * MINUTE) == 1
    assert [site.count(f"/{number}") for number in range(3)] == [2, 2, 2]


def test_an_edition_that_is_put_off_is_looked_at_again(edition):
    look_at(edition, minutes_before=15)
    Edition.objects.update(send_at=edition.send_at + timedelta(hours=5))
    edition.refresh_from_db()
    # the look was taken at what was a quarter of an hour before
    assert look_at(edition, minutes_before=15) == 1


def test_a_reopened_edition_is_looked_at_anew(edition):
    look_at(edition, minutes_before=15)
    reopened = approve.reopen(edition, None)
    assert (reopened.looked_at, reopened.page_titles, reopened.findings) == (None, {}, [])


def test_a_look_that_fails_stops_no_other(edition, site, monkeypatch):
    def fail(*_args, **_options):
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(look.pages, "read_pages", fail)
    assert look.look_due(timezone.now()) == 1
    edition.refresh_from_db()
    assert edition.status == "scheduled"
    assert edition.looked_at is None
