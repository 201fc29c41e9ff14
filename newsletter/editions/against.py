"""What differs from the edition before: the last thing to look at before one goes. Pure, but for `before`."""

from collections.abc import Iterator
from dataclasses import dataclass

from newsletter.editions import variants
from newsletter.editions.models import Edition
from newsletter.editions.snapshot import Snapshot

_SAME = ("sender_name", "sender_email", "reply_to", "postal_address", "theme", "language", "name")
USUAL = 0.3
"""How far the number of readers may be from the last one's before it is worth a second look."""


@dataclass(frozen=True)
class Row:
    """One fact, then and now. `odd`: it is worth a second look."""

    name: str
    then: str
    now: str
    odd: bool = False


def before(edition: Edition) -> Edition | None:
    """The newest regular edition of the newsletter that went out."""
    sent = edition.newsletter.editions.filter(kind=Edition.Kind.REGULAR, started_at__isnull=False)
    return sent.exclude(pk=edition.pk).order_by("-pk").first()


def rows(then: Snapshot | None, now: Snapshot) -> list[Row]:
    """Stories in all and by section always; the sender and such only where they are others."""
    if then is None:
        return []
    return [_stories(then, now), *_sections(then, now), *_newsletter(then, now), *_subject(then, now)]


def readers(then: int, now: int) -> Row:
    """How many got it, and how many will."""
    return Row("readers", f"{then:,}", f"{now:,}", odd=bool(then) and abs(now - then) > USUAL * then)


def _stories(then: Snapshot, now: Snapshot) -> Row:
    was, is_ = variants.stories(then), variants.stories(now)
    return Row("stories", str(was), str(is_), odd=2 * is_ < was)


def _sections(then: Snapshot, now: Snapshot) -> Iterator[Row]:
    was = {section["name"]: len(section["items"]) for section in then["sections"]}
    is_ = {section["name"]: len(section["items"]) for section in now["sections"]}
    for name in [*is_, *(name for name in was if name not in is_)]:
        if was.get(name, 0) != is_.get(name, 0):
            yield Row(f"in {name}", str(was.get(name, 0)), str(is_.get(name, 0)), odd=name not in is_)


def _newsletter(then: Snapshot, now: Snapshot) -> Iterator[Row]:
    for name in _SAME:
        was, is_ = str(then["newsletter"].get(name, "")), str(now["newsletter"].get(name, ""))
        if was != is_:
            yield Row(name.replace("_", " "), was, is_, odd=True)


def _subject(then: Snapshot, now: Snapshot) -> Iterator[Row]:
    was, is_ = then["edition"]["subject"], now["edition"]["subject"]
    if was == is_:
        yield Row("subject", was, "the same as last time", odd=True)
