"""Collecting: from the feeds' addresses to stored Articles, and how each feed does."""

import logging
import random
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from newsletter.feeds import bounded, harvest, health
from newsletter.feeds.facts import FeedFacts
from newsletter.feeds.fetch import Request
from newsletter.feeds.harvest import Harvest, Story, complete
from newsletter.feeds.models import Article, Feed, Sighting
from newsletter.feeds.store import Shelf
from newsletter.feeds.values import ArticleFacts, Entry, Image, Person

logger = logging.getLogger(__name__)
AT_ONCE = 16
# A claimed feed that nobody finished (a killed worker) is due again after this.
CLAIM = timedelta(minutes=5)
# No feed is begun later than this in one run: with the longest visit after it, a run ends before a worker's task limit.
RUN_SECONDS = 45.0
LONGEST_BACK_OFF = timedelta(hours=6)
# For so long after its first sighting an article's page is asked again when it did not answer.
RETRY_PAGES = timedelta(hours=6)


@dataclass(frozen=True)
class Collected:
    """What one collection of a feed came to; `error` is "" when it went well, `dropped` has a reason for each entry."""

    feed_id: int
    feed: str
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    dropped: tuple[str, ...] = ()
    error: str = ""


def collect(feed: Feed) -> Collected:
    """Collect one feed now, paused or not. What fails outside is in the answer and on the feed, not raised."""
    return _put_away(feed, _Visit.of(feed).make())


def collect_all(feeds: Iterable[Feed]) -> Iterator[Collected]:
    """Collect several at once, each as it finishes; a feed that hangs holds up itself only."""
    with bounded.warm(), ThreadPoolExecutor(AT_ONCE, thread_name_prefix="feed") as pool:
        running: dict[Future[Harvest], Feed] = {}
        for feed in feeds:
            running[pool.submit(_Visit.of(feed).make)] = feed
            if len(running) >= AT_ONCE:
                yield from _finished(running)
        while running:
            yield from _finished(running)


def collect_due() -> int:
    """Collect the feeds that are due, at most a run's worth; returns how many. Safe in any number of workers."""
    return sum(1 for _ in collect_all(_claimed()))


@dataclass(frozen=True)
class Look:
    """What a feed would give: its title, its stories in its order, and a reason for each entry that is left out."""

    title: str
    stories: tuple[Story, ...]
    dropped: tuple[str, ...]

    @property
    def articles(self) -> list[ArticleFacts]:
        return [story.facts for story in self.stories]


def look(url: str, *, most_pages: int = 40) -> Look:
    """A feed as it would be stored; nothing is stored.

    Pages are read for the newest `most_pages` entries with gaps. Raises FetchError, NotAFeed and Unreadable.
    """
    request = Request(url, private=settings.CONFIG.allow_private_hosts)
    content = harvest.read(request)
    feed = FeedFacts(content.title)
    stories = complete(content.entries, feed, private=request.private, most_pages=most_pages)
    return Look(content.title, stories, content.dropped)


@dataclass(frozen=True)
class _Visit:
    """All that a thread needs to visit a feed: it must not touch the database."""

    request: Request
    facts: FeedFacts
    digests: dict[str, str]
    retry: tuple[Entry, ...]

    @classmethod
    def of(cls, feed: Feed) -> "_Visit":
        request = Request(
            feed.url, private=settings.CONFIG.allow_private_hosts, etag=feed.etag, last_modified=feed.last_modified
        )
        newest = Sighting.objects.filter(feed=feed).order_by("-id").values_list("guid", "digest")[:5000]
        return cls(request, FeedFacts(feed.title, feed.kind, tuple(feed.topics)), dict(newest), tuple(_unsettled(feed)))

    def make(self) -> Harvest:
        try:
            return harvest.visit(self.request, self.facts, self._knows, self.retry)
        except Exception:
            # A fault of ours that one feed's bytes bring out must not stop the other feeds.
            logger.exception("Reading the feed %s failed", self.request.url)
            return Harvest(error="newsletter itself failed while reading this feed; its log says where.")

    def _knows(self, entry: Entry) -> bool:
        return self.digests.get(entry.guid) == entry.digest


