"""Commands whose `--json` no other test prints; each object is compared with docs/json.md as it is printed."""

import pytest

from newsletter.editions import draft
from newsletter.letters import writing
from newsletter.letters.models import Letter
from newsletter.newsletters.models import Staff
from newsletter.tracking import returned
from newsletter.tracking.models import ReturnedMail
from tests import builders
from tests.fakes.feed_site import FeedSite
from tests.feeds.feeds import item, rss
from tests.feeds.test_collect import PAGE
from tests.letters.samples import FACTS
from tests.tracking.bounces import shapes
from tests.tracking.bounces.conftest import setting
from tests.transports.conftest import sendgrid

__all__ = ["sendgrid", "setting"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    with FeedSite() as running:
        yield running


def test_a_feed_and_an_article_that_are_added(terminal, site):
    story = site.put("/a", PAGE)
    assert terminal("feed", "add", site.put("/feed.xml", rss(item(link=story))), "--json") == 0
    assert terminal.object["state"] == "not collected yet"
    assert terminal("article", "add", story, "--json") == 0
    assert terminal.object["by_hand"] is True


def test_a_story_in_an_edition_and_one_that_is_held(terminal, newsletter):
    taken = builders.make_article("Story of the week")
    edition = draft.compose_special(newsletter).edition
    assert terminal("edition", "compose", "--special", "--json") == 0
    assert terminal.object["taken"] == 1
    assert terminal("article", "why", taken.pk, "--json") == 0
    assert [each["id"] for each in terminal.object["editions"]][-1] == edition.pk
    terminal("article", "hold", taken.pk)
    assert terminal("article", "list", "--json") == 0
    assert terminal.object["held"] is True


def test_a_letter(terminal, newsletter):
    editor = Staff.objects.create(email="ada@meridian.example")
    writing.write("edition-held", editor, "1", newsletter=newsletter, **FACTS["edition-held"])
    assert terminal("letter", "show", Letter.objects.get().pk, "--json") == 0
    assert terminal.object["to"] == "ada@meridian.example"


def test_the_form(terminal, newsletter):
    newsletter.privacy_url = "https://meridian.example/privacy"
    newsletter.save()
    assert terminal("form", "--json") == 0
    assert terminal.object["page"].endswith("/subscribe/the-meridian")


def test_returned_mail(terminal, newsletter):
    returned.take(shapes.postfix("550 5.1.1 User unknown", "5.1.1").encode())
    assert terminal("bounce", "list", "--json") == 0
    assert terminal("bounce", "show", ReturnedMail.objects.get().pk, "--json") == 0
    assert terminal.object["outcome"] == "quarantined"


def test_the_doctors_word(terminal, newsletter):
    terminal("doctor", "--offline", "--only", "clock", "--only", "migrations", "--json")
    assert {each["check"] for each in terminal.objects} == {"clock", "migrations"}


def test_what_sendgrid_remembers(terminal, newsletter, sendgrid, setting):
    setting(SENDGRID_API_URL=sendgrid.url, SENDGRID_API_KEY=sendgrid.key)
    assert terminal("event", "reconcile", "--json") == 0
    assert terminal.object["new"] == 0
