"""One story is one Article, whatever becomes of its address, title and guid; two stories stay two."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from newsletter.feeds import urls
from newsletter.feeds.facts import FeedFacts, merge
from newsletter.feeds.harvest import Story
from newsletter.feeds.models import Article, Feed
from newsletter.feeds.store import Shelf
from newsletter.feeds.values import Entry, Image, PageFacts

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

WHEN = datetime(2026, 11, 16, 10, 7, 31, tzinfo=UTC)
FIRST = Entry(
    guid="g1", url="https://www.x.example/2026/a-story", title="What a ceasefire would cost", published_at=WHEN
)


def collected(
    *entries: Entry, feed: str = "all", site: str = "https://x.example", page: PageFacts | None = None
) -> int:
    """Store a visit's entries as their feed gives them; how many articles there are then."""
    carrier, _ = Feed.objects.get_or_create(url=f"{site}/{feed}.xml")
    canonical = [replace(entry, url=urls.canonical(entry.url) or "") for entry in entries]
    stories = [Story(each, merge(each, page, FeedFacts()), page_settled=page is not None) for each in canonical]
    Shelf(carrier, stories).store_all(stories)
    return Article.objects.count()


@pytest.mark.parametrize(
    "url",
    [
        "http://www.x.example/2026/a-story",
        "https://x.example/2026/a-story",
        "https://m.x.example/2026/a-story",
        "https://mobile.x.example/2026/a-story",
        "https://amp.x.example/2026/a-story",
        "https://www.x.example/2026/a-story/",
        "https://www.x.example/2026/a-story/amp",
        "https://www.x.example/2026/a-story/amp/",
        "https://www.x.example/2026/a-story.amp",
        "https://www.x.example/2026/a-story?amp=1",
        "https://www.x.example/2026/a-story?outputType=amp",
        "https://www.x.example/2026/a-story?utm_source=rss&utm_medium=feed&UTM_Campaign=x",
        "https://www.x.example/2026/a-story?fbclid=abc&gclid=def&mc_cid=1&mc_eid=2",
        "https://www.x.example/2026/a-story#comments",
        "https://WWW.X.EXAMPLE:443/2026/a-story",
        "https://www.x.example/2026/a%2Dstory",
    ],
)
def test_another_form_of_the_address_is_the_same_story(url: str) -> None:
    collected(FIRST)
    # Even when the feed gives it a new guid and a new title
    assert collected(replace(FIRST, url=url, guid="g2", title="What it would cost")) == 1
    assert Article.objects.get().title == "What it would cost"


@pytest.mark.parametrize(
    "changed",
    [
        {"guid": "g2"},
        {"title": "Another title"},
        {"url": "https://www.x.example/2026/a-new-slug"},
        {"url": "https://www.x.example/2026/a-new-slug", "title": "Another title"},
        {"url": "https://www.x.example/2026/a-new-slug", "guid": "x.example/2026/a-new-slug"},
        {"published_at": None},
        {"published_at": WHEN + timedelta(days=9)},
    ],
    ids=["guid", "title", "slug", "slug and title", "slug and the guid made from it", "no date", "date"],
)
def test_whatever_changed_it_is_the_same_story(changed: dict[str, object]) -> None:
    collected(FIRST)
    assert collected(replace(FIRST, **changed)) == 1  # type: ignore[arg-type] # fields of Entry
    assert collected(FIRST) == 1


def test_two_feeds_that_name_it_differently_carry_one_story() -> None:
    collected(FIRST)
    other = replace(FIRST, guid="https://x.example/?p=12", url="https://x.example/?p=12")
    assert collected(other, feed="section") == 1
    assert Article.objects.get().sightings.count() == 2