def _finished(running: dict[Future[Harvest], Feed]) -> Iterator[Collected]:
    done, _ = wait(running, return_when=FIRST_COMPLETED)
    for future in done:
        yield _put_away(running.pop(future), future.result())


def _claimed() -> Iterator[Feed]:
    """Due feeds, each claimed at the moment it is handed out: the guarded update lets one worker have it."""
    stop = time.monotonic() + RUN_SECONDS
    due = Feed.objects.filter(due_at__lte=timezone.now(), paused_at=None).order_by("due_at")
    for feed in list(due[:200]):
        if time.monotonic() > stop:
            return
        mine = Feed.objects.filter(pk=feed.pk, due_at=feed.due_at, paused_at=None)
        if mine.update(due_at=timezone.now() + CLAIM):
            yield feed


def _put_away(feed: Feed, visit: Harvest) -> Collected:
    """Store what a visit brought and write down how the feed does."""
    if visit.error:
        _note_failure(feed, visit.error, visit.wait)
        return Collected(feed.pk, str(feed), error=visit.error)
    try:
        return _store(feed, visit)
    except Exception:
        # Such as two workers that meet the same address. A database that is gone is told by the note, which fails too.
        logger.exception("Storing what the feed %s brought failed", feed.url)
        error = "What it brought could not be stored; it is read again later. The log says why."
        _note_failure(feed, error)
        return Collected(feed.pk, str(feed), error=error)


def _store(feed: Feed, visit: Harvest) -> Collected:
    # One commit for a feed: with synchronous=FULL each costs a write to the disk.
    with transaction.atomic():
        shelf = Shelf(feed, (*visit.stories, *visit.retried))
        # In one order everywhere: two workers that store the same stories must not wait for each other in a circle.
        counts = shelf.store_all(sorted(visit.stories, key=lambda story: story.facts.url))
        for story in visit.retried:
            shelf.fill_gaps(story)
        _note_success(feed, visit)
    name = feed.title or visit.title or feed.url
    return Collected(
        feed.pk, name, counts["new"], counts["changed"], visit.unchanged + counts["unchanged"], visit.dropped
    )


def _note_success(feed: Feed, visit: Harvest) -> None:
    now = timezone.now()
    Feed.objects.filter(pk=feed.pk).update(
        etag=visit.etag, last_modified=visit.last_modified, title=feed.title or visit.title, failures=0, last_error="",
        failing_since=None, last_attempt_at=now, last_success_at=now, due_at=now + _jittered(feed.interval),
    )  # fmt: skip
    if visit.stories or feed.newest_at is None:
        health.learn(feed)


def _note_failure(feed: Feed, error: str, wait: float = 0.0) -> None:
    """Longer pauses for longer trouble, and never shorter than the server's own wish (`wait`, in seconds)."""
    now, failures = timezone.now(), feed.failures + 1
    pause = min(feed.interval * 2 ** min(failures, 8), max(LONGEST_BACK_OFF, feed.interval))
    Feed.objects.filter(pk=feed.pk).update(
        failures=failures, last_error=error[:300], failing_since=Coalesce("failing_since", Value(now)),
        last_attempt_at=now, due_at=now + max(_jittered(pause), timedelta(seconds=wait)),
    )  # fmt: skip


def _jittered(pause: timedelta) -> timedelta:
    # A tenth either way, so that feeds of one host added together drift apart. No secret hangs on the randomness.
    return pause * random.uniform(0.9, 1.1)  # noqa: S311


def _unsettled(feed: Feed) -> Iterator[Entry]:
    """What is known of recent articles whose page has not answered yet, as entries to complete."""
    since: datetime = timezone.now() - RETRY_PAGES
    waiting = Sighting.objects.filter(feed=feed, article__page_read_at=None, article__collected_at__gte=since)
    for sighting in waiting.select_related("article").order_by("-id")[: harvest.MOST_PAGES]:
        yield _entry(sighting)


def _entry(sighting: Sighting) -> Entry:
    article: Article = sighting.article
    return Entry(
        guid=sighting.guid, url=article.url, title=article.title, dek=article.dek, dek_is_cut=True,
        byline=tuple(Person(**person) for person in article.byline), categories=(article.kind, *article.topics),
        image=Image(**article.image) if article.image else None, published_at=article.published_at,
        updated_at=article.updated_at,
    )  # fmt: skip
