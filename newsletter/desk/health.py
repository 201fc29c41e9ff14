"""Health: what is wrong now, whether workers live, what waits, and how this installation is set."""

from datetime import datetime
from typing import Any

from django.db.models import Count, Min
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from newsletter import config
from newsletter.deliveries.models import Batch
from newsletter.desk import errands
from newsletter.desk.access import acts, person, shows
from newsletter.errands import board
from newsletter.letters.models import Letter
from newsletter.newsletters.models import Right
from newsletter.tracking import alerts, life
from newsletter.tracking.models import Alert

PAST = 20


@shows(Right.VIEW)
def index(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    past = Alert.objects.filter(ended_at__isnull=False).order_by("-ended_at")[:PAST]
    facts: dict[str, Any] = {
        "findings": alerts.standing(),
        "silence": life.silence(),
        "past": past,
        "queues": _queues(now),
    }
    chosen = config.current()
    facts |= {"checked": board.newest("check-up"), **errands.at("health")}
    facts |= {"transport": chosen.transport, "site": chosen.site_url, "database": _database(), "now": now}
    return render(request, "desk/health.html", {**facts, "person": person(request)})


@acts(Right.EDIT, back="desk-health")
def look(request: HttpRequest) -> HttpResponse:
    """A worker looks at all that `newsletter doctor` looks at."""
    board.ask("check-up", "health", person(request))
    return redirect("desk-health")


def _queues(now: datetime) -> list[tuple[str, int, float]]:
    """(what waits, how many, seconds that the oldest has waited)."""
    batches = Batch.objects.filter(status=Batch.Status.PENDING, edition__status="sending").aggregate(
        n=Count("pk"), oldest=Min(Coalesce("edition__resumed_at", "edition__started_at"))
    )
    letters = Letter.objects.filter(status=Letter.Status.PENDING).aggregate(n=Count("pk"), oldest=Min("created_at"))
    rows = (("batches of an edition", batches), ("letters", letters))
    return [(name, row["n"], (now - (row["oldest"] or now)).total_seconds()) for name, row in rows]


def _database() -> str:
    from django.db import connection

    return connection.display_name
