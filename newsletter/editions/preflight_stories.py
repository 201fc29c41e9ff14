"""What can be told from an edition's content alone: stories, pictures, times. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any, cast
from urllib.parse import unquote, urlsplit

from newsletter.editions.preflight_findings import Finding, block, warn
from newsletter.editions.snapshot import ItemContent, SectionContent, Snapshot
from newsletter.editions.words import advice

LEAD_WIDTH, SMALL_WIDTH = 1072, 240
"""Pixels that a file should have: twice what the mail shows."""
_FORMATS = (".webp", ".avif", ".svg", ".heic", ".tif", ".tiff", ".bmp")
_KINDS = ("image/jpeg", "image/png", "image/gif")
PICTURES_BYTES = 500_000


@dataclass(frozen=True)
class Known:
    """What the tables know of an entry beside its content: `also_in` names the edition that had it before."""

    held: bool = False
    embargo_until: datetime | None = None
    also_in: str = ""


@dataclass(frozen=True)
class PictureFile:
    """A picture as its server tells of it: media type, and bytes where it names them."""

    kind: str = ""
    size: int | None = None


@dataclass(frozen=True)
class Facts:
    """Beside the snapshot: entries by item id, picture files by address, and when the edition goes out."""

    goes_out: datetime
    known: Mapping[int, Known] = field(default_factory=dict)
    files: Mapping[str, PictureFile] = field(default_factory=dict)


def stories(snapshot: Snapshot, facts: Facts) -> Iterator[Finding]:
    """Everything about entries and their pictures, in the order of the mail, then about the inbox line."""
    for section in snapshot["sections"]:
        for item in section["items"]:
            yield from _times(item, facts)
            yield from _missing(item, section)
            yield from _picture(item, section, facts)
    yield from _together(snapshot, facts)
    yield from _inbox_line(snapshot)


def _times(item: ItemContent, facts: Facts) -> Iterator[Finding]:
    known, title = facts.known.get(item["id"], Known()), _title(item)
    if known.embargo_until and known.embargo_until > facts.goes_out:
        until = f"{known.embargo_until:%d %B %Y %H:%M} UTC"
        yield block("embargo", f"{title} is under embargo until {until}, after the edition goes out.", item=item["id"])
    if known.held:
        yield block("on-hold", f"{title} is held: no mail may tell of it.", item=item["id"])
    if known.also_in:
        yield warn("already-sent", f"{title} was in {known.also_in}.", item=item["id"])
    published = item.get("published")
    if published and datetime.fromisoformat(str(published)) > facts.goes_out:
        yield warn("future-date", f"{title} is dated after the edition goes out.", item=item["id"])
    starts = item.get("starts")
    if starts and datetime.fromisoformat(str(starts)) < facts.goes_out:
        yield warn("event-over", f"{title} begins before the edition goes out.", item=item["id"])


def _missing(item: ItemContent, section: SectionContent) -> Iterator[Finding]:
    if item["type"] != "article":
        return
    if not any(author["name"].strip() for author in item["byline"]):
        yield warn("no-byline", f"{_title(item)} has no byline.", item=item["id"])
    if not item["dek"].strip() and not section.get("is_list"):
        yield warn("no-dek", f"{_title(item)} has no dek.", item=item["id"])
    if item["image"] is None and section["is_lead"]:
        yield warn("no-picture", f"The lead, {_title(item)}, has no picture.", item=item["id"])


def _picture(item: ItemContent, section: SectionContent, facts: Facts) -> Iterator[Finding]:
    image = cast("dict[str, Any] | None", item.get("image"))
    if not image or section.get("is_list"):
        return
    title, where = _title(item), {"item": item["id"]}
    if not str(image["credit"]).strip():
        yield warn("no-credit", f"Nobody is named for the picture of {title}.", **where)
    # A story's photo stands in one link with its headline, and what the feed says of it is printed nowhere.
    if item["type"] == "promotion" and (fault := _alt(str(image["alt"]), str(item["title"]), str(image["url"]))):
        yield warn("poor-alt", f"The picture of {title} is described by {fault}: say what it shows.", **where)
    kind = facts.files.get(image["url"], PictureFile()).kind
    path = _path(str(image["url"])).lower()
    if path.endswith(_FORMATS) or (kind and kind not in _KINDS):
        told = kind or PurePosixPath(path).suffix
        yield warn("picture-format", f"The picture of {title} is {told}; Outlook shows JPEG and PNG.", **where)
    least = LEAD_WIDTH if section["is_lead"] else SMALL_WIDTH
    if image["width"] and image["width"] < least:
        words = f"The picture of {title} is {image['width']} pixels wide; sharp screens want {least:,}."
        yield warn("picture-size", words, **where)


def _alt(alt: str, title: str, url: str) -> str:
    """What is wrong with an alternative text, or ""; an empty one is right beside its headline."""
    bare = _bare(alt)
    if not bare:
        return ""
    if bare == _bare(title):
        return "its own headline"
    name = PurePosixPath(unquote(_path(url)))
    if bare in (_bare(name.name), _bare(name.stem)):
        return "the name of its file"
    return ""


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:  # no address at all; the mail leaves the picture out
        return ""


def _bare(text: str) -> str:
    return re.sub(r"[\W_]", "", text.casefold())


def _together(snapshot: Snapshot, facts: Facts) -> Iterator[Finding]:
    """Small pictures and lead alike: what a phone on a slow line has to fetch."""
    sizes = [facts.files[url].size or 0 for url in picture_addresses(snapshot) if url in facts.files]
    if sum(sizes) > PICTURES_BYTES:
        words = f"The pictures have {sum(sizes):,} bytes together; above {PICTURES_BYTES:,} phones wait for them."
        yield warn("pictures-heavy", words, part="pictures")


def picture_addresses(snapshot: Snapshot) -> list[str]:
    """The address of every picture that the mail shows, each once."""
    shown = (section for section in snapshot["sections"] if not section.get("is_list"))
    images = (cast("Any", item.get("image")) for section in shown for item in section["items"])
    return list(dict.fromkeys(image["url"] for image in images if image))


def _inbox_line(snapshot: Snapshot) -> Iterator[Finding]:
    edition = snapshot["edition"]
    for words in advice(edition["subject"], edition["preheader"]):
        part = "subject" if words.startswith("The subject") else "preheader"
        yield warn(f"{part}-length" if "characters" in words else part, words, part=part)


def _title(item: ItemContent) -> str:
    return f"“{item['title']}”" if item["title"] else "A note"
