"""A feed that fails for a day or is silent for unusually long is a fault, told in plain words; others are not."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from newsletter.feeds import health
from newsletter.feeds.collect import collect
from newsletter.feeds.models import Article, Feed, Sighting
from tests.fakes.feed_site import FeedSite, Route
from tests.feeds.feeds import item, rss

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)  # a Tuesday


def a_feed(*published: datetime, **values: Any) -> Feed:
    feed = Feed.objects.create(url="https://x.example/feed.xml", title="The X", **values)
    for number, moment in enumerate(published):
        article = Article.objects.create(
            url=f"https://x.example/{number}", url_key=f"x.example/{number}", title="A", published_at=moment
        )
        Sighting.objects.create(feed=feed, article=article, guid=str(number), digest="")
    health.learn(feed)
    feed.refresh_from_db()
    return feed


def told(now: datetime = NOW) -> list[tuple[str, str]]:
    return [(fault.kind, fault.words) for fault in health.faults(now)]


def every(gap: timedelta, *, last: datetime, times: int = 20) -> list[datetime]:
    return [last - gap * number for number in range(times)]


def test_a_feed_that_stops_is_silent_by_its_own_rhythm() -> None:
    a_feed(*every(timedelta(hours=8), last=NOW - timedelta(days=9)))
    assert told() == [("silent", "The feed The X has had no new story for 9 days; usually one comes every 8 hours.")]


@pytest.mark.parametrize(
    ("gap", "silent_for"),
    [
        (timedelta(hours=2), timedelta(hours=47)),
        (timedelta(days=7), timedelta(days=27)),
        (timedelta(days=30), timedelta(days=100)),
    ],
    ids=["busy", "weekly", "monthly"],
)
def test_a_pause_that_is_usual_for_a_feed_is_no_fault(gap: timedelta, silent_for: timedelta) -> None:
    feed = a_feed(*every(gap, last=NOW - silent_for))
    assert told() == []
    # And one that is not is.
    assert [kind for kind, _ in told(NOW + (health.patience(feed) or timedelta()))] == ["silent"]


def test_a_weekend_is_no_alarm_for_a_house_that_rests_at_weekends() -> None:
    friday = datetime(2026, 11, 20, 17, tzinfo=UTC)
    week = [friday - timedelta(days=day, hours=hour) for day in range(5) for hour in range(0, 8, 2)]
    stories = [moment - timedelta(days=7 * number) for number in range(3) for moment in week]
    a_feed(*stories)
    monday = friday + timedelta(days=2, hours=18)
    assert told(monday) == []
    assert [kind for kind, _ in told(friday + timedelta(days=6))] == ["silent"]


def test_too_few_stories_tell_no_rhythm() -> None:
    assert health.patience(a_feed(*every(timedelta(hours=8), last=NOW - timedelta(days=90), times=8))) is None
    assert told() == []


def test_a_feed_without_dates_has_no_rhythm(site: FeedSite) -> None:
    feed = Feed.objects.create(url=site.put("/feed.xml", rss(*(item(f"S{n}", site.url(f"/{n}")) for n in range(12)))))
    collect(feed)
    assert told(NOW + timedelta(days=999)) == []


def test_a_paused_feed_is_nobodys_fault() -> None:
    a_feed(
        *every(timedelta(hours=8), last=NOW - timedelta(days=9)), paused_at=NOW, failing_since=NOW - timedelta(days=9)
    )
    assert told() == []


def test_collecting_learns_the_rhythm(site: FeedSite) -> None:
    start = datetime(2026, 11, 1, 6, tzinfo=UTC)
    dated = [
        item(
            f"S{n}",
            site.url(f"/{n}"),
            more=f"<pubDate>{start + timedelta(hours=6 * n):%a, %d %b %Y %H:%M} GMT</pubDate>",
        )
        for n in range(12)
    ]
    feed = Feed.objects.create(url=site.put("/feed.xml", rss(*dated)))
    collect(feed)
    feed.refresh_from_db()
    assert feed.newest_at == start + timedelta(hours=66)
    assert (feed.usual_gap, feed.longest_gap) == (timedelta(hours=6), timedelta(hours=6))


def test_failing_for_a_day_is_a_fault_and_a_success_ends_it(site: FeedSite) -> None:
    feed = Feed.objects.create(url=site.fail("/feed.xml", 503), title="The X")
    collect(feed)
    feed.refresh_from_db()
    began = feed.failing_since
    assert began is not None
    assert told(began + timedelta(hours=23)) == []
    # It goes on, and began when it began
    collect(feed)
    assert told(began + timedelta(hours=30)) == [
        ("failing", "The feed The X has failed for 30 hours: 127.0.0.1 answered 503 Service Unavailable.")
    ]
    site.put("/feed.xml", rss())
    collect(feed)
    assert told(began + timedelta(hours=30)) == []


def test_a_failing_feed_is_not_called_silent_too() -> None:
    a_feed(
        *every(timedelta(hours=8), last=NOW - timedelta(days=9)),
        failing_since=NOW - timedelta(days=8), last_error="It was down.",
    )  # fmt: skip
    assert told() == [("failing", "The feed The X has failed for 8 days: It was down.")]


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_server_that_asks_to_be_left_alone_is_left_alone(site: FeedSite, form: str) -> None:
    until = timezone.now() + timedelta(hours=9)
    wish = "32400" if form == "seconds" else f"{until:%a, %d %b %Y %H:%M:%S} GMT"
    site.route("/feed.xml", Route(b"", 429, {"Retry-After": wish}))
    feed = Feed.objects.create(url=site.url("/feed.xml"))
    collect(feed)
    feed.refresh_from_db()
    assert until - timedelta(minutes=1) < feed.due_at < until + timedelta(minutes=1)


@pytest.mark.parametrize("wish", ["-5", "soon", "9" * 400, "Mon, 01 Jan 1990 00:00:00 GMT", ""])
def test_a_senseless_wish_does_not_stop_us_for_ever(site: FeedSite, wish: str) -> None:
    site.route("/feed.xml", Route(b"", 503, {"Retry-After": wish}))
    feed = Feed.objects.create(url=site.url("/feed.xml"))
    collect(feed)
    feed.refresh_from_db()
    assert feed.due_at < timezone.now() + timedelta(hours=25)
