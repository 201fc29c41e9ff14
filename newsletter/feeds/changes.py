"""What changed about an article after it was first collected, and since when."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from newsletter.feeds.models import Article, Change

KEPT = 50  # of one article: a feed that cannot make up its mind must not fill the table
# What a reader of a mail sees.
PRINTED = ("title", "dek", "byline", "image", "url")


def record(article: Article, changed: Mapping[str, Any]) -> None:
    """Write down that these columns are about to change; `article` still has what they were."""
    fields = {name: [getattr(article, name), value] for name, value in changed.items() if name != "url_key"}
    Change.objects.create(article=article, fields=fields)
    stale = Change.objects.filter(article=article).order_by("-at", "-id").values_list("pk", flat=True)[KEPT:]
    Change.objects.filter(pk__in=list(stale)).delete()


def of(article: Article) -> QuerySet[Change]:
    """All that is known, the oldest first."""
    return article.changes.all()


def since(article_ids: Iterable[int], moment: datetime) -> dict[int, list[str]]:
    """Of these articles those that read otherwise than at `moment`, and in which columns of PRINTED."""
    found: dict[int, dict[str, list[Any]]] = {}
    for change in Change.objects.filter(article__in=list(article_ids), at__gt=moment).order_by("at", "id"):
        seen = found.setdefault(change.article_id, {})
        for name in set(change.fields) & set(PRINTED):
            before, after = change.fields[name]
            seen[name] = [seen.get(name, [before])[0], after]
    # What was changed and changed back reads as it did.
    read = {pk: [name for name in PRINTED if name in seen and _differs(*seen[name])] for pk, seen in found.items()}
    return {pk: names for pk, names in read.items() if names}


def _differs(before: Any, after: Any) -> bool:
    if isinstance(before, dict) and isinstance(after, dict):
        # Sizes come to be known without anything that a reader sees.
        return any(before.get(name) != after.get(name) for name in ("url", "alt", "credit"))
    return bool(before != after)
