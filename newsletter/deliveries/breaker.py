"""The circuit breaker: a send that goes badly is paused, with the reason, before it does more harm.

It looks at what is known of an edition since a person last let it go on, so that resuming is a decision and not a
loop. Thresholds are those at which mailbox providers begin to act (Amazon reviews at 5 % bounces; Google and Yahoo ask
for less than 0.1 % complaints).
"""

from dataclasses import dataclass

from django.db.models import Q, Sum

from newsletter.deliveries.models import Batch
from newsletter.editions import approve
from newsletter.editions.models import Edition
from newsletter.errors import Refused

ENOUGH = 200  # results before any share means something
WORST_REFUSED = 0.05
WORST_BOUNCED = 0.05
WORST_COMPLAINED = 0.001


@dataclass(frozen=True)
class Results:
    """Readers by what became of their copy, as far as it is known."""

    accepted: int
    rejected: int
    bounced: int
    complained: int


def why_stop(results: Results) -> str:
    """Why a send with these results should stop, in plain words, or ""."""
    known = results.accepted + results.rejected
    if known < ENOUGH:
        return ""
    if results.rejected > WORST_REFUSED * known:
        return f"{_share(results.rejected, known)} of {known:,} copies were refused."
    if results.bounced > WORST_BOUNCED * results.accepted:
        return f"{_share(results.bounced, results.accepted)} of {results.accepted:,} accepted copies bounced."
    if results.complained > WORST_COMPLAINED * results.accepted:
        return f"{results.complained} of {results.accepted:,} readers complained."
    return ""


def watch() -> int:
    """Pause every sending edition that goes badly; returns how many."""
    return sum(_stop(edition) for edition in Edition.objects.filter(status=Edition.Status.SENDING))


def results_of(edition: Edition) -> Results:
    """One query over the batches that ended since the edition was last resumed."""
    since = Q(finished_at__gt=edition.resumed_at) if edition.resumed_at else Q()
    columns = {name: Sum(name, default=0) for name in Results.__dataclass_fields__}
    return Results(**Batch.objects.filter(since, edition=edition).aggregate(**columns))


def _stop(edition: Edition) -> bool:
    reason = why_stop(results_of(edition))
    if not reason:
        return False
    try:
        approve.pause(edition, None, f"Stopped by the breaker: {reason}")
    except Refused:
        return False  # somebody was faster
    return True


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %"
