"""JSON Feed 1 and 1.1 (jsonfeed.org) → FeedContent. Pure."""

import functools
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from newsletter.feeds import bylines, draft
from newsletter.feeds.draft import Draft, NotAFeed
from newsletter.feeds.markup import first_image, image_url
from newsletter.feeds.values import FeedContent, Image


def read(body: bytes, url: str) -> FeedContent:
    """Raises NotAFeed."""
    try:
        feed = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise NotAFeed(f"{url} looks like JSON, but it is broken.") from error
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        raise NotAFeed(f"{url} is JSON, but not a JSON Feed.")
    authors = _authors(feed)
    makers = [functools.partial(_draft, item, url, authors) for item in feed["items"] if isinstance(item, dict)]
    return draft.content(_text(feed, "title"), makers)


def _draft(item: dict[str, Any], base: str, authors: tuple[str, ...]) -> Draft:
    markup = _text(item, "content_html") or _text(item, "content_text")
    return Draft(
        guid=str(item.get("id") or ""),
        link=_text(item, "url") or _text(item, "external_url"),
        base=base,
        title=_text(item, "title"),
        summary=_text(item, "summary"),
        markup=markup,
        people=bylines.gather(_authors(item) or authors),
        categories=tuple(str(tag) for tag in _list(item, "tags")),
        image=_image(item, base) or first_image(markup, base),
        published_at=_when(item, "date_published"),
        updated_at=_when(item, "date_modified"),
    )


def _authors(owner: dict[str, Any]) -> tuple[str, ...]:
    # Version 1 had one author, version 1.1 a list.
    named = [author for author in [*_list(owner, "authors"), owner.get("author")] if isinstance(author, dict)]
    return tuple(dict.fromkeys(_text(author, "name") for author in named))


def _image(item: dict[str, Any], base: str) -> Image | None:
    return next((Image(made) for each in _image_texts(item) if (made := image_url(each, base))), None)


def _image_texts(item: dict[str, Any]) -> Iterator[str]:
    yield from (_text(item, name) for name in ("image", "banner_image"))
    for attachment in _list(item, "attachments"):
        if isinstance(attachment, dict) and _text(attachment, "mime_type").startswith("image/"):
            yield _text(attachment, "url")


def _when(item: dict[str, Any], name: str) -> datetime | None:
    try:
        when = datetime.fromisoformat(_text(item, name))
        return when.replace(tzinfo=when.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _text(owner: dict[str, Any], name: str) -> str:
    value = owner.get(name)
    return value if isinstance(value, str) else ""


def _list(owner: dict[str, Any], name: str) -> list[Any]:
    value = owner.get(name)
    return value if isinstance(value, list) else []