def test_the_page_that_both_addresses_lead_to_makes_them_one() -> None:
    page = PageFacts(url="https://www.x.example/2026/a-story")
    collected(FIRST)
    short = Entry(guid="s", url="https://x.example/s/9", title="Short", published_at=None)
    assert collected(short, feed="short", page=page) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"url": "https://www.x.example/2026/a-story?id=5"},
        {"url": "https://www.x.example/2026/another", "title": "Another"},
        {"url": "https://www.x.example/2026/another", "published_at": WHEN + timedelta(seconds=1)},
        {"url": "https://www.x.example/2026/another", "published_at": None},
        {"url": "https://blog.y.example/2026/a-story"},
        {"url": "https://www.x.example/2026/A-Story", "title": "Upper case"},
        {"url": "https://www.x.example:8443/2026/a-story", "title": "Another port"},
    ],
    ids=["parameter", "title", "a second later", "no date", "site", "case", "port"],
)
def test_what_only_resembles_it_is_another_story(other: dict[str, object]) -> None:
    # A real parameter, such as ?id=5, names another article even where title and moment agree.
    first = replace(FIRST, url="https://www.x.example/2026/a-story?id=4") if "id=5" in str(other) else FIRST
    second = replace(first, guid="g2", **other)  # type: ignore[arg-type] # fields of Entry
    assert collected(first, second) == 2


def test_a_guid_that_a_feed_gives_to_another_story_makes_no_one_of_them() -> None:
    # Given a feed whose newest story is always called the same
    brief = replace(FIRST, guid="latest", url="https://x.example/monday", title="Monday brief")
    assert collected(brief, feed="briefs") == 1
    other = replace(
        brief, url="https://x.example/tuesday", title="Quite another", published_at=WHEN + timedelta(days=1)
    )
    assert collected(other, feed="briefs") == 2
    assert collected(other, feed="briefs") == 2
    # Then each keeps its words, and the feed carried both
    assert Article.objects.get(url_key="x.example/monday").title == "Monday brief"
    assert [article.sightings.count() for article in Article.objects.all()] == [1, 1]


def test_another_sites_feed_adds_topics_and_rewrites_nothing() -> None:
    collected(replace(FIRST, dek="Its own dek.", categories=("Africa",)), feed="own")
    image = Image("https://pills.example/a.jpg", 1200, 800)
    other = replace(FIRST, guid="p", title="Buy pills", dek="At pills.example.", categories=("Asia",), image=image)
    assert collected(other, feed="other", site="https://pills.example") == 1
    article = Article.objects.get()
    assert (article.title, article.dek, article.image) == (FIRST.title, "Its own dek.", None)
    assert article.topics == ["Africa", "Asia"]
    assert article.sightings.count() == 2


def test_the_first_feed_that_carried_a_story_may_correct_it_and_the_storys_own_site_too() -> None:
    collected(FIRST, feed="all", site="https://feeds.aggregator.example")
    collected(replace(FIRST, title="Corrected"), feed="all", site="https://feeds.aggregator.example")
    assert Article.objects.get().title == "Corrected"
    collected(replace(FIRST, title="By the site itself"))
    assert Article.objects.get().title == "By the site itself"


def test_two_stories_of_one_title_and_moment_in_one_feed_stay_two() -> None:
    assert collected(FIRST, replace(FIRST, guid="g2", url="https://www.x.example/2026/part-two")) == 2


def test_of_two_workers_that_bring_the_same_new_stories_one_makes_them() -> None:
    # Given two feeds of one site, both looked up before either is stored
    others = [replace(FIRST, guid=f"g{n}", url=f"https://x.example/{n}", title=f"Story {n}") for n in range(3)]
    stories = [Story(entry, merge(entry, None, FeedFacts()), page_settled=False) for entry in others]
    feeds = [Feed.objects.create(url=f"https://x.example/{name}.xml") for name in ("all", "africa")]
    first, second = (Shelf(feed, stories) for feed in feeds)
    # When both store, the second knowing nothing of the first
    assert first.store_all(stories[:2]) == {"new": 2}
    assert second.store_all(stories) == {"new": 1, "unchanged": 2}
    # Then each story is there once, seen in both feeds
    assert Article.objects.count() == 3
    assert Article.objects.get(title="Story 0").sightings.count() == 2


def test_stories_of_many_sites_at_one_moment_stay_apart() -> None:
    # Given dates without a time of day, as aggregators have them
    entries = [replace(FIRST, guid=f"g{n}", url=f"https://s{n}.example/a-story") for n in range(40)]
    assert collected(*entries[:20]) == 20
    assert collected(*entries) == 40
    # And a new slug with a new guid is still the same story of its site
    assert collected(replace(entries[3], guid="new", url="https://s3.example/another-slug")) == 40
