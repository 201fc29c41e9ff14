"""What staff do with feeds and articles: add, pause, resume, remove; add one by hand, hold and release."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from newsletter.errors import Refused, UsageError
from newsletter.feeds import harvest, store, urls
from newsletter.feeds.fetch import PAGE_BYTES, Request
from newsletter.feeds.kinds import KINDS
from newsletter.feeds.models import Article, Feed
from newsletter.feeds.sanitise import plain
from newsletter.newsletters import audit
from newsletter.newsletters.models import Staff


@dataclass(frozen=True)
class Wishes:
    """What staff say about a feed: a title of their own, and the kind and topics of its articles."""

    title: str = ""
    kind: str = ""
    topics: tuple[str, ...] = ()


def add(url: str, wishes: Wishes, *, check: bool = True) -> tuple[Feed, int | None]:
    """A new feed and how many entries it has (None: not checked).

    Raises UsageError (no web address), Refused (already there), FetchError, NotAFeed and Unreadable.
    """
    address = urls.web_address(url)  # with every parameter: some are keys
    known = Feed.objects.filter(url=address).first()
    if known is not None:
        raise Refused(f"That feed is already here: {known.pk} {known}.", hint=f"newsletter feed collect {known.pk}")
    title, entries = wishes.title, None
    if check:
        content = harvest.read(Request(address, private=settings.CONFIG.allow_private_hosts))
        title, entries = title or content.title, len(content.entries)
    topics = [topic for each in wishes.topics if (topic := plain(each, 60))]
    kind = plain(wishes.kind, 60)
    kind = next((known_kind for known_kind in KINDS if known_kind.casefold() == kind.casefold()), kind)
    return Feed.objects.create(url=address, title=plain(title, 200), kind=kind, topics=topics), entries


def get(feed_id: int) -> Feed:
    """Raises UsageError."""
    found = Feed.objects.filter(pk=feed_id).first()
    if found is None:
        raise UsageError(f"There is no feed {feed_id}.", hint="newsletter feed list")
    return found


def pause(feed_id: int) -> Feed:
    feed = get(feed_id)
    Feed.objects.filter(pk=feed.pk, paused_at=None).update(paused_at=timezone.now())
    return feed


def resume(feed_id: int) -> Feed:
    """Due at once; earlier failures are forgiven."""
    feed = get(feed_id)
    Feed.objects.filter(pk=feed.pk).update(paused_at=None, due_at=timezone.now(), failures=0, failing_since=None)
    return feed


def collect_soon() -> int:
    """Make every feed due: the next tick collects. How many there are."""
    return Feed.objects.filter(paused_at=None).update(due_at=timezone.now())


def being_asked() -> int:
    """How many feeds are due and were not asked yet."""
    return Feed.objects.filter(paused_at=None, due_at__lte=timezone.now()).count()


def remove(feed_id: int) -> None:
    """Forget the feed and what it carried; the articles stay."""
    get(feed_id).delete()


def articles(days: int | None = None) -> list[Article]:
    """Newest first, those without a date by when they were collected; only of the last `days` if given."""
    found = Article.objects.annotate(at=Coalesce("published_at", "collected_at")).order_by("-at", "-id")
    return list(found.filter(at__gte=timezone.now() - timedelta(days=days)) if days else found)


def get_article(article_id: int) -> Article:
    """Raises UsageError."""
    found = Article.objects.filter(pk=article_id).first()
    if found is None:
        raise UsageError(f"There is no article {article_id}.", hint="newsletter article list")
    return found


def add_article(url: str, staff: Staff | None) -> Article:
    """An article that no feed carries, read from its page. What the page does not say stays empty.

    Raises UsageError (no web address), Refused (already there), FetchError, and NewsletterError (no article there).
    """
    address = urls.canonical(urls.web_address(url)) or ""
    _refuse_known(store.find(address))
    story = harvest.single(Request(address, private=settings.CONFIG.allow_private_hosts, max_bytes=PAGE_BYTES))
    _refuse_known(store.find(story.facts.url))
    article = store.by_hand(story)
    audit.record(staff, "add", f"article {article.pk}")
    return article


def _refuse_known(article: Article | None) -> None:
    if article is not None:
        raise Refused(
            f"That article is already here: {article.pk} {article}.", hint=f"newsletter article why {article.pk}"
        )


@transaction.atomic
def hold(article_id: int, staff: Staff | None) -> Article:
    """Drafts made from now on leave it out; a quarantine becomes the editor's own word. Raises UsageError."""
    article = get_article(article_id)
    free = Q(held_at=None) | ~Q(quarantine="")
    if Article.objects.filter(free, pk=article.pk).update(held_at=timezone.now(), quarantine=""):
        audit.record(staff, "hold", f"article {article.pk}")
    return article


@transaction.atomic
def embargo(article_id: int, until: datetime | None, staff: Staff | None) -> Article:
    """No edition that goes out before may have it; None lifts the embargo. Raises UsageError."""
    article = get_article(article_id)
    Article.objects.filter(pk=article.pk).update(embargo_until=until)
    audit.record(staff, "embargo", f"article {article.pk}", until=until)
    return article


@transaction.atomic
def release(article_id: int, staff: Staff | None) -> Article:
    """Drafts may take it again, whatever held it. Raises UsageError."""
    article = get_article(article_id)
    if Article.objects.filter(pk=article.pk, held_at__isnull=False).update(held_at=None, quarantine=""):
        audit.record(staff, "release", f"article {article.pk}")
    return article
