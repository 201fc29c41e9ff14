"""The stories that an edition could have: each with why it is not in it, for an editor who composes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from django.db.models.functions import Coalesce

from newsletter.editions import memory
from newsletter.editions.models import Edition
from newsletter.feeds.models import Article

MOST = 60
"""Stories on one page; older ones are found by searching."""


@dataclass(frozen=True)
class Story:
    """A collected article that is not in the edition. `can_add`: nothing stands against it."""

    article: Article
    why: str
    pinned: bool = False

    @property
    def can_add(self) -> bool:
        return self.article.held_at is None


def stories(edition: Edition, words: str = "") -> list[Story]:
    """The newest first: those of the edition's time, and pinned ones whatever their time; with `words`, any that has
    them in its title."""
    told = Article.objects.annotate(told_at=Coalesce("published_at", "collected_at"))
    pins = set(edition.newsletter.pins.values_list("article_id", flat=True))
    here = edition.items.filter(article__isnull=False, dropped=False).values("article_id")
    free = told.exclude(pk__in=here).order_by("-told_at", "-pk")
    if words:
        found: Iterable[Article] = free.filter(title__icontains=words)[:MOST]
    else:
        found = chain(
            free.filter(pk__in=pins), free.filter(told_at__gt=edition.stories_from).exclude(pk__in=pins)[:MOST]
        )
    listed = list(found)
    taken = _taken(edition, listed)
    dropped = set(edition.items.filter(dropped=True).values_list("article_id", flat=True))
    return [
        Story(each, _why(edition, each, taken.get(each.pk, ""), dropped=each.pk in dropped), each.pk in pins)
        for each in listed
    ]


def _taken(edition: Edition, articles: list[Article]) -> dict[int, str]:
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
