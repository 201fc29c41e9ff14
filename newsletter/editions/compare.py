"""What differs between two versions of an edition, in words. Pure: snapshots in, sentences out."""

from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from newsletter.editions.snapshot import Snapshot

_NAMES = {"dek": "dek", "text": "words", "image": "picture", "byline": "byline", "url": "address"}
_NOT_PRINTED = {"id", "type", "title", "published"}


class _Placed(NamedTuple):
    item: dict[str, Any]
    section: str
    title: str


def differences(before: Snapshot, after: Snapshot) -> list[str]:
    """A sentence for every subject, note and story that is not as it was, in the order of the mail; empty: the same."""
    return [*_words(before, after), *_publication(before, after), *_items(before, after)]


def _words(before: Snapshot, after: Snapshot) -> Iterator[str]:
    for name in ("subject", "preheader", "date"):
        old, new = before["edition"].get(name), after["edition"].get(name)
        if old != new:
            yield f"{name.capitalize()}: “{old}” is now “{new}”."
    if before["note"] != after["note"]:
        yield "The editor's note was " + (
            "added." if not before["note"] else "changed." if after["note"] else "removed."
        )


def _publication(before: Snapshot, after: Snapshot) -> Iterator[str]:
    for name, new in after["newsletter"].items():
        old = before["newsletter"].get(name)
        if old != new:
            yield f"The newsletter's {name.replace('_', ' ')}: “{old}” is now “{new}”."


def _items(before: Snapshot, after: Snapshot) -> Iterator[str]:
    old, new = _placed(before), _placed(after)
    moved = _moved(before, after)
    for pk, each in new.items():
        if pk in old:
            yield from _item(old[pk], each, within=pk in moved)
        else:
            yield f"Added to {each.section}: “{each.title}”."
    for pk, was in old.items():
        if pk not in new:
            yield f"Removed from {was.section}: “{was.title}”."


def _item(was: _Placed, each: _Placed, *, within: bool) -> Iterator[str]:
    if was.title != each.title:
        yield f"Retitled: “{was.title}” is now “{each.title}”."
    if was.section != each.section:
        yield f"Moved from {was.section} to {each.section}: “{each.title}”."
    elif within:
        yield f"Moved within {each.section}: “{each.title}”."
    changed = [_NAMES.get(name, name) for name in sorted(_changed(was.item, each.item))]
    if changed:
        yield f"Changed, {' and '.join(changed)}: “{each.title}”."


def _placed(snapshot: Snapshot) -> dict[int, _Placed]:
    return {
        item["id"]: _Placed(dict(item), section["name"], item["title"] or "a note")
        for section in snapshot["sections"]
        for item in section["items"]
    }


def _changed(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    names = (before.keys() | after.keys()) - _NOT_PRINTED
    return {name for name in names if _said(name, before) != _said(name, after)}


def _said(name: str, item: dict[str, Any]) -> Any:
    """A picture is its publication's own, whatever file we made of it."""
    value = item.get(name)
    return (value.get("source") or value["url"], value["alt"], value["credit"]) if name == "image" and value else value


def _moved(before: Snapshot, after: Snapshot) -> set[int]:
    """Items that stand in their old section, but not in their old order: as few as tell the change."""
    old = {section["slug"]: [item["id"] for item in section["items"]] for section in before["sections"]}
    moved: set[int] = set()
    for section in after["sections"]:
        ids = [item["id"] for item in section["items"]]
        was = [pk for pk in old.get(section["slug"], []) if pk in ids]
        now = [pk for pk in ids if pk in was]
        kept = {
            pk for block in SequenceMatcher(None, was, now).get_matching_blocks() for pk in was[block.a :][: block.size]
        }
        moved |= set(now) - kept
    return moved
