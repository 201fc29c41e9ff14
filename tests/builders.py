"""Rows that tests start from. Each takes only what its test is about."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from newsletter.editions import approve, draft
from newsletter.editions.models import Edition
from newsletter.feeds.models import Article, Feed, Sighting
from newsletter.newsletters import sections
from newsletter.newsletters.models import Newsletter
from newsletter.subscribers import addresses, mailboxes, tokens
from newsletter.subscribers.models import Subscriber, Subscription

FRAMES = ("Lead: lead", "Analysis: kind=Analysis; cap=4", "The rest: cap=10")


def make_newsletter(name: str = "The Meridian", frames: tuple[str, ...] = FRAMES, **values: Any) -> Newsletter:
    newsletter = Newsletter.objects.create(
        name=name,
        slug=name.lower().replace(" ", "-"),
        sender_name=name,
        sender_email="desk@meridian.example",
        postal_address="1 Harbour Street, Port Ellis",
        **{"zone": "America/New_York", "weekday": _weekday(values), "send_time": time(7), **values},
    )
    sections.replace_all(newsletter, [sections.read(text) for text in frames])
    return newsletter


def _weekday(values: dict[str, Any]) -> int:
    """Thursday; but while that run is closed and not yet out, no story of today would come into its edition."""
    now = timezone.now()
    into = timedelta(days=now.weekday(), hours=now.hour, minutes=now.minute)
    is_closed = timedelta(days=2, hours=13) < into < timedelta(days=3, hours=12, minutes=30)
    return 6 if is_closed and "rhythm_from" not in values else 3


def make_article(title: str, *, hours_ago: float = 5, kind: str = "Analysis", **values: Any) -> Article:
    slug = title.lower().replace(" ", "-")
    feed, _ = Feed.objects.get_or_create(url="https://meridian.example/feed.rss")
    article = Article.objects.create(
        **{
            "url": f"https://meridian.example/{slug}",
            "url_key": f"meridian.example/{slug}",
            "title": title,
            "dek": f"What {title} means.",
            "byline": [{"name": "Ada Moreau", "role": ""}],
            "kind": kind,
            "topics": ["Africa"],
            "published_at": timezone.now() - timedelta(hours=hours_ago),
            **values,
        }
    )
    Sighting.objects.create(feed=feed, article=article, guid=article.url, digest="")
    return article


def add_readers(newsletter: Newsletter, count: int, *, status: str = "active", first: int = 0) -> list[Subscription]:
    made = Subscriber.objects.bulk_create(
        Subscriber(
            email=f"reader{number}@example.org",
            address_key=addresses.key(f"reader{number}@example.org"),
            mailbox=mailboxes.of(f"reader{number}@example.org"),
            name=f"Reader {number}",
        )
        for number in range(first, first + count)
    )
    return Subscription.objects.bulk_create(
        Subscription(subscriber=subscriber, newsletter=newsletter, status=status) for subscriber in made
    )


def token_of(subscription: Subscription) -> str:
    """The mail's token for this reader."""
    return tokens.token_for(subscription.public_id)


def scheduled_edition(newsletter: Newsletter, *, stories: int = 3, note: str = "") -> Edition:
    """An approved edition whose time has come."""
    for number in range(stories):
        make_article(f"Story {number} of {newsletter.slug}", hours_ago=number + 1)
    edition = draft.compose_special(newsletter).edition
    Edition.objects.filter(pk=edition.pk).update(note=note)
    approve.approve(edition, None)
    return approve.schedule(edition, timezone.now(), None)


def sent_edition(newsletter: Newsletter, *, stories: int = 3, **values: Any) -> Edition:
    """An edition on its way to its readers."""
    edition = scheduled_edition(newsletter, stories=stories)
    Edition.objects.filter(pk=edition.pk).update(status="sent", started_at=timezone.now(), **values)
    return Edition.objects.get(pk=edition.pk)


def at(text: str) -> datetime:
    """A UTC moment such as 2026-11-26 12:00."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
