"""What was approved is what is sent: the snapshot of an edition, its renderings, and one hash over both."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from typing import Any, cast
from zoneinfo import ZoneInfo

from newsletter.editions import memo, pictures
from newsletter.editions import snapshot as shape
from newsletter.editions.models import Edition, Item
from newsletter.editions.render import Rendered
from newsletter.feeds.models import Article
from newsletter.newsletters.models import Section

PUBLICATION = (
    "slug", "name", "tagline", "mission", "language", "home_url", "accent", "sender_name", "sender_email", "reply_to",
    "postal_address", "zone", "theme", "logo_url", "logo_size", "headline_font", "text_font", "footer", "social",
    "archive", "privacy_url", "utm", "topic_copies", "links",
)  # fmt: skip


def snapshot_of(edition: Edition, items: Iterable[Item] | None = None) -> shape.Snapshot:
    """Everything an edition says, as plain data: what templates get and what the hash covers.

    Pictures that were made fit for mail stand in it (editions/ready.py makes them); nothing is fetched here. `items`:
    its items_of, if they are known.
    """
    return pictures.as_known(content_of(edition, items))


def items_of(edition: Edition) -> list[Item]:
    """Its entries in their order, those that were dropped left out."""
    items = edition.items.filter(dropped=False).select_related("article", "section")
    return list(items.order_by("section__position", "position", "id"))


def content_of(edition: Edition, items: Iterable[Item] | None = None) -> shape.Snapshot:
    """As snapshot_of, with every picture still where the publication has it."""
    newsletter = edition.newsletter
    by_section = groupby(items_of(edition) if items is None else items, key=lambda item: item.section)
    return {
        "edition": {
            "id": edition.public,
            "kind": cast("shape.Kind", edition.kind),
            "number": edition.number,
            "date": local_date(edition),
            "subject": edition.subject,
            "preheader": edition.preheader,
        },
        "newsletter": {name: getattr(newsletter, name) for name in PUBLICATION},  # type: ignore[typeddict-item] # built
        "note": edition.note,
        "sections": [_section(section, placed) for section, placed in by_section],
    }


def preview(edition: Edition) -> Rendered:
    """How the edition would look if it were approved now; once approved, what was approved."""
    frozen = edition.renderings.filter(topic_set="").first() if edition.content_hash else None
    if frozen is not None:
        return Rendered(subject=frozen.subject, html=frozen.html, text=frozen.text)
    return memo.rendered(snapshot_of(edition))


def content_hash(snapshot: Any, renderings: Iterable[tuple[str, str, str, str]]) -> str:
    """SHA-256 in hexadecimal over the snapshot and (topic set, subject, html, text) of every rendering."""
    content = {"snapshot": snapshot, "renderings": sorted(renderings)}
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def is_intact(edition: Edition) -> bool:
    """Whether what lies in the database is still what was approved."""
    frozen = edition.renderings.values_list("topic_set", "subject", "html", "text")
    return bool(edition.content_hash) and content_hash(edition.snapshot, frozen) == edition.content_hash


def draft_hash(edition: Edition, items: Iterable[Item] | None = None) -> str:
    """What a draft says now, as one hash: a page shows it, approval compares it. `items` as of snapshot_of.

    A picture that was made fit meanwhile is no change of what somebody looked at.
    """
    return content_hash(content_of(edition, items), [])


def local_date(edition: Edition) -> str:
    """The ISO date that the mail carries: that of its send, in the newsletter's zone."""
    moment = edition.send_at or edition.stories_until
    return moment.astimezone(ZoneInfo(edition.newsletter.zone)).date().isoformat()


def _section(section: Section, placed: Iterable[Item]) -> shape.SectionContent:
    items = [_item(item) for item in placed]
    return {
        "name": section.name,
        "slug": section.slug,
        "is_lead": section.is_lead,
        "is_list": bool(section.rules.get("list")),
        "items": items,
    }


def _item(item: Item) -> shape.ItemContent:
    return _article(item, item.article) if item.article else _WRITTEN[Item.Type(item.type)](item, item.details)


def _article(item: Item, article: Article) -> shape.ArticleContent:
    return {
        "id": item.pk,
        "type": "article",
        "url": article.url,
        "title": item.title,
        "dek": item.dek or article.dek,
        "byline": article.byline,
        "kind": article.kind,
        "topics": article.topics,
        "image": cast("shape.Image | None", item.picture),
        "published": article.published_at.isoformat() if article.published_at else None,
    }


def _note(item: Item, _details: Mapping[str, str]) -> shape.NoteContent:
    return {"id": item.pk, "type": "note", "title": item.headline, "text": item.dek}


def _event(item: Item, details: Mapping[str, str]) -> shape.EventContent:
    return {
        "id": item.pk,
        "type": "event",
        "title": item.headline,
        "dek": item.dek,
        "starts": details["starts"],
        "ends": details.get("ends"),
        "zone": details["zone"],
        "place": details.get("place", ""),
        "url": details.get("url", ""),
        "button": details.get("button", ""),
    }


def _outside(item: Item, details: Mapping[str, str]) -> shape.OutsideContent:
    return {
        "id": item.pk,
        "type": "outside",
        "title": item.headline,
        "dek": item.dek,
        "outlet": details["outlet"],
        "byline": [{"name": details["author"], "role": ""}] if details.get("author") else [],
        "date": details.get("date"),
        "url": details["url"],
    }


def _promotion(item: Item, details: Mapping[str, str]) -> shape.PromotionContent:
    return {
        "id": item.pk,
        "type": "promotion",
        "title": item.headline,
        "dek": item.dek,
        "label": details["label"],
        "sponsor": details["sponsor"],
        "url": details.get("url", ""),
        "button": details.get("button", ""),
        "image": cast("shape.Image | None", item.picture),
    }


_WRITTEN: dict[Item.Type, Callable[[Item, Mapping[str, str]], shape.ItemContent]] = {
    Item.Type.NOTE: _note,
    Item.Type.EVENT: _event,
    Item.Type.OUTSIDE: _outside,
    Item.Type.PROMOTION: _promotion,
}
