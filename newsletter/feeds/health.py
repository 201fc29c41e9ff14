"""How feeds do: which one fails for a day, and which one is silent for unusually long, by its own rhythm."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal, NamedTuple

from newsletter.feeds.models import Feed, Sighting

FAILS_FOR = timedelta(days=1)
SHORTEST_SILENCE = timedelta(days=2)
# The rhythm is that of so many stories; fewer than the least tell none.
_STORIES, _LEAST = 60, 8


class Fault(NamedTuple):
    """What is wrong with a feed, in plain words."""

    feed: Feed
    kind: Literal["failing", "silent"]
    words: str


def faults(now: datetime) -> list[Fault]:
    """The feeds in use that somebody should look at; a failing one is not called silent too."""
    return list(_faults(now))


def _faults(now: datetime) -> Iterator[Fault]:
    for feed in Feed.objects.filter(paused_at=None):
        if feed.failing_since is not None:
            if now - feed.failing_since >= FAILS_FOR:
                lasting = _span(now - feed.failing_since)
                yield Fault(feed, "failing", f"The feed {feed} has failed for {lasting}: {feed.last_error}")
        elif is_silent(feed, now):
            yield Fault(feed, "silent", f"The feed {feed} {silence(feed, now)}.")


def is_silent(feed: Feed, now: datetime) -> bool:
    """Whether it has had no new story for unusually long."""
    limit = patience(feed)
    return limit is not None and feed.newest_at is not None and now - feed.newest_at > limit


def silence(feed: Feed, now: datetime) -> str:
    """ "has had no new story for 9 days; usually one comes every 8 hours"."""
    gone = _span(now - (feed.newest_at or now))
    return f"has had no new story for {gone}; usually one comes every {_span(feed.usual_gap or timedelta())}"


def patience(feed: Feed) -> timedelta | None:
    """After how long its silence is unusual: four times its usual gap, and half as long again as its longest one, so
    that weekends and holidays of the house are no alarm; at least two days. None: too little is known."""
    if feed.usual_gap is None or feed.longest_gap is None:
        return None
    return max(SHORTEST_SILENCE, 4 * feed.usual_gap, 1.5 * feed.longest_gap)


def learn(feed: Feed) -> None:
    """Work out the rhythm of a feed from the dates of its newest stories, and write it on the feed."""
    dated = Sighting.objects.filter(feed=feed).order_by("-article__published_at")
    newest = dated.filter(article__published_at__isnull=False).values_list("article__published_at", flat=True)
    moments = [moment for moment in newest[:_STORIES] if moment]
    gaps = sorted(later - earlier for later, earlier in pairwise(moments))
    known = len(gaps) >= _LEAST
    Feed.objects.filter(pk=feed.pk).update(
        newest_at=moments[0] if moments else None,
        usual_gap=gaps[len(gaps) // 2] if known else None,
        longest_gap=gaps[-1] if known else None,
    )


def _span(length: timedelta) -> str:
    """ "9 days", "8 hours", "20 minutes": the largest unit of which there are two."""
    for unit, name in ((timedelta(days=1), "days"), (timedelta(hours=1), "hours")):
        if length >= 2 * unit:
            return f"{length // unit} {name}"
    return f"{max(2, length // timedelta(minutes=1))} minutes"
