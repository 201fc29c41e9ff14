"""Reading SendGrid's lists once a night, and telling a person when that fails or shows a drift."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from newsletter import config
from newsletter.errors import NewsletterError
from newsletter.numbers import counted
from newsletter.tracking import clerk
from newsletter.tracking.findings import MORNING, Finding
from newsletter.tracking.models import Clerk
from newsletter.tracking.reconcile import JOB, pull
from newsletter.transports.wire import words as without_addresses

EVERY = timedelta(hours=20)  # whenever in the night it was the last time
LEASE = timedelta(hours=1)  # longer than a task lives; what failed or died is begun again after it
OPEN_FOR = timedelta(hours=3)  # begun and not done: by then it was tried again, twice

log = logging.getLogger(__name__)


def pull_if_due(now: datetime | None = None) -> bool:
    """Once a night, by whoever gets to it first; True if it was done. Nothing without SendGrid."""
    if not _asks() or not _claim(now or timezone.now()):
        return False
    try:
        for _ in pull():
            pass
    except NewsletterError as error:
        log.warning("SendGrid's suppression lists were not read: %s", error)
        Clerk.objects.filter(name=JOB).update(fault=without_addresses(str(error))[:200])
        return False
    return True


def last() -> Clerk | None:
    """The last reading, by night or by hand: `ran_at`, what it `found`, and since when another has failed."""
    return Clerk.objects.filter(name=JOB).first()


def unread(now: datetime) -> Iterator[Finding]:
    """The lists could not be read to their end for hours."""
    row = last() if _asks() else None
    if row and row.open_since and row.open_since < now - OPEN_FOR:
        why = row.fault or "The reading was cut off before its end."
        words = f"SendGrid's suppression lists cannot be read: {why}"
        yield Finding("lists-unread", MORNING, words, "newsletter event reconcile")


def drifted(_now: datetime) -> Iterator[Finding]:
    """Readers whom a person let go, and SendGrid drops all the same."""
    row = last() if _asks() else None
    if row and (count := row.found.get("released", 0)):
        addresses = counted(count, "address was", "addresses were")
        words = f"{addresses} released here, and SendGrid's lists still drop their copies."
        yield Finding("lists-drift", MORNING, words, "newsletter event reconcile")


def _asks() -> bool:
    settings = config.current()
    return settings.transport == "sendgrid" and bool(settings.sendgrid_api_key)


@transaction.atomic
def _claim(now: datetime) -> bool:
    """The lease, where a reading is due. Until one ends well it stays open, whatever becomes of this process."""
    row = clerk.mine(JOB)
    if row is None or (row.ran_at and now - row.ran_at < EVERY):
        return False
    free = Clerk.objects.filter(Q(lease_until=None) | Q(lease_until__lt=Now()), pk=row.pk)
    return free.update(lease_until=Now() + LEASE, open_since=row.open_since or now) == 1
