"""How the events stand: what waits, what came last, what was refused at the door."""

from typing import Any

from django.db.models import Count, Max

from newsletter.editions.models import Edition
from newsletter.tracking import sendgrid_nightly, tally
from newsletter.tracking.models import Event

State = Event.State


def facts() -> dict[str, Any]:
    """As JSON wants it; `counts` is what was refused, foreign or repeated since the installation began.

    `lists` is what the last reading of SendGrid's lists found, None where there was none.
    """
    open_ = Event.objects.exclude(state=State.APPLIED).values_list("state").annotate(n=Count("pk"))
    found = dict(open_)
    newest = Event.objects.order_by("-pk").values_list("received_at", flat=True).first()
    sums = {state.value: found.get(state.value, 0) for state in (State.WAITING, State.PARKED, State.HELD)}
    return {**sums, "last_received_at": newest, "counts": tally.counts(), "lists": _lists()}


def _lists() -> dict[str, Any] | None:
    row = sendgrid_nightly.last()
    if row is None:
        return None
    found = {name: row.found.get(name, 0) for name in ("new", "released", "only_here")}
    return {"read_at": row.ran_at, "failing_since": row.open_since, "fault": row.fault or None, **found}


def held() -> list[tuple[int, int, str]]:
    """By edition: how many bounces are held, and what was said of one of them."""
    rows = Event.objects.filter(state=State.HELD).values_list("edition").annotate(n=Count("pk"), words=Max("words"))
    ids = dict(Edition.objects.filter(public_id__in=[row[0] for row in rows]).values_list("public_id", "pk"))
    return [(ids.get(public or 0, 0), n, words or "") for public, n, words in rows]
