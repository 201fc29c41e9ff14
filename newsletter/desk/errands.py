"""What workers do for the desk, told while it lasts: a part of several pages that renews itself."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from newsletter.desk import fields
from newsletter.desk.access import person, shows
from newsletter.errands import board
from newsletter.newsletters.models import Right

STOP_POLLING = 286  # htmx's own code


@shows(Right.VIEW)
def told(request: HttpRequest) -> HttpResponse:
    """The errands of a place; tells the page when the last of them ended, so that it shows what became of them."""
    facts = at(fields.asked(request, "place", 80))
    code = 200 if facts["busy"] else STOP_POLLING
    response = render(request, "desk/errands.html", {**facts, "person": person(request)}, status=code)
    if not facts["busy"]:
        response["HX-Trigger"] = "errands-done"
    return response


def at(place: str) -> dict[str, Any]:
    """What the part wants to know."""
    found = board.told(place)
    return {"errands_of": place, "errands": found, "busy": any(each.is_open for each in found)}
