"""The articles: one Markdown file each in articles/, with TOML front matter between two lines of `+++`.

The file's name is the article's slug. Times are hours before "now", so that the magazine is always this week's;
{weekday} in a text becomes the day on which it was published.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "articles"
NAME = "The Even Keel"
TAGLINE = "Foreign policy, soberly"
KINDS = ("Analysis", "Reporting", "QiOSK", "Latest")
TOPICS = ("Africa", "Middle East", "Asia-Pacific", "Washington Politics", "Europe")
FEEDS = ("rss", "atom")


@dataclass(frozen=True)
class Author:
    """Someone in a byline; `role` may be ""."""

    name: str
    role: str = ""


@dataclass(frozen=True)
class Photo:
    """A lead photo: which scene is drawn for it from which seed, and its words. `credit` may be ""."""

    scene: str
    seed: int
    alt: str
    caption: str
    credit: str = ""


@dataclass(frozen=True)
class Article:
    """One article. `feeds` carry it; their entries leave out the fields that `feed_omits` names."""

    slug: str
    title: str
    dek: str
    kind: str
    topics: tuple[str, ...]
    authors: tuple[Author, ...]
    published_at: datetime
    updated_at: datetime
    photo: Photo | None
    body: str
    feeds: frozenset[str]
    feed_omits: frozenset[str]

    @property
    def path(self) -> str:
        """Where its page is, below the magazine's address."""
        return f"/{self.kind.lower()}/{self.slug}"

    @property
    def photo_path(self) -> str:
        """Where its photo is, below the magazine's address."""
        return f"/media/{self.slug}.jpg"


def articles(now: datetime) -> tuple[Article, ...]:
    """Every article, newest first, as published before `now` (aware)."""
    found = (_article(path, now) for path in FOLDER.glob("*.md"))
    return tuple(sorted(found, key=lambda article: article.published_at, reverse=True))


def _article(path: Path, now: datetime) -> Article:
    _, front, body = path.read_text(encoding="utf-8").split("+++\n", 2)
    fields = tomllib.loads(front)
    published_at = _to_five_minutes(now - timedelta(hours=fields["hours_ago"]))
    return Article(
        slug=path.stem,
        title=fields["title"],
        dek=fields["dek"],
        kind=fields["kind"],
        topics=tuple(fields["topics"]),
        authors=tuple(Author(**author) for author in fields["authors"]),
        published_at=published_at,
        updated_at=published_at + timedelta(minutes=fields.get("updated_after_minutes", 0)),
        photo=_photo(fields.get("photo")),
        body=body.strip().replace("{weekday}", f"{published_at:%A}"),
        feeds=frozenset(fields["feeds"]),
        feed_omits=frozenset(fields.get("feed_omits", ())),
    )


def _photo(fields: Mapping[str, Any] | None) -> Photo | None:
    return Photo(**fields) if fields else None


def _to_five_minutes(moment: datetime) -> datetime:
    return moment.replace(minute=moment.minute - moment.minute % 5, second=0, microsecond=0)
