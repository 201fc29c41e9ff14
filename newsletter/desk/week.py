"""This week: where each newsletter's next edition stands, and who has to act. And the editions before."""

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from newsletter.deliveries import glance, status
from newsletter.desk import fields, first_steps
from newsletter.desk.access import person, shows
from newsletter.editions.models import Edition
from newsletter.newsletters.models import RIGHTS, Newsletter, Right, Staff

LISTED, PAGE = 6, 30
MOST = 4
"""Newsletters shown at a glance; of further ones the list of editions tells."""


@shows(Right.VIEW)
def index(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    newsletters = list(Newsletter.objects.order_by("name")[: MOST + 1])
    recent = _listed()[:LISTED]
    facts = {
        "now": now,
        "glances": glance.of_all(newsletters[:MOST], now),
        "more": len(newsletters) > MOST,
        "first_steps": first_steps.left(newsletters[:MOST]),
        "senders": Staff.objects.filter(is_active=True, role__in=[r for r, of in RIGHTS.items() if Right.SEND in of]),
        "editions": status.tallied(recent),
    }
    return render(request, "desk/week.html", {**facts, "person": person(request)})


@shows(Right.VIEW)
def editions(request: HttpRequest) -> HttpResponse:
    """Every edition, the newest first, a page at a time."""
    before = fields.asked(request, "before", 18)
    found = _listed()
    rows = list((found.filter(pk__lt=int(before)) if before.isdecimal() else found)[: PAGE + 1])
    facts = {"editions": status.tallied(rows[:PAGE]), "older": rows[PAGE - 1].pk if len(rows) > PAGE else None}
    newsletters = Newsletter.objects.order_by("name")[:100]
    return render(request, "desk/index.html", {**facts, "newsletters": newsletters, "person": person(request)})


def _listed() -> QuerySet[Edition]:
    """Editions, the newest first, without all that they say."""
    return Edition.objects.select_related("newsletter").defer("snapshot", "left_out", "note").order_by("-pk")
