"""Which stories of editions that went out read otherwise today: what an editor may have to correct."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from newsletter.editions.models import Edition
from newsletter.feeds import changes
from newsletter.feeds.models import Article


class Changed(NamedTuple):
    """An article that its publication changed after the edition was frozen, and in which columns."""

    edition: Edition
    article: Article
    columns: list[str]


def after_sending(editions: Iterable[Edition]) -> list[Changed]:
    """In the order of the editions; those that never began to be sent have nothing to correct."""
    return [
        each
        for edition in editions
        if edition.started_at is not None and edition.approved_at is not None
        for each in _of(edition, edition.approved_at)
    ]


def _of(edition: Edition, frozen_at: datetime) -> list[Changed]:
    items = edition.items.filter(dropped=False, article__isnull=False).select_related("article")
    articles = {item.article.pk: item.article for item in items if item.article}
    changed = changes.since(articles, frozen_at)
    return [Changed(edition, article, changed[pk]) for pk, article in articles.items() if pk in changed]
