"""`newsletter article add` and `why`: one article by its address, and the whole story of one."""

from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter.editions.models import Edition, Item
from newsletter.feeds.models import Article, Feed
from newsletter.newsletters.models import AuditEntry, Role, Staff
from tests import builders
from tests.fakes.feed_site import FeedSite
from tests.feeds.conftest import Terminal
from tests.feeds.feeds import item, rss
from tests.feeds.test_collect import PAGE

pytestmark = pytest.mark.django_db


def test_an_article_is_added_by_its_address_with_all_that_its_page_says(newsletter: Terminal, site: FeedSite) -> None:
    editor = Staff.objects.create(email="ed@example.org", role=Role.EDITOR)
    url = site.put("/a", PAGE.replace("<head>", '<head><meta property="og:site_name" content="X">'))
    assert newsletter("article", "add", f"{url}?utm_source=mail", "--as", "ed@example.org") == 0
    article = Article.objects.get()
    assert newsletter.out == f"Article {article.pk} added: A story\n"
    assert (article.url, article.title, article.dek, article.kind) == (url, "A story", "What it means.", "Analysis")
    assert article.image
    assert article.image["credit"] == "Bo Ek"
    assert AuditEntry.objects.get().staff == editor
    newsletter("article", "show", article.pk)
    assert "by hand" in newsletter.out
    newsletter("article", "show", article.pk, "--json")
    assert newsletter.objects[0]["by_hand"] is True


def test_a_feed_that_carries_it_later_makes_no_second_one(newsletter: Terminal, site: FeedSite) -> None:
    url = site.put("/a", PAGE)
    newsletter("article", "add", url)
    Feed.objects.create(url=site.put("/feed.xml", rss(item(link=url))), title="X")
    newsletter("feed", "collect")
    assert "0 new" in newsletter.out
    assert newsletter("article", "add", f"{url}/") == 5
    assert "already here" in newsletter.err
    newsletter("article", "why", Article.objects.get().pk)
    assert "added by hand on" in newsletter.out
    assert "from X as" in newsletter.out


@pytest.mark.parametrize(
    ("path", "code", "says"),
    [
        ("/gone", 4, "404 Not Found"),
        ("/feed.xml", 1, "is no web page: the server calls it application/rss+xml"),
        ("/blank", 1, "the page has no title"),
        ("/moved", 1, "leads to the front page"),
    ],
)
def test_what_is_no_article_is_one_clear_line(
    newsletter: Terminal, site: FeedSite, path: str, code: int, says: str
) -> None:
    site.put("/feed.xml", rss(item()))
    site.put("/blank", "<p>Nothing.</p>")
    site.put("/", "<title>The X</title>")
    site.redirect("/moved", "/")
    assert newsletter("article", "add", site.url(path)) == code
    assert says in newsletter.err
    assert not Article.objects.exists()


def test_what_is_no_address_is_a_usage_error(newsletter: Terminal) -> None:
    assert newsletter("article", "add", "javascript:alert(1)") == 2


def test_a_viewer_may_not_add(newsletter: Terminal, site: FeedSite) -> None:
    Staff.objects.create(email="eye@example.org", role=Role.VIEWER)
    assert newsletter("article", "add", site.put("/a", PAGE), "--as", "eye@example.org") == 5
    assert not Article.objects.exists()


def test_why_names_the_feed_the_editions_and_the_rules(newsletter: Terminal, site: FeedSite) -> None:
    # Given an article that one edition took, another left out, and an editor took out of a third
    site.put("/a", PAGE)
    Feed.objects.create(url=site.put("/feed.xml", rss(item(link=site.url("/a"), guid="g1"))), title="The X")
    newsletter("feed", "collect")
    article = Article.objects.get()
    house = builders.make_newsletter()
    section = house.sections.first() or house.sections.create(name="Analysis", slug="analysis", position=1, cap=5)
    now = timezone.now()
    editions = [
        Edition.objects.create(
            newsletter=house, kind="special", number=number, stories_from=now - timedelta(days=7), stories_until=now
        )
        for number in (101, 102, 103)
    ]
    Item.objects.create(edition=editions[0], section=section, position=2, article=article, reason="its feed")
    Edition.objects.filter(pk=editions[1].pk).update(left_out={str(article.pk): "no room: Analysis took others"})
    Item.objects.create(edition=editions[2], section=section, position=1, article=article, reason="x", dropped=True)
    # Then each is told
    assert newsletter("article", "why", article.pk) == 0
    assert "from The X as g1" in newsletter.out
    assert f"in {editions[0]} (edition {editions[0].pk}, draft): {section.name}, place 2; its feed" in newsletter.out
    assert f"not in {editions[1]} (edition {editions[1].pk}, draft): no room: Analysis took others" in newsletter.out
    assert f"an editor took it out of {section.name}" in newsletter.out
    newsletter("article", "why", article.pk, "--json")
    told = newsletter.objects[0]
    assert [(each["id"], each["section"], each["dropped"]) for each in told["editions"]] == [
        (editions[2].pk, section.name, True), (editions[1].pk, None, False), (editions[0].pk, section.name, False),
    ]  # fmt: skip
    assert told["sightings"][0]["guid"] == "g1"


def test_why_tells_what_holds_an_article(newsletter: Terminal, site: FeedSite) -> None:
    Feed.objects.create(url=site.put("/feed.xml", rss(item(link=site.url("/a")))), title="X")
    newsletter("feed", "collect")
    article = Article.objects.get()
    newsletter("article", "why", article.pk)
    assert "Its page is gone: 127.0.0.1 answered 404 Not Found." in newsletter.out
    assert f"newsletter article release {article.pk}" in newsletter.err
    newsletter("article", "list")
    assert "quarantined: Its page is gone" in newsletter.out
    newsletter("article", "show", article.pk, "--json")
    assert "is gone" in newsletter.objects[0]["quarantine"]
    newsletter("article", "release", article.pk)
    newsletter("article", "why", article.pk)
    assert "no edition has been composed since" in newsletter.out


def test_why_of_nothing_is_a_usage_error(newsletter: Terminal) -> None:
    assert newsletter("article", "why", 99) == 2


def test_show_lists_what_was_changed(newsletter: Terminal, site: FeedSite) -> None:
    site.fail("/a", 403)
    Feed.objects.create(url=site.put("/feed.xml", rss(item("Teh story", site.url("/a")))), title="X")
    newsletter("feed", "collect")
    site.put("/feed.xml", rss(item("The story", site.url("/a"))))
    newsletter("feed", "collect")
    newsletter("article", "show", Article.objects.get().pk)
    assert "title, was “Teh story”" in newsletter.out
