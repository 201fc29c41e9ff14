"""The stories that an edition could have: each with why it is not in it, for an editor who composes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce

from newsletter.editions import memory
from newsletter.editions.models import Edition, Pin
from newsletter.feeds.models import Article

PAGE = 30
"""Stories at once: with the edition beside them the page stays below 100 kB."""


@dataclass(frozen=True)
class Story:
    """A collected article that is not in the edition. `can_add`: nothing stands against it."""

    article: Article
    why: str
    pinned: bool = False

    @property
    def can_add(self) -> bool:
        return self.article.held_at is None


@dataclass(frozen=True)
class Page:
    """Some of the stories, and where the newer and the older ones begin (None: there are none)."""

    stories: list[Story]
    newer: int | None = None
    older: int | None = None


def stories(edition: Edition, words: str = "", skip: int = 0) -> Page:
    """Pinned ones whatever their time, then those of the edition's time, the newest first; with `words`, any that has
    them in its title. `skip`: how many stand on the pages before."""
    pin = Pin.objects.filter(newsletter=edition.newsletter_id, article=OuterRef("pk"))
    out = edition.items.filter(article=OuterRef("pk"), dropped=True)
    told = Article.objects.annotate(
        told_at=Coalesce("published_at", "collected_at"), pinned=Exists(pin), dropped=Exists(out)
    )
    here = edition.items.filter(article__isnull=False, dropped=False).values("article_id")
    wanted = Q(title__icontains=words) if words else Q(told_at__gt=edition.stories_from) | Q(pinned=True)
    free = told.filter(wanted).exclude(pk__in=here).only("url", "title", "kind", "topics", "held_at", "quarantine")
    found = list(free.order_by("-pinned", "-told_at", "-pk")[skip : skip + PAGE + 1])
    listed = found[:PAGE]
    taken = _taken(edition, listed)
    return Page(
        [
            Story(each, _why(edition, each, taken.get(each.pk, ""), dropped=each.dropped), each.pinned)
            for each in listed
        ],
        newer=max(0, skip - PAGE) if skip else None,
        older=skip + PAGE if len(found) > PAGE else None,
    )


def _taken(edition: Edition, articles: Sequence[Article]) -> dict[int, str]:
    found = memory.taken(edition).filter(article__in=[each.pk for each in articles])
    rows = found.values_list("article_id", "edition__number")
    return {pk: f"No. {number} had it" for pk, number in rows}


def _why(edition: Edition, article: Article, taken: str, *, dropped: bool) -> str:
    if article.held_at:
        return f"held: {article.quarantine}" if article.quarantine else "held by an editor"
    if taken or dropped:
        return taken or "dropped from this edition"
    told: datetime = article.told_at  # type: ignore[attr-defined] # annotated in `stories`
    if told <= edition.stories_from:
        return "before this edition's time"
    if reason := edition.left_out.get(str(article.pk)):
        return str(reason)
    return "came after composing" if edition.composed_at else "not composed yet"
