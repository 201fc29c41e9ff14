"""The record of who did what, the newest first."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from newsletter.desk import fields
from newsletter.desk.access import person, shows
from newsletter.newsletters.models import AuditEntry, Right, Staff

SHOWN = 50


@shows(Right.VIEW)
def index(request: HttpRequest) -> HttpResponse:
    asked = {name: fields.asked(request, name, 80) for name in ("subject", "who", "before")}
    entries = list(_entries(asked)[: SHOWN + 1])
    facts = {"entries": [(each, _told(each.detail)) for each in entries[:SHOWN]], "asked": asked}
    older = entries[SHOWN - 1].pk if len(entries) > SHOWN else None
    people = Staff.objects.order_by("email")
    return render(request, "desk/log.html", {**facts, "older": older, "people": people, "person": person(request)})


def _entries(asked: dict[str, str]) -> QuerySet[AuditEntry]:
    found = AuditEntry.objects.select_related("staff")
    if asked["subject"]:
        found = found.filter(subject=asked["subject"])
    if asked["who"] == "system":
        found = found.filter(staff=None)
    elif asked["who"].isdecimal():
        found = found.filter(staff=int(asked["who"][:9]))
    return found.filter(pk__lt=int(asked["before"][:18])) if asked["before"].isdecimal() else found


def _told(detail: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    """Rows of (what, before, after); before is None where only a fact is told."""
    rows = [("state", detail.get("before"), detail["after"])] if "after" in detail else []
    for name, (before, after) in detail.get("changes", {}).items():
        rows.append((name, before, after))
    rest = {name: value for name, value in detail.items() if name not in ("before", "after", "changes")}
    return [*rows, *((name.replace("_", " "), None, value) for name, value in rest.items())]
