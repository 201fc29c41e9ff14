"""The ramp: a newsletter that mailbox providers do not know yet begins with few readers, those surest to be glad of it.

The cap takes the readers with the newest sign of life; the rest is excluded with the reason `ramp`. After a regular
edition that the breaker never stopped the cap grows, and one that left nobody out is removed.
"""

from math import ceil
from typing import Any

from newsletter.deliveries.candidates import Slice
from newsletter.editions.models import Edition
from newsletter.newsletters import audit
from newsletter.newsletters.models import AuditEntry, Newsletter

REASON = "ramp"


def cap_of(edition: Edition) -> int | None:
    """How many readers an edition may have, None: all. A correction goes to whoever got the fault."""
    return None if edition.kind == Edition.Kind.CORRECTION else edition.newsletter.audience_cap


def capped(edition: Edition, readers: int) -> int:
    """How many of `readers` the cap lets through."""
    cap = cap_of(edition)
    return readers if cap is None else min(readers, cap)


def bound(readers: Slice) -> dict[str, Any]:
    """The columns of an edition that say where the ramp ends, decided once, by one query."""
    cap = cap_of(readers.edition)
    last = None if cap is None else readers.newest(cap)
    since, pk = last or (None, None)
    return {"alive_since": since, "alive_last": pk}


def grow(edition: Edition) -> None:
    """Raise or remove the newsletter's cap after a good regular edition; once for each. Call it in a transaction."""
    subject = f"edition {edition.pk}"
    if edition.kind != Edition.Kind.REGULAR or AuditEntry.objects.filter(subject=subject, verb=REASON).exists():
        return
    newsletter = Newsletter.objects.select_for_update().get(pk=edition.newsletter_id)
    before = newsletter.audience_cap
    if before is None:
        return
    after = ceil(before * newsletter.audience_growth) if edition.excluded.get(REASON) else None
    Newsletter.objects.filter(pk=newsletter.pk).update(audience_cap=after)
    audit.record(None, REASON, subject, newsletter=newsletter.slug, before=before, after=after)


def told(edition: Edition) -> str:
    """What the ramp does to an edition, in plain words, or ""."""
    if edition.alive_since is not None:
        return (
            f"The ramp: the {edition.planned:,} readers with the newest sign of life, the oldest of"
            f" {edition.alive_since:%d %B %Y}; {edition.excluded.get(REASON, 0):,} wait for later editions."
        )
    cap = cap_of(edition)
    if cap is None or edition.audience_until is not None:
        return ""
    return f"The ramp: at most {cap:,} readers, those with the newest sign of life."
