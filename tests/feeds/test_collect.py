"""Collecting: new, changed and unchanged stories, one Article each, and how the feeds do."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from newsletter.feeds import bounded, urls
from newsletter.feeds import collect as collecting
from newsletter.feeds.collect import Collected, collect, collect_all, collect_due, look
from newsletter.feeds.models import Article, Feed, Sighting
from tests.fakes.feed_site import FeedSite
from tests.feeds.feeds import item, numbered, rss

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

PAGE = """<html><head><title>A story | X</title><meta property="og:description" content="What it means.">
<meta property="article:section" content="Analysis"><meta name="author" content="Jane Doe">
<meta property="og:image" content="/a.jpg">
<meta property="article:published_time" content="2026-11-16T10:00:00Z"></head>
<body><article><figure><img src="/a.jpg" width="1200" height="800" alt="A dam">
<figcaption>Photo: Bo Ek</figcaption></figure>
</article></body></html>"""


def a_feed(site: FeedSite, *items: str, path: str = "/feed.xml", **values: Any) -> Feed:
    site.put(path, rss(*items, link=site.url("/")))
    return Feed.objects.create(url=site.url(path), **values)


def counts(collected: Collected) -> tuple[int, int, int]:
    assert collected.error == ""
    return collected.new, collected.changed, collected.unchanged


def again(feed: Feed) -> Collected:
    feed.refresh_from_db()
    return collect(feed)


def test_the_pages_fill_what_the_feed_leaves_out(site: FeedSite) -> None:
    # Given a feed with titles and links only, and a page that knows the rest
    feed = a_feed(site, item(link=site.url("/a")), topics=["Water"])
    site.put("/a", PAGE)
    # When it is collected
    assert counts(collect(feed)) == (1, 0, 0)
    # Then the article is what an editor would write down
    article = Article.objects.get()
    assert (article.title, article.dek, article.kind, article.topics) == (
        "A story",
        "What it means.",
        "Analysis",
        ["Water"],
    )
    assert article.byline == [{"name": "Jane Doe", "role": ""}]
    assert article.image == {
        "url": site.url("/a.jpg"), "width": 1200, "height": 800, "alt": "A dam", "credit": "Bo Ek",
    }  # fmt: skip
    assert article.published_at == datetime(2026, 11, 16, 10, tzinfo=UTC)
    assert article.page_read_at is not None


def test_collecting_twice_changes_nothing_and_reads_no_page_again(site: FeedSite) -> None:
    feed = a_feed(site, item(link=site.url("/a")), item("B", site.url("/b")))
    site.put("/a", PAGE)
    site.fail("/b", 403)
    assert counts(collect(feed)) == (2, 0, 0)
    before = list(Article.objects.values())
    assert counts(again(feed)) == (0, 0, 2)
    assert list(Article.objects.values()) == before
    assert (site.count("/a"), site.count("/b")) == (1, 1)


def test_an_unchanged_feed_is_not_sent_twice(site: FeedSite) -> None:
    feed = a_feed(site, *numbered(range(3)))
    site.put("/feed.xml", rss(*numbered(range(3))), etag='"v1"')
    collect(feed)
    assert counts(again(feed)) == (0, 0, 0)
    assert site.seen[-1].headers["if-none-match"] == '"v1"'
    assert Article.objects.count() == 3


def test_a_corrected_title_changes_the_article(site: FeedSite) -> None:
    feed = a_feed(site, item("Teh story", site.url("/a"), "g1"))
    collect(feed)
    site.put("/feed.xml", rss(item("The story", site.url("/a"), "g1")))
    assert counts(again(feed)) == (0, 1, 0)
    assert Article.objects.get().title == "The story"


def test_what_a_page_said_stays_when_it_is_gone(site: FeedSite) -> None:
    feed = a_feed(site, item("Teh story", site.url("/a"), "g1"))
    site.put("/a", PAGE)
    collect(feed)
    site.remove("/a")
    site.put("/feed.xml", rss(item("The story", site.url("/a"), "g1")))
    again(feed)
    article = Article.objects.get()
    assert (article.title, article.dek) == ("The story", "What it means.")
    assert article.image
    assert article.image["credit"] == "Bo Ek"


@pytest.mark.parametrize(
    "second",
    [
        ("A story", "/a?utm_source=x", "g1"),
        ("A story", "/a/", "g1"),
        ("A story", "/a", "g2"),
        ("Another title", "/a", "g1"),
        ("A story", "/a-new-slug", "g1"),
    ],
    ids=["tracking", "slash", "guid", "title", "slug"],
)
def test_one_story_stays_one_article(site: FeedSite, second: tuple[str, str, str]) -> None:
    feed = a_feed(site, item("A story", site.url("/a"), "g1"))
    collect(feed)
    title, path, guid = second
    site.put("/feed.xml", rss(item(title, site.url(path), guid)))
    assert again(feed).new == 0
    assert Article.objects.count() == 1


def test_a_changed_slug_gives_the_article_its_new_address(site: FeedSite) -> None:
    feed = a_feed(site, item("A story", site.url("/a"), "g1"))
    site.put("/a", PAGE)
    collect(feed)
    site.put("/b", PAGE)
    site.put("/feed.xml", rss(item("A story", site.url("/b"), "g1")))
    assert counts(again(feed)) == (0, 1, 0)
    assert Article.objects.get().url == site.url("/b")


def test_a_story_in_two_feeds_is_one_article_with_both_feeds_topics(site: FeedSite) -> None:
    all_ = a_feed(site, item(link=site.url("/a"), more="<category>Africa</category>"))
    section = a_feed(site, item(link=site.url("/a?utm_source=y")), path="/water.xml", topics=["Water"], kind="Analysis")
    assert counts(collect(all_)) == (1, 0, 0)
    assert counts(collect(section)) == (0, 1, 0)
    article = Article.objects.get()
    assert (article.topics, article.kind) == (["Africa", "Water"], "Analysis")
    assert Sighting.objects.count() == 2
    assert counts(again(all_)) == (0, 0, 1)


def test_the_pages_canonical_address_is_the_articles(site: FeedSite) -> None:
    feed = a_feed(site, item(link=site.url("/?p=12"), guid="g1"))
    site.put("/?p=12", f'<link rel="canonical" href="{site.url("/real")}">')
    collect(feed)
    assert Article.objects.get().url == site.url("/real")


def test_pages_that_all_end_at_a_login_do_not_make_one_article_of_many(site: FeedSite) -> None:
    feed = a_feed(site, *(item(f"Story {n}", site.url(f"/{n}"), f"g{n}") for n in range(3)))
    site.put("/login", "<title>Log in</title><meta name='description' content='Please log in to read on.'>")
    for number in range(3):
        site.redirect(f"/{number}", "/login")
    assert counts(collect(feed)) == (3, 0, 0)
    assert {article.dek for article in Article.objects.all()} == {""}


def test_an_article_that_leads_to_the_front_page_learns_nothing_from_it(site: FeedSite) -> None:
    feed = a_feed(site, item(link=site.url("/gone")))
    site.redirect("/gone", "/")
    site.put("/", "<title>X</title><meta name='description' content='All the news of X, every day.'>")
    collect(feed)
    assert (Article.objects.get().url, Article.objects.get().dek) == (site.url("/gone"), "")


def test_a_page_that_did_not_answer_is_asked_again_though_the_feed_is_unchanged(site: FeedSite) -> None:
    feed = a_feed(site)
    site.put("/feed.xml", rss(item(link=site.url("/a"))), etag='"v1"')
    site.fail("/a", 503)
    collect(feed)
    assert Article.objects.get().page_read_at is None
    site.put("/a", PAGE)
    assert counts(again(feed)) == (0, 0, 0)
    assert Article.objects.get().dek == "What it means."
    again(feed)
    assert site.count("/a") == 2


def test_a_date_in_the_future_is_not_believed(site: FeedSite) -> None:
    feed = a_feed(site, item(link=site.url("/a"), more="<pubDate>Mon, 16 Nov 2099 05:00:00 GMT</pubDate>"))
    collect(feed)
    assert Article.objects.get().published_at is None


def test_what_was_left_out_is_told(site: FeedSite) -> None:
    feed = a_feed(site, item("Fine", site.url("/a")), item("", site.url("/b")))
    assert collect(feed).dropped == (f"no title ({site.url('/b')})",)


def test_success_is_written_down(site: FeedSite) -> None:
    feed = a_feed(site, failures=3, last_error="It was down.", interval=timedelta(minutes=15))
    collect(feed)
    feed.refresh_from_db()
    assert (feed.failures, feed.last_error, feed.title) == (0, "", "X")
    assert feed.last_success_at
    assert timedelta(minutes=13) < feed.due_at - feed.last_success_at < timedelta(minutes=17)


def test_a_failure_is_written_down_and_waited_for_longer_each_time(site: FeedSite) -> None:
    feed = a_feed(site, *numbered(range(2)), interval=timedelta(minutes=15))
    collect(feed)
    site.fail("/feed.xml", 503)
    pauses = []
    for _ in range(8):
        assert again(feed).error == "127.0.0.1 answered 503 Service Unavailable."
        feed.refresh_from_db()
        assert feed.last_attempt_at
        pauses.append(feed.due_at - feed.last_attempt_at)
    assert feed.failures == 8
    assert feed.last_error == "127.0.0.1 answered 503 Service Unavailable."
    assert pauses[0] < timedelta(minutes=34) < pauses[1] < timedelta(minutes=67) < pauses[2]
    assert timedelta(hours=5) < pauses[-1] < timedelta(hours=7)
    # And nothing that was there is lost.
    assert Article.objects.count() == 2


def test_a_web_page_instead_of_a_feed_is_a_failure_and_loses_nothing(site: FeedSite) -> None:
    feed = a_feed(site, *numbered(range(2)))
    collect(feed)
    site.put("/feed.xml", "<!doctype html><html>Under construction</html>")
    assert "is a web page, not a feed" in again(feed).error
    assert Article.objects.count() == 2


@pytest.mark.usefixtures("cold")
def test_a_bomb_degrades_its_feed_and_the_others_go_on(site: FeedSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "CPU_SECONDS", 1)
    site.put("/bomb.xml", b'<rss version="2.0"><channel>' + b"<a>" * 1_000_000)
    bomb = Feed.objects.create(url=site.url("/bomb.xml"))
    fine = a_feed(site, *numbered(range(2)))
    results = {each.feed_id: each for each in collect_all([bomb, fine])}
    assert counts(results[fine.pk]) == (2, 0, 0)
    assert "made to harm" in results[bomb.pk].error
    bomb.refresh_from_db()
    assert bomb.failures == 1


def test_a_fault_of_ours_stops_no_other_feed(site: FeedSite, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, fine = a_feed(site, *numbered(range(1)), path="/broken.xml"), a_feed(site, *numbered(range(2)))
    read = collecting.harvest.bounded.read_feed

    def fail(body: bytes, url: str, content_type: str) -> Any:
        if "broken" in url:
            raise ZeroDivisionError
        return read(body, url, content_type)

    monkeypatch.setattr(collecting.harvest.bounded, "read_feed", fail)
    results = {each.feed_id: each for each in collect_all([broken, fine])}
    assert counts(results[fine.pk]) == (2, 0, 0)
    assert "newsletter itself failed" in results[broken.pk].error


def test_articles_that_cannot_be_stored_fail_their_feed_and_no_other(site: FeedSite) -> None:
    # Given an article whose page answers at last, and names another address as its own
    raced = a_feed(site, item(link=site.url("/a"), guid="g1"), path="/raced.xml")
    site.fail("/a", 503)
    collect(raced)
    site.put("/a", f'<html><head><link rel="canonical" href="{site.url("/b")}"></head></html>')
    fine = a_feed(site, *numbered(range(2)))
    # When another worker stores that address between our look and our write
    with connection.execute_wrapper(Rival(site.url("/b"))):
        results = {each.feed_id: each for each in collect_all([raced, fine])}
    # Then its feed says so and is tried again, and the other feed was collected
    assert "could not be stored" in results[raced.pk].error
    assert counts(results[fine.pk]) == (2, 0, 0)
    raced.refresh_from_db()
    assert (raced.failures, raced.last_error) == (1, results[raced.pk].error)
    assert counts(collect(raced)) == (0, 0, 1)


class Rival:
    """Another worker: stores an article of this address just before we write one."""

    def __init__(self, url: str) -> None:
        self.url = url

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if self.url and sql.startswith(f'UPDATE "{Article._meta.db_table}"'):
            url, self.url = self.url, ""
            Article.objects.create(url=url, url_key=urls.key(url), title="Theirs")
        return execute(sql, params, many, context)


def test_only_feeds_that_are_due_and_not_paused_are_collected(site: FeedSite) -> None:
    later, now = timezone.now() + timedelta(minutes=5), timezone.now()
    a_feed(site, path="/due.xml")
    a_feed(site, path="/later.xml", due_at=later)
    a_feed(site, path="/paused.xml", paused_at=now)
    assert collect_due() == 1
    assert [each.path for each in site.seen] == ["/due.xml"]
    assert collect_due() == 0


def test_two_workers_never_collect_a_feed_at_once(site: FeedSite) -> None:
    a_feed(site)
    first, second = collecting._claimed(), collecting._claimed()
    assert next(first, None) is not None
    assert next(second, None) is None


def test_a_hanging_feed_holds_up_itself_only(site: FeedSite, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given five feeds that hang, and ten that do not; and a deadline short enough for a test
    hanging = [Feed.objects.create(url=site.hang(f"/hang{n}.xml")) for n in range(5)]
    fine = [a_feed(site, item(link=f"https://x.example/{n}"), path=f"/{n}.xml") for n in range(10)]
    monkeypatch.setattr(collecting.harvest.pages, "read_pages", lambda *_, **__: {})
    monkeypatch.setattr(collecting, "Request", impatient)
    # When all are collected, then the ten are done before the first of the five is given up
    results = [each.feed_id for each in collect_all([*hanging, *fine])]
    assert set(results[:10]) == {feed.pk for feed in fine}
    assert set(results[10:]) == {feed.pk for feed in hanging}


def impatient(*args: Any, **options: Any) -> Any:
    from newsletter.feeds.fetch import Request

    return Request(*args, **options, seconds=3.0)


def test_looking_shows_what_would_be_stored_and_stores_nothing(site: FeedSite) -> None:
    site.put("/a", PAGE)
    site.put("/feed.xml", rss(item(link=site.url("/a")), title="The X"))
    seen = look(site.url("/feed.xml"))
    assert seen.title == "The X"
    assert [(article.title, article.dek, article.missing) for article in seen.articles] == [
        ("A story", "What it means.", ("topics",))
    ]
    assert not Article.objects.exists()
    assert not Feed.objects.exists()


def test_looking_reads_no_more_pages_than_it_was_told(site: FeedSite) -> None:
    dates = (f"<pubDate>{day:02} Nov 2026 10:00:00 GMT</pubDate>" for day in (10, 12, 11))
    site.put("/feed.xml", rss(*(item(f"S{n}", site.url(f"/{n}"), more=date) for n, date in enumerate(dates))))
    look(site.url("/feed.xml"), most_pages=1)
    assert [each.path for each in site.seen] == ["/feed.xml", "/1"]
