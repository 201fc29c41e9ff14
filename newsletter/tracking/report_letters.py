"""Staff get an edition's report an hour, a day and a week after it was sent.

Each goes once, whoever looks and whatever dies: the edition's row says how far it is, and moves in the transaction that
writes the letters. What was missed while nothing ran goes late, but only the newest that is due.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from newsletter.editions.models import Edition
from newsletter.letters import notices
from newsletter.tracking import report

STEPS = (("hour", timedelta(hours=1)), ("day", timedelta(days=1)), ("week", timedelta(days=7)))
TOO_LATE = timedelta(days=30)  # an edition sent before has its report in the desk; nobody is told of last year
# Not for the letter: what servers say may name a reader, and its edition is named by the letter.
_LEFT_OUT = ("words", "edition", "newsletter", "number", "subject", "status")


def tell_due(now: datetime | None = None) -> int:
    """Write the letters that are due; returns how many. Safe in any number of workers."""
    now = now or timezone.now()
    sent = Edition.objects.filter(status=Edition.Status.SENT, reports_told__lt=len(STEPS))
    recent = sent.filter(finished_at__lte=now - STEPS[0][1], finished_at__gt=now - TOO_LATE)
    return sum(_tell(edition, now) for edition in recent.select_related("newsletter").order_by("pk"))


def _tell(edition: Edition, now: datetime) -> int:
    due = sum(now - (edition.finished_at or now) >= after for _, after in STEPS)
    if due <= edition.reports_told:
        return 0
    facts = facts_of(edition)
    with transaction.atomic():
        mine = Edition.objects.filter(pk=edition.pk, reports_told__lt=due).update(reports_told=due)
        return _write(edition, STEPS[due - 1][0], facts) if mine else 0


def _write(edition: Edition, after: str, facts: dict[str, Any]) -> int:
    named = {"edition": edition.pk, "number": edition.number, "subject": edition.subject}
    dedupe = f"edition-{edition.pk}-{after}"
    return notices.tell(edition.newsletter, "edition-report", dedupe, **named, after=after, report=facts)


def facts_of(edition: Edition) -> dict[str, Any]:
    """The report as the letter keeps it: counts and titles, no word of a server."""
    return {name: value for name, value in report.of(edition).as_json().items() if name not in _LEFT_OUT}
