"""How many stories the next editions of several newsletters would have today: three questions for all of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Window
from django.db.models.functions import Coalesce, RowNumber

from newsletter.editions import draft, memory
from newsletter.editions.models import Edition
from newsletter.editions.week import WEEK, Run
from newsletter.feeds.models import Article
from newsletter.newsletters.models import Newsletter

Next = tuple[Newsletter, Run]


def counts(ahead: Sequence[Next], now: datetime) -> dict[int, int]:
    """By newsletter, as draft.stories_so_far of a run that nobody composed yet."""
    if not ahead:
        return {}
    since = _since(ahead, now)
    told = Article.objects.annotate(told_at=Coalesce("published_at", "collected_at")).filter(held_at=None)
    wanted = {
        f"of_{newsletter.pk}": Count(
            "pk",
            filter=Q(told_at__gt=since[newsletter.pk], told_at__lte=min(now, run.cutoff_at))
            & ~Q(pk__in=memory.taken_by(newsletter).values("article_id")),
        )
        for newsletter, run in ahead
    }
    found = told.filter(told_at__gt=min(since.values())).aggregate(**wanted)
    return {newsletter.pk: found[f"of_{newsletter.pk}"] for newsletter, _ in ahead}


def _since(ahead: Sequence[Next], now: datetime) -> dict[int, datetime]:
    """Where the edition before each closed; as far back as those that took no story for good, where none did."""
    before = _earlier(ahead).exclude(memory.unsent())
    closed = {each.newsletter_id: draft.closed_at(each) for each in _first(before, "-period_start")}
    without = [pair for pair in ahead if pair[0].pk not in closed]
    begun = {e.newsletter_id: e.stories_from for e in _first(_earlier(without), "period_start")} if without else {}
    return {
        newsletter.pk: closed.get(newsletter.pk) or begun.get(newsletter.pk) or min(now, run.cutoff_at) - WEEK
        for newsletter, run in ahead
    }


def _earlier(ahead: Sequence[Next]) -> QuerySet[Edition]:
    of_each = Q()
    for newsletter, run in ahead:
        of_each |= Q(newsletter=newsletter, period_start__lt=run.period_start)
    return Edition.objects.filter(of_each, kind=Edition.Kind.REGULAR)


def _first(editions: QuerySet[Edition], order: str) -> QuerySet[Any]:
    """The first of each newsletter in this order."""
    place = Window(RowNumber(), partition_by=F("newsletter_id"), order_by=order)
    return editions.annotate(place=place).filter(place=1).defer("snapshot", "left_out")
