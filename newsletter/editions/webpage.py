"""An edition as the archive's page prints it: from its snapshot, without a word that is any one reader's."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, cast

from newsletter import links
from newsletter.editions import mark
from newsletter.editions.blocks import Block, Story
from newsletter.editions.models import Edition
from newsletter.editions.render import content
from newsletter.editions.snapshot import Snapshot


def page_of(edition: Edition) -> dict[str, Any]:
    """What the page's template sees. Pictures come from our own host only: a page asks nobody else for anything."""
    snapshot = mark.as_corrected(edition)
    page = content(snapshot)
    own = {
        "lead": _with_own_picture(page["lead"]) if page["lead"] else None,
        "sections": [
            {"name": section["name"], "blocks": list(map(_with_own_picture, section["blocks"]))}
            for section in page["sections"]
        ],
    }
    return {**page, **own, "date": snapshot["edition"]["date"], "marks": edition.marks}


def stories_in(edition: Edition) -> int:
    """How many pieces an edition has: articles, and what other outlets printed."""
    sections = cast("Snapshot", edition.snapshot)["sections"]
    return sum(item["type"] in ("article", "outside") for section in sections for item in section["items"])


def linked_data(edition: Edition, page: dict[str, Any], address: str) -> dict[str, Any]:
    """The same as schema.org says it, for search engines: https://schema.org/PublicationIssue."""
    stories = [block for block in _blocks(page) if isinstance(block, Story) and block.url]
    return {
        "@context": "https://schema.org",
        "@type": "PublicationIssue",
        "@id": address,
        "url": address,
        "name": page["edition"]["subject"],
        "description": page["edition"]["preheader"],
        "issueNumber": edition.number,
        "datePublished": page["date"],
        "inLanguage": page["newsletter"]["language"],
        "isPartOf": {"@type": "Periodical", "name": page["newsletter"]["name"]},
        "hasPart": [{"@type": "Article", "headline": story.title, "url": story.url} for story in stories],
        "correction": [mark["text"] for mark in page["marks"]],
    }


def _blocks(page: dict[str, Any]) -> Iterable[Block]:
    if page["lead"]:
        yield page["lead"]
    for section in page["sections"]:
        yield from section["blocks"]


def _with_own_picture(block: Block) -> Block:
    photo = getattr(block, "photo", None)
    if photo is None or photo.url.startswith(links.absolute("/")):
        return block
    return cast("Block", replace(cast("Any", block), photo=None))
