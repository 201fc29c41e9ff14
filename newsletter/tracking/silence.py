"""What the watchdog sees of providers' reports: none where there should be some, too many, or none applied."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from newsletter import config
from newsletter.deliveries import canary, status
from newsletter.editions.models import Edition
from newsletter.numbers import counted
from newsletter.tracking import held
from newsletter.tracking.findings import MORNING, PAGE, Finding, about
from newsletter.tracking.models import Event

NOTHING_FOR = timedelta(hours=6)
# SendGrid tries to deliver for 72 hours, and to tell us for another 24.
SETTLED_AFTER = timedelta(hours=96)
LOOKED_AT = timedelta(days=9)
SILENT_SHARE = 0.001  # of the accepted; a few are always lost on the way
BACKLOG = timedelta(minutes=15)


def silent(now: datetime) -> Iterator[Finding]:
    """Copies that were accepted and of which nobody reports anything, where somebody should."""
    if not canary.has_evidence(config.current()):
        return
    sent = Edition.objects.filter(started_at__gt=now - LOOKED_AT, started_at__lt=now - NOTHING_FOR, status="sent")
    for each in status.progress(sent.select_related("newsletter").defer("snapshot", "void_snapshot").order_by("pk")):
        counts, edition = each.counts, each.edition
        known = counts.delivered + counts.bounced + counts.dropped + counts.complained
        left = counts.accepted - known
        if counts.accepted and not known:
            words = "was accepted, and SendGrid reports nothing of it. Does its webhook reach us?"
            yield about(edition, "no-events", PAGE, words, "edition report")
        elif edition.started_at and edition.started_at < now - SETTLED_AFTER and left > SILENT_SHARE * counts.accepted:
            words = f"has {counted(left, 'copy', 'copies')} that SendGrid took and never told of."
            named = about(edition, "silent", MORNING, words)
            yield replace(named, command=f"newsletter delivery list --edition {edition.pk} --status accepted")


def doubted(_now: datetime) -> Iterator[Finding]:
    """Too many dead addresses at once: a person has to look (T-17)."""
    if held.count():
        words = "More addresses than can be true are said not to exist: what was too much is held."
        yield Finding("events-held", PAGE, words, "newsletter event held")


def backlog(now: datetime) -> Iterator[Finding]:
    """Events that are stored and not applied."""
    if Event.objects.filter(state=Event.State.WAITING, received_at__lt=now - BACKLOG).exists():
        words = "What providers reported waits for more than 15 minutes to be applied."
        yield Finding("events-wait", MORNING, words, "newsletter event status")
