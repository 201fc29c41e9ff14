"""What editors change about a draft, step by step: on the record with before and after, merged where two edit, undone.

Every change of the desk runs inside `step`. Its record is an AuditEntry; undoing one is another entry.
"""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import transaction

from newsletter.editions.models import Edition, Item
from newsletter.errors import Refused
from newsletter.newsletters import audit
from newsletter.newsletters.models import AuditEntry, Staff

EDIT, UNDO = "edit", "undo"
_WORDS = ("subject", "preheader", "note")
_ITEM = ("section_id", "position", "headline", "dek", "details", "image", "dropped")
_FAR_BACK = 50  # steps of one person that can be undone


class Conflict(Refused):
    """Somebody else changed the same field meanwhile. `theirs` has what they wrote, `who` their name."""

    def __init__(self, theirs: Mapping[str, str], who: str) -> None:
        super().__init__(f"{who} changed this while you did. Nothing of yours was saved yet.")
        self.theirs, self.who = dict(theirs), who


@contextmanager
def step(edition: Edition, staff: Staff | None, what: str) -> Iterator[None]:
    """A transaction that holds the edition, and writes down what changed in it; `what` is for people: "Moved “X”"."""
    with transaction.atomic():
        Edition.objects.select_for_update().get(pk=edition.pk)
        before = _state(edition)
        yield
        changes = _changes(before, _state(edition))
        if changes:
            audit.record(staff, EDIT, f"edition {edition.pk}", what=what[:200], changes=changes)


def last(edition: Edition, staff: Staff) -> AuditEntry | None:
    """The newest step of this person that is not undone."""
    mine = AuditEntry.objects.filter(subject=f"edition {edition.pk}", staff=staff, verb__in=(EDIT, UNDO))
    undone = set()
    for entry in mine.order_by("-pk")[:_FAR_BACK]:
        if entry.verb == UNDO:
            undone.add(entry.detail["undoes"])
        elif entry.pk not in undone:
            return entry
    return None


@transaction.atomic
def undo(edition: Edition, staff: Staff) -> str:
    """Take this person's newest step back, and say which. Raises Refused when there is none, or others went on."""
    locked = Edition.objects.select_for_update().get(pk=edition.pk)
    entry = last(edition, staff)
    if entry is None:
        raise Refused("There is nothing of yours to undo.")
    if locked.status != Edition.Status.DRAFT:
        raise Refused(f"The edition is {locked.status}; only a draft can be changed.")
    now, changes = _state(edition), entry.detail["changes"]
    if any(now.get(name) != after for name, (_, after) in changes.items()):
        raise Refused(f"“{entry.detail['what']}” cannot be undone: somebody went on from there.")
    _restore(locked, {name: before for name, (before, _) in changes.items()})
    back = {name: [after, before] for name, (before, after) in changes.items()}
    audit.record(staff, UNDO, f"edition {edition.pk}", undoes=entry.pk, what=entry.detail["what"], changes=back)
    return str(entry.detail["what"])


def editor(edition: Edition) -> Staff | None:
    """Who made the newest change to its content."""
    found = AuditEntry.objects.filter(subject=f"edition {edition.pk}", verb__in=(EDIT, UNDO), staff__isnull=False)
    newest = found.select_related("staff").order_by("-pk").first()
    return newest.staff if newest else None


def digest(text: str) -> str:
    """What a form says a field was when it was opened; white space does not count."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:12]


def merged(
    now: Mapping[str, str], mine: Mapping[str, str], was: Mapping[str, str], who: Staff | None = None
) -> dict[str, str]:
    """Three ways into one: a field that I left alone keeps what it says `now`, one that only I changed is mine.

    `was` has the digest of each field as I saw it; without one, mine counts. Raises Conflict for a field that both
    changed, each otherwise; `who` is named then.
    """
    clashing = {
        name: now[name]
        for name, text in mine.items()
        if was.get(name) and was[name] not in (digest(now[name]), digest(text)) and digest(text) != digest(now[name])
    }
    if clashing:
        raise Conflict(clashing, str(who or "Somebody"))
    return {name: now[name] if was.get(name) == digest(text) else text for name, text in mine.items()}


def _state(edition: Edition) -> dict[str, Any]:
    """Every field that an editor may change, by a name such as "note" or "item 7 dek"."""
    state: dict[str, Any] = dict(Edition.objects.values(*_WORDS).get(pk=edition.pk))
    for row in Item.objects.filter(edition=edition).values("pk", *_ITEM):
        state |= {f"item {row['pk']} {name}": row[name] for name in _ITEM}
    return state


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """A new entry is one that was dropped before: that is how undoing takes it out."""
    absent = {name: name.endswith(" dropped") or value for name, value in after.items()}
    return {name: [before.get(name, absent[name]), value] for name, value in after.items()
            if before.get(name, absent[name]) != value}  # fmt: skip


def _restore(edition: Edition, values: Mapping[str, Any]) -> None:
    items = {str(item.pk): item for item in edition.items.all()}
    for name, value in values.items():
        _, pk, column = ("item", "", name) if name in _WORDS else name.split(" ", 2)
        setattr(items[pk] if pk else edition, column, value)
    edition.save(update_fields=_WORDS)
    Item.objects.bulk_update(items.values(), [name.removesuffix("_id") for name in _ITEM])
