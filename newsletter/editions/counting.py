"""Links that are counted: where a newsletter asks for it, an entry's address becomes one of ours. Pure.

The address stands for an entry of an edition and is the same for every reader, so the mail's hash holds. Where it leads
is read from the frozen snapshot and nowhere else, so nobody can make it lead elsewhere. Links in notes, in the masthead
and all that lead to our own pages stay as they are: the way out is never counted. What is counted is entries, because
only they have a section, a place, an author and topics; a link in a note has none, and is a person's own words.
"""

from collections.abc import Callable, Mapping
from typing import Any, cast

from newsletter import links, signing
from newsletter.editions.snapshot import Snapshot
from newsletter.editions.tagging import tagged, tags_of
from newsletter.mail.content import web_address
from newsletter.mail.slots import CLICK

CANARY = 0
"""Stands for a link that no reader sees: whoever follows it is a machine that follows everything."""
_DIRECT = "direct"


def mode_of(snapshot: Snapshot) -> str:
    return snapshot["newsletter"].get("links", _DIRECT)


def counted(snapshot: Snapshot) -> Snapshot:
    """The snapshot as the mail prints it: entries lead through our links, if the newsletter asks for that."""
    if mode_of(snapshot) == _DIRECT:
        return snapshot
    address = _addresses(snapshot)
    sections = [
        {**section, "items": [_through(item, address) for item in section["items"]]} for section in snapshot["sections"]
    ]
    return cast("Snapshot", {**snapshot, "sections": sections})


def canary(snapshot: Snapshot) -> str:
    """The address of the link that no reader sees, "" where nothing is counted."""
    return "" if mode_of(snapshot) == _DIRECT else _addresses(snapshot)(CANARY)


def destinations(snapshot: Snapshot, service: str) -> dict[int, str]:
    """Where each entry's link leads, by item; `service` is our own site."""
    if mode_of(snapshot) == _DIRECT:
        return {}
    printed = tagged(snapshot, tags_of(snapshot, service))
    found = {
        item["id"]: web_address(str(item.get("url") or "")) for each in printed["sections"] for item in each["items"]
    }
    return {item: url for item, url in found.items() if url}


def _addresses(snapshot: Snapshot) -> Callable[[int], str]:
    edition, click = int(snapshot["edition"]["id"], 16), CLICK if mode_of(snapshot) == "personal" else ""
    return lambda item: links.counted(signing.link_for(edition, item), click)


def _through(item: Mapping[str, Any], address: Callable[[int], str]) -> dict[str, Any]:
    return {**item, "url": address(item["id"])} if web_address(str(item.get("url") or "")) else dict(item)
