"""What a feed and a page say about an article: plain values, all text already plain. No models, no network."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

TITLE_LIMIT = 500
DEK_LIMIT = 320
NAME_LIMIT = 120
URL_LIMIT = 1000
# Pixels: twice the width that a photo has in a two-column mail, and the least for a lead.
WIDE_ENOUGH = 600
_MOMENTS = ("published_at", "updated_at")


@dataclass(frozen=True)
class Person:
    """Someone named in a byline; role such as "research fellow", or ""."""

    name: str
    role: str = ""


@dataclass(frozen=True)
class Image:
    """A lead image: absolute http(s) URL, size in pixels where known, alt and credit "" where nobody names them."""

    url: str
    width: int | None = None
    height: int | None = None
    alt: str = ""
    credit: str = ""

    @property
    def is_narrow(self) -> bool:
        """Known to be too narrow for a lead."""
        return self.width is not None and self.width < WIDE_ENOUGH


@dataclass(frozen=True)
class Entry:
    """One item of a feed. `dek_is_cut`: the feed gave no dek of its own, this is the beginning of the text."""

    guid: str
    url: str
    title: str
    dek: str = ""
    dek_is_cut: bool = False
    byline: tuple[Person, ...] = ()
    categories: tuple[str, ...] = ()
    image: Image | None = None
    published_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def digest(self) -> str:
        """Changes when anything about the entry does: 64 hexadecimal digits."""
        return hashlib.sha256(json.dumps(asdict(self), default=str, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class FeedContent:
    """A feed as read; `dropped` has one reason for each entry that could not be taken."""

    title: str
    entries: tuple[Entry, ...]
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True)
class PageFacts:
    """What an article's page says about it; "" and None where it says nothing."""

    url: str = ""
    title: str = ""
    dek: str = ""
    byline: tuple[Person, ...] = ()
    categories: tuple[str, ...] = ()
    image: Image | None = None
    published_at: datetime | None = None
    updated_at: datetime | None = None
    site_name: str = ""


@dataclass(frozen=True)
class ArticleFacts:
    """What Article's columns hold, from feed and page together."""

    url: str
    title: str
    dek: str = ""
    byline: tuple[Person, ...] = ()
    kind: str = ""
    topics: tuple[str, ...] = ()
    image: Image | None = None
    published_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        """What an editor would still have to find: names of fields, such as "credit"; "width" for a lead's photo."""
        has = {
            "dek": self.dek, "byline": self.byline, "kind": self.kind, "topics": self.topics, "image": self.image,
            "alt": self.image is None or self.image.alt, "credit": self.image is None or self.image.credit,
            "width": self.image is None or not self.image.is_narrow, "published": self.published_at,
        }  # fmt: skip
        return tuple(name for name, value in has.items() if not value)


def to_json(content: FeedContent) -> bytes:
    """For the way out of the reading child."""
    return json.dumps(asdict(content), default=datetime.isoformat).encode()


def from_json(data: bytes) -> FeedContent:
    """The inverse of to_json. Raises ValueError, KeyError or TypeError when the bytes are something else."""
    read = json.loads(data)
    entries = tuple(Entry(**_restored(each)) for each in read["entries"])
    return FeedContent(read["title"], entries, tuple(read["dropped"]))


def page_to_json(page: PageFacts) -> bytes:
    """As to_json, for a page."""
    return json.dumps(asdict(page), default=datetime.isoformat).encode()


def page_from_json(data: bytes) -> PageFacts:
    """As from_json, for a page."""
    return PageFacts(**_restored(json.loads(data)))


def _restored(read: dict[str, Any]) -> dict[str, Any]:
    """The fields that JSON has no types for, as they were."""
    moments = {name: datetime.fromisoformat(read[name]) if read[name] else None for name in _MOMENTS}
    return read | moments | {
        "byline": tuple(Person(**person) for person in read["byline"]),
        "categories": tuple(read["categories"]),
        "image": Image(**read["image"]) if read["image"] else None,
    }  # fmt: skip
