"""The newcomer's first look: a feed becomes a digest in one file that shows its photos anywhere. Nothing is stored."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from newsletter import config
from newsletter.cli import main_group
from newsletter.cli.base import run
from newsletter.editions.digest import digest
from newsletter.errors import NewsletterError
from newsletter.feeds.values import ArticleFacts, Image
from tests.fakes.feed_site import FeedSite
from tests.feeds import paint

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
URL = "https://meridian.example/feed.xml"


def stories(*days_ago: float, **values: object) -> list[ArticleFacts]:
    made = [ArticleFacts(f"https://meridian.example/{days}", f"Story of {days}") for days in days_ago]
    return [
        replace(each, published_at=NOW - timedelta(days=days), **values)
        for each, days in zip(made, days_ago, strict=True)
    ]


def test_this_weeks_stories_are_shown_and_no_others() -> None:
    made = digest("The Meridian", stories(1, 2, 3, 4, 5, 8, 9), URL, NOW)
    assert (made.stories, made.weeks, made.is_current) == (5, 1, True)
    assert "Story of 8" not in made.rendered.html


def test_where_a_week_is_thin_a_longer_time_is_shown() -> None:
    made = digest("The Meridian", stories(1, 9, 12, 20, 26, 40), URL, NOW)
    assert (made.stories, made.weeks, made.is_current) == (5, 4, True)
    assert "This week" not in made.rendered.html


def test_a_feed_that_fell_silent_shows_its_last_week() -> None:
    made = digest("The Meridian", stories(100, 101, 102, 103, 104, 110), URL, NOW)
    assert (made.stories, made.weeks, made.is_current) == (5, 1, False)
    assert made.until == NOW - timedelta(days=100)


def test_a_feed_with_few_stories_shows_them_all_and_one_without_says_so() -> None:
    assert digest("The Meridian", stories(1, 200), URL, NOW).stories == 2
    with pytest.raises(NewsletterError, match="no stories"):
        digest("The Meridian", [], URL, NOW)


def test_a_photo_too_narrow_to_lead_does_not() -> None:
    narrow = stories(1, image=Image("https://meridian.example/a.jpg", 150, 100))
    wide = stories(2, image=Image("https://meridian.example/b.jpg", 1200, 800))
    html = digest("The Meridian", narrow + wide + stories(3, 4, 5), URL, NOW).rendered.html
    assert html.index("Story of 2") < html.index("Story of 1")


def item(number: int, url: str, photo: str) -> str:
    when = datetime.now(UTC) - timedelta(hours=number)
    return (
        f"<item><title>Story {number}</title><link>{url}</link><description>A dek that says what it is.</description>"
        f"<pubDate>{when:%a, %d %b %Y %T} GMT</pubDate><enclosure url='{photo}' type='image/webp'/></item>"
    )


@pytest.fixture
def feed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> object:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(config, "_flags", {})  # the command sets some of its own
    monkeypatch.setattr(settings, "DATA_DIR", tmp_path / "nowhere")
    with FeedSite() as site:
        photo = site.put("/photo.webp", paint.encoded(paint.photo(1600, 1000), "WEBP"))
        items = "".join(
            item(number, site.url(f"/story-{number}"), url)
            for number, url in enumerate([photo, photo, site.url("/gone.webp")])
        )
        yield site.put("/feed.xml", f"<rss version='2.0'><channel><title>The Meridian</title>{items}</channel></rss>")
    config.current.cache_clear()


def test_the_command_writes_one_file_with_its_photos_and_stores_nothing(feed: str, tmp_path: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    assert run(main_group, ["preview", feed, "--out", "look.html"]) == 0
    html = (tmp_path / "look.html").read_text()
    # The lead and one small photo, converted and cut; the one that is gone leaves no hole
    assert len(re.findall(r'<img[^>]+src="data:image/jpeg;base64,', html)) == 2
    assert html.count("<img") == 2
    assert (tmp_path / "look.txt").read_text().count("Story ") >= 3
    assert "3 photos" in capsys.readouterr().err
    assert sorted(each.name for each in tmp_path.iterdir()) == ["look.html", "look.txt"]
