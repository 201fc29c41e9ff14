"""Leases that ran out, and editions that are through."""

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Now
from django.utils import timezone

from newsletter import config, faults
from newsletter.deliveries import breaker, canary, policy, ramp, resolve, slowdown, telling
from newsletter.deliveries.models import UNFINISHED, Batch, Delivery
from newsletter.editions.models import Edition
from newsletter.newsletters import audit


def run() -> None:
    """What every tick does first."""
    sweep()
    faults.point("sweep.swept")
    _close_cancelled()
    faults.point("sweep.closed")
    policy.follow()
    breaker.watch()
    slowdown.watch(config.current().transport)
    finish()
    canary.open_due()


def sweep() -> int:
    """Take back expired claims (nothing was sent) and mark expired hand-overs unknown. Returns how many batches."""
    claimed = Batch.objects.filter(status=Batch.Status.CLAIMED, lease_until__lt=Now())
    freed = claimed.update(status=Batch.Status.PENDING, fence=F("fence") + 1, lease_until=None)
    lost = Batch.objects.filter(status=Batch.Status.SENDING, lease_until__lt=Now())
    return freed + sum(_lose(batch) for batch in lost)


@transaction.atomic
def _lose(batch: Batch) -> bool:
    """A hand-over without an answer: nobody can tell, so nobody sends again."""
    expired = Batch.objects.filter(pk=batch.pk, fence=batch.fence, status=Batch.Status.SENDING, lease_until__lt=Now())
    if not expired.update(status=Batch.Status.UNKNOWN, fence=F("fence") + 1, lease_until=None, finished_at=Now()):
        return False  # its worker answered just now, or another sweeper was first
    sending = batch.deliveries.filter(status=Delivery.Status.SENDING)
    unknown = sending.update(
        status=Delivery.Status.UNKNOWN,
        reason="the worker died or froze while handing it over",
        updated_at=timezone.now(),
    )
    Batch.objects.filter(pk=batch.pk).update(unknown=F("unknown") + unknown)
    resolve.take_proven(batch)
    faults.point("sweep.before_commit")
    return True


@transaction.atomic
def _close_cancelled() -> None:
    """Batches that came back for another try after their edition was cancelled."""
    for batch in Batch.objects.select_for_update(of=("self",)).filter(
        status=Batch.Status.PENDING, edition__status=Edition.Status.CANCELLED
    ):
        resolve.give_up(batch)


def finish() -> int:
    """Close every sending edition that has no batch left to work on. Returns how many."""
    open_batches = Batch.objects.filter(edition=OuterRef("pk"), status__in=UNFINISHED)
    through = Edition.objects.filter(~Exists(open_batches), status=Edition.Status.SENDING)
    return sum(_close(edition) for edition in through)


@transaction.atomic
def _close(edition: Edition) -> bool:
    """Looks again under the edition's lock: copies may just have been moved to a new batch."""
    locked = Edition.objects.select_for_update().filter(pk=edition.pk, status=Edition.Status.SENDING).first()
    if locked is None or locked.batches.filter(status__in=UNFINISHED).exists():
        return False
    locked.status, locked.finished_at = Edition.Status.SENT, timezone.now()
    locked.save(update_fields=["status", "finished_at"])
    audit.record(None, "finish", f"edition {edition.pk}")
    telling.through(locked)
    if locked.tripped_at is None and _went_well(breaker.results_of(locked)):
        ramp.grow(locked)
    return True


def _went_well(results: breaker.Results) -> bool:
    """A reputation to grow on, however few readers: what says nothing yet is no reason to send to more."""
    return bool(results.accepted) and not (breaker.why_stop(results, enough=1) or breaker.why_unsure(results))
