"""Notices to staff about a send: that it began late, stopped by itself, or is through."""

from datetime import timedelta
from typing import Any

from newsletter.deliveries import status
from newsletter.editions.models import Edition
from newsletter.letters import notices

LATE = timedelta(minutes=5)  # after its time; a tick or two is no news


def began(edition: Edition) -> None:
    """Say so if it began late."""
    if edition.send_at and edition.started_at and edition.started_at - edition.send_at > LATE:
        moments = {"send_at": edition.send_at, "started_at": edition.started_at}
        notices.tell(edition.newsletter, "late-start", f"edition-{edition.pk}", **_named(edition), **moments)


def stopped(edition: Edition, reason: str) -> None:
    """Say that no person paused it, once for each time that it was let go."""
    counts = status.progress([edition])[0].counts
    since = edition.resumed_at or edition.started_at
    figures = {"accepted": counts.accepted, "pending": counts.pending}
    dedupe = f"edition-{edition.pk}-{since:%Y%m%d%H%M%S}" if since else f"edition-{edition.pk}"
    notices.tell(edition.newsletter, "edition-paused", dedupe, reason=reason, **_named(edition), **figures)


def through(edition: Edition) -> None:
    """Say that it is sent, with the counts; again when copies were sent once more."""
    counts = status.progress([edition])[0].counts
    names = ("planned", "accepted", "rejected", "skipped", "unknown")
    figures = {name: getattr(counts, name) for name in names}
    moments = {"started_at": edition.started_at, "finished_at": edition.finished_at}
    dedupe = f"edition-{edition.pk}-{edition.finished_at:%Y%m%d%H%M%S}"
    excluded = sum(edition.excluded.values())
    notices.tell(edition.newsletter, "edition-sent", dedupe, excluded=excluded, **_named(edition), **figures, **moments)


def _named(edition: Edition) -> dict[str, Any]:
    return {"edition": edition.pk, "number": edition.number, "subject": edition.subject}
