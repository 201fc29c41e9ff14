"""`newsletter feed …` and `newsletter article …`, as a person at a terminal meets them."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter.feeds.models import Article, Feed
from newsletter.newsletters.models import AuditEntry, Role, Staff
from tests.fakes.feed_site import FeedSite
from tests.feeds.conftest import Terminal
from tests.feeds.feeds import item, numbered, rss
from tests.feeds.test_collect import PAGE

pytestmark = pytest.mark.django_db


def test_a_feed_is_fetched_once_and_added_with_its_own_title(newsletter: Terminal, site: FeedSite) -> None:
    url = site.put("/feed.xml", rss(*numbered(range(3)), title="The X"))
    assert newsletter("feed", "add", url, "--kind", "analysis", "--topic", "Africa", "--topic", "Water") == 0
    assert newsletter.out == "Feed 1 added: The X (3 entries)\n".replace("1", str(Feed.objects.get().pk))
    added = Feed.objects.get()
    assert (added.url, added.title, added.kind, added.topics) == (url, "The X", "Analysis", ["Africa", "Water"])
    assert not Article.objects.exists()


def test_a_feed_is_added_without_a_look_when_told_so(newsletter: Terminal, site: FeedSite) -> None:
    assert newsletter("feed", "add", site.url("/later.xml"), "--no-check", "--title", "Later") == 0
    assert "not fetched yet" in newsletter.out
    assert site.seen == []


def test_a_feed_is_added_once(newsletter: Terminal, site: FeedSite) -> None:
    url = site.put("/feed.xml", rss())
    newsletter("feed", "add", url)
    assert newsletter("feed", "add", url) == 5
    assert "already here" in newsletter.err


@pytest.mark.parametrize(
    ("path", "code", "says"),
    [
        ("/missing", 4, "404 Not Found"),
        ("/page", 1, "is a web page, not a feed"),
        ("/empty", 1, "is empty"),
        ("/hole", 4, "refused"),
    ],
)
def test_an_address_without_a_feed_is_one_clear_line(
    newsletter: Terminal, site: FeedSite, path: str, code: int, says: str
) -> None:
    site.put("/page", "<html></html>")
    site.put("/empty", "")
    url = "http://127.0.0.1:1/" if path == "/hole" else site.url(path)
    assert newsletter("feed", "add", url) == code
    assert newsletter.err.startswith("error: ")
    assert says in newsletter.err
    assert "Traceback" not in newsletter.err
    assert not Feed.objects.exists()


@pytest.mark.parametrize("url", ["nonsense://x", "https://", "javascript:alert(1)", ""])
def test_what_is_no_address_is_a_usage_error(newsletter: Terminal, url: str) -> None:
    assert newsletter("feed", "add", url) == 2
    assert "is not a web address" in newsletter.err


def test_the_feed_that_a_page_names_is_offered(newsletter: Terminal, site: FeedSite) -> None:
    site.put("/", '<html><head><link rel="alternate" type="application/rss+xml" href="/feed.rss"></head></html>')
    assert newsletter("feed", "check", site.url("/")) == 1
    assert f"try: Its feed is {site.url('/feed.rss')}" in newsletter.err


def test_check_prints_stable_keys_with_null_where_nothing_is_known(newsletter: Terminal, site: FeedSite) -> None:
    site.put("/a", PAGE)
    url = site.put("/feed.xml", rss(item(link=site.url("/a")), item("B", site.url("/b")), item(""), title="The X"))
    assert newsletter("feed", "check", url, "--json") == 0
    assert newsletter.objects == [
        {
            "title": "The X",
            "entries": [
                {
                    "url": site.url("/a"), "title": "A story", "dek": "What it means.",
                    "byline": [{"name": "Jane Doe", "role": ""}], "kind": "Analysis", "topics": None,
                    "image": {"url": site.url("/a.jpg"), "width": 1200, "height": 800, "alt": "A dam"},
                    "credit": "Bo Ek", "published": "2026-11-16T10:00:00+00:00", "updated": None,
                    "missing": ["topics"], "quarantine": None,
                },
                {
                    "url": site.url("/b"), "title": "B", "dek": None, "byline": None, "kind": None, "topics": None,
                    "image": None, "credit": None, "published": None, "updated": None,
                    "missing": ["dek", "byline", "kind", "topics", "image", "published"],
                    "quarantine": "Its page is gone: 127.0.0.1 answered 404 Not Found.",
                },
            ],
            "dropped": ["no title (https://x.example/a)"],
        }
    ]  # fmt: skip
    assert not Article.objects.exists()


def test_check_tells_a_person_what_is_missing(newsletter: Terminal, site: FeedSite) -> None:
    assert newsletter("feed", "check", site.put("/feed.xml", rss(item("A\u001b[31m story")))) == 0
    assert "missing" in newsletter.out
    assert "\u001b[31m" not in newsletter.out
    assert "Missing: dek in 1, byline in 1" in newsletter.err


def test_check_tells_what_would_be_held_left_out_and_too_narrow(newsletter: Terminal, site: FeedSite) -> None:
    narrow = '<media:content url="/a.jpg" medium="image" width="300" height="200"/>'
    site.fail("/b", 410)
    url = site.put("/feed.xml", rss(item(link=site.url("/a"), more=narrow), item("B", site.url("/b")), item("")))
    assert newsletter("feed", "check", url) == 0
    assert "/a.jpg (300 × 200), too narrow for a lead: 600 are needed" in newsletter.out
    assert "it would be held: Its page is gone: 127.0.0.1 answered 410 Gone." in newsletter.out
    assert "left out: no title" in newsletter.err


def test_the_list_says_when_a_feed_is_silent(newsletter: Terminal) -> None:
    a_week_ago, now = timezone.now() - timedelta(days=7, minutes=1), timezone.now()
    Feed.objects.create(
        url="https://x.example/feed.xml", title="X", last_success_at=now, newest_at=a_week_ago,
        usual_gap=timedelta(hours=5), longest_gap=timedelta(days=2),
    )  # fmt: skip
    newsletter("feed", "list")
    assert "has had no new story for 7 days; usually one comes every 5 hours" in newsletter.out
    newsletter("feed", "list", "--json")
    assert newsletter.objects[0]["usual_gap"] == 18000.0


def test_collect_tells_a_line_for_each_feed(newsletter: Terminal, site: FeedSite) -> None:
    newsletter("feed", "add", site.put("/feed.xml", rss(*numbered(range(2)), item(""), title="The X")))
    assert newsletter("feed", "collect") == 0
    assert newsletter.out == "The X: 2 new, 0 changed, 0 unchanged\n"
    assert "left out: no title" in newsletter.err
    assert newsletter("feed", "collect") == 0
    assert newsletter.out == "The X: 0 new, 0 changed, 2 unchanged\n"


def test_collect_says_when_some_feeds_or_all_of_them_failed(newsletter: Terminal, site: FeedSite) -> None:
    good, bad = site.put("/good.xml", rss()), site.fail("/bad.xml", 500)
    Feed.objects.create(url=bad)
    assert newsletter("feed", "collect") == 4
    Feed.objects.create(url=good, title="Good")
    assert newsletter("feed", "collect", "--json") == 6
    assert {each["feed"]: each["error"] for each in newsletter.objects} == {
        "Good": "", bad: "127.0.0.1 answered 500 Internal Server Error.",
    }  # fmt: skip
    assert set(newsletter.objects[0]) == {"feed_id", "feed", "new", "changed", "unchanged", "dropped", "error"}


def test_collect_without_feeds_says_how_to_add_one(newsletter: Terminal) -> None:
    assert newsletter("feed", "collect") == 2
    assert "newsletter feed add" in newsletter.err
    assert newsletter("feed", "collect", 7) == 2
    assert "There is no feed 7." in newsletter.err


def test_a_paused_feed_is_left_alone_until_it_is_resumed(newsletter: Terminal, site: FeedSite) -> None:
    feed = Feed.objects.create(url=site.put("/feed.xml", rss(*numbered(range(1)))), title="X")
    newsletter("feed", "pause", feed.pk)
    assert newsletter("feed", "collect") == 2
    newsletter("feed", "list", "--json")
    assert newsletter.objects[0]["paused"] is True
    newsletter("feed", "resume", feed.pk)
    assert newsletter("feed", "collect") == 0


def test_removing_a_feed_keeps_its_articles(newsletter: Terminal, site: FeedSite) -> None:
    feed = Feed.objects.create(url=site.put("/feed.xml", rss(*numbered(range(2)))), title="X")
    newsletter("feed", "collect")
    assert newsletter("feed", "remove", feed.pk) == 5
    assert newsletter("feed", "remove", feed.pk, "--yes") == 0
    assert (Feed.objects.count(), Article.objects.count()) == (0, 2)


def test_the_list_shows_how_each_feed_does(newsletter: Terminal, site: FeedSite) -> None:
    Feed.objects.create(url=site.fail("/bad.xml", 404), title="Bad")
    newsletter("feed", "collect")
    assert newsletter("feed", "list") == 0
    assert "failed: 127.0.0.1 answered 404 Not Found." in newsletter.out


def test_articles_are_listed_shown_held_and_released(newsletter: Terminal, site: FeedSite) -> None:
    Feed.objects.create(url=site.put("/feed.xml", rss(item("A dam", "https://x.example/a"))), title="X")
    newsletter("feed", "collect")
    article = Article.objects.get()
    assert newsletter("article", "list") == 0
    assert "A dam" in newsletter.out
    assert newsletter("article", "hold", article.pk) == 0
    assert newsletter("article", "show", article.pk, "--json") == 0
    assert newsletter.objects[0]["held"] is True
    assert newsletter.objects[0]["feeds"] == ["X"]
    newsletter("article", "release", article.pk)
    assert newsletter("article", "show", article.pk) == 0
    assert "https://x.example/a" in newsletter.out
    assert newsletter("article", "show", 999) == 2


def test_who_held_and_released_an_article_is_written_down(newsletter: Terminal) -> None:
    article = Article.objects.create(url="https://x.example/a", url_key="x.example/a", title="A dam")
    editor = Staff.objects.create(email="ed@example.org", role=Role.EDITOR)
    Staff.objects.create(email="eye@example.org", role=Role.VIEWER)
    assert newsletter("article", "hold", article.pk, "--as", "ed@example.org") == 0
    assert newsletter("article", "hold", article.pk) == 0
    assert newsletter("article", "release", article.pk, "--as", "eye@example.org") == 5
    assert newsletter("article", "release", article.pk) == 0
    entries = AuditEntry.objects.order_by("pk").values_list("staff", "verb", "subject")
    subject = f"article {article.pk}"
    assert list(entries) == [(editor.pk, "hold", subject), (None, "release", subject)]


def test_only_recent_articles_are_listed_when_asked(newsletter: Terminal, site: FeedSite) -> None:
    old = "<pubDate>Mon, 16 Nov 2020 05:00:00 GMT</pubDate>"
    Feed.objects.create(url=site.put("/feed.xml", rss(*numbered([1], old), *numbered([2]))), title="X")
    newsletter("feed", "collect")
    newsletter("article", "list", "--days", 7, "--json")
    assert [each["title"] for each in newsletter.objects] == ["Story 2"]


@pytest.mark.parametrize("typed", ["nonsense", "feed", " "])
def test_what_is_no_address_is_called_none(newsletter: Terminal, typed: str) -> None:
    assert newsletter("feed", "check", typed) == 2
    assert "is not a web address" in newsletter.err


def test_of_a_photo_that_is_not_there_nothing_more_is_missing(newsletter: Terminal, site: FeedSite) -> None:
    assert newsletter("feed", "check", site.put("/feed.xml", rss(item("A", site.url("/a"))))) == 0
    assert re.search(r"photo +missing", newsletter.out)
    assert "alt" not in newsletter.out
    assert "credit" not in newsletter.out
