"""The record of who did what, the newest first."""

import re
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from newsletter import clock
from newsletter.desk import fields
from newsletter.desk.access import person, shows
from newsletter.desk.log_words import done
from newsletter.editions.models import Item
from newsletter.newsletters.models import AuditEntry, Right, Staff

SHOWN, ROWS = 40, 8
LONGEST = 120  # characters of a value


@shows(Right.VIEW)
def index(request: HttpRequest) -> HttpResponse:
    asked = {name: fields.asked(request, name, 80) for name in ("subject", "who", "before")}
    entries = list(_entries(asked)[: SHOWN + 1])
    titles = _titles(entries[:SHOWN])
    people = list(Staff.objects.order_by("email"))
    facts = {
        "entries": [(each, *_told(each.detail, titles)) for each in entries[:SHOWN]],
        "older": entries[SHOWN - 1].pk if len(entries) > SHOWN else None,
        "asked": asked,
        "done": done,
        "people": people,
        "subjects": {f"staff {each.pk}": str(each) for each in people},
        "person": person(request),
    }
    return render(request, "desk/log.html", facts)


def _entries(asked: dict[str, str]) -> QuerySet[AuditEntry]:
    found = AuditEntry.objects.select_related("staff")
    if asked["subject"]:
        found = found.filter(subject=asked["subject"])
    if asked["who"] == "system":
        found = found.filter(staff=None)
    elif asked["who"].isdecimal():
        found = found.filter(staff=int(asked["who"][:9]))
    return found.filter(pk__lt=int(asked["before"][:18])) if asked["before"].isdecimal() else found


def _told(detail: dict[str, Any], titles: dict[str, str]) -> tuple[list[tuple[str, str | None, str | None]], int]:
    """What an entry's rows say, and how many more it has: whatever was saved, the page stays small."""
    rows = _rows(detail)
    told = [(_name(name, titles), _words(before), _words(after)) for name, before, after in rows[:ROWS]]
    return told, max(0, len(rows) - ROWS)


def _rows(detail: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    """Rows of (what, before, after); before is None where only a fact is told."""
    name = "role" if "role" in detail else "state"
    rows = [(name, detail.get("before"), detail["after"])] if "after" in detail else []
    for name, (before, after) in detail.get("changes", {}).items():
        rows.append((name, before, after))
    rest = {name: value for name, value in detail.items() if name not in ("before", "after", "changes", "role")}
    return [*rows, *((name.replace("_", " "), None, value) for name, value in rest.items())]


def _titles(entries: list[AuditEntry]) -> dict[str, str]:
    """Of the entries of editions that these name, by their ids, in one look."""
    named = {found[1] for each in entries for name in each.detail.get("changes", {}) if (found := _ITEM.match(name))}
    items = Item.objects.filter(pk__in=named).select_related("article").only("headline", "article__title")
    return {str(item.pk): item.title for item in items}


def _name(name: str, titles: dict[str, str]) -> str:
    found = _ITEM.match(name)
    if not found:
        return name
    return f"“{shortened(titles.get(found[1]) or found[1], 60)}”: {found[2].removesuffix('_id')}"


def _words(value: Any) -> str | None:
    """A value as people read it, cut: the record itself keeps all of it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return None
    text = ", ".join(f"{key}: {each}" for key, each in value.items()) if isinstance(value, dict) else str(value)
    if _HASH.fullmatch(text):
        return text[:12]
    return clock.local(datetime.fromisoformat(text), "UTC") if _MOMENT.fullmatch(text) else shortened(text, LONGEST)


def shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


_ITEM = re.compile(r"item (\d+) (\w+)")
_HASH = re.compile(r"[0-9a-f]{64}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)")
