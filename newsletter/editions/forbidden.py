"""Stories that a draft has and no mail may tell of when it goes out: put on hold, or under embargo, since."""

from django.db import transaction
from django.utils import timezone

from newsletter.editions import draft, edit
from newsletter.editions.models import Edition, Item
from newsletter.feeds.models import Article


@transaction.atomic
def drop(edition: Edition) -> list[str]:
    """Take them out of a draft, its subject with them where it was suggested. Says which and why, a line each."""
    goes_out = edition.send_at or timezone.now()
    placed = edition.items.filter(dropped=False, article__isnull=False).select_related("article", "edition__newsletter")
    forbidden = placed.exclude(article__in=Article.objects.filter(draft.free(goes_out)))
    return [_dropped(item) for item in forbidden.order_by("section__position", "position")]


def _dropped(item: Item) -> str:
    until = item.article.embargo_until if item.article and not item.article.held_at else None
    why = f"it is under embargo until {until:%d %B %H:%M} UTC" if until else "it is on hold"
    edit.drop_item(item)
    Item.objects.filter(pk=item.pk).update(reason=f"Left out by itself: {why}.")
    return f"“{item.title}” is left out: {why}."
