"""Owning a batch: permission first, then a guarded update that raises the fence."""

from django.conf import settings
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from newsletter.deliveries.guard import Open
from newsletter.deliveries.models import Batch
from newsletter.editions.models import Edition
from newsletter.transports.base import Transport

LOOK_AHEAD = 16  # claimable batches to try, so that workers that race for the first go on to the next
Status = Batch.Status


def next_batch(transport: Transport, guard: Open) -> Batch | None:
    """The batch that this worker may send now and nobody else; without permission nothing is claimed."""
    if not waiting(1) or not guard.permit(transport):
        return None
    return claim()


def waiting(limit: int) -> int:
    """How many batches could be claimed now, counted up to `limit`."""
    return _ready()[:limit].count()


def claim() -> Batch | None:
    """Own a pending batch of a sending edition for the length of a lease, by the database's clock."""
    for batch in _ready().select_related("edition", "rendering__edition").order_by("id")[:LOOK_AHEAD]:
        mine = Batch.objects.filter(pk=batch.pk, status=Status.PENDING, fence=batch.fence)
        batch.fence += 1
        if mine.update(status=Status.CLAIMED, fence=batch.fence, lease_until=Now() + settings.LEASE):
            return batch
    return None


def _ready() -> QuerySet[Batch]:
    due = Q(not_before=None) | Q(not_before__lte=Now())
    return Batch.objects.filter(due, status=Status.PENDING, edition__status=Edition.Status.SENDING)
