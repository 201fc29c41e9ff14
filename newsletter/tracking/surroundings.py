"""What a send stands on: feeds, letters, the lock of the ledger, and somebody who works at all."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from newsletter.deliveries import epoch
from newsletter.feeds import health
from newsletter.letters.models import Letter
from newsletter.newsletters.models import Newsletter
from newsletter.numbers import counted
from newsletter.tracking import life
from newsletter.tracking.findings import MORNING, PAGE, Finding
from newsletter.tracking.models import Erasure

LETTER_WAITS = timedelta(hours=1)
ERASURE_WAITS = timedelta(days=1)
RECENT = timedelta(days=1)


def feeds(now: datetime) -> Iterator[Finding]:
    """Feeds that failed for a day, or are silent for unusually long."""
    for fault in health.faults(now):
        yield Finding(
            f"feed-{fault.kind}:{fault.feed.pk}", MORNING, fault.words, f"newsletter feed check {fault.feed.url}"
        )


def letters(now: datetime) -> Iterator[Finding]:
    """Letters that were given up within a day, and those that wait for more than an hour."""
    failed = Letter.objects.filter(status__in=[Letter.Status.REJECTED, Letter.Status.UNKNOWN])
    count = failed.filter(finished_at__gt=now - RECENT).count()
    if count:
        words = f"{counted(count, 'letter')} of the last day did not arrive, or nobody can tell."
        yield Finding("letters-failed", MORNING, words, "newsletter letter list --failed")
    waiting = Letter.objects.filter(status__in=[Letter.Status.PENDING, Letter.Status.SENDING])
    if waiting.filter(created_at__lt=now - LETTER_WAITS).exists():
        yield Finding(
            "letters-wait", MORNING, "Letters wait for more than an hour.", "newsletter letter list --waiting"
        )


def lock(_now: datetime) -> Iterator[Finding]:
    """A database that is older than what was sent from it."""
    if why := epoch.fault():
        yield Finding("locked", PAGE, f"Sending is locked. {why}", "newsletter unlock --reason …")


def workers(now: datetime) -> Iterator[Finding]:
    """Nobody has looked for a while: then this is true of collecting, planning and sending too."""
    if Newsletter.objects.exists() and not life.seen(now):
        words = "No worker gives a sign of life: nothing is collected, planned or sent."
        yield Finding(
            "no-life", PAGE, f"{words} Start `newsletter up`, or `run beat` and `run worker`.", "newsletter up"
        )


def erasures(now: datetime) -> Iterator[Finding]:
    """People whom the provider was asked to forget, and has not taken it for a day."""
    waiting = Erasure.objects.filter(
        status__in=[Erasure.Status.PENDING, Erasure.Status.ASKING], created_at__lt=now - ERASURE_WAITS
    ).order_by("id")
    if count := waiting.count():
        why = waiting[0].reason or "No worker has asked."
        words = f"SendGrid has not taken our request to forget {counted(count, 'person', 'people')}. {why}"
        yield Finding("erasures", MORNING, words, "newsletter config show sendgrid_api_key")
