"""Owning a batch: permission first, then a guarded update that raises the fence."""

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from newsletter.deliveries.guard import Open
from newsletter.deliveries.limits import Turn
from newsletter.deliveries.models import Batch
from newsletter.editions.models import Edition
from newsletter.transports.base import Transport

LOOK_AHEAD = 16  # claimable batches to try, so that workers that race for the first go on to the next
Status = Batch.Status


def next_batch(transport: Transport, guard: Open) -> Batch | None:
    """The batch that this worker may send now and nobody else; without permission nothing is claimed."""
    turn = guard.turn(transport) if waiting(1) else None
    while turn is not None:
        shut = set(turn.shut)
        batch = _first(turn)
        if batch is not None:
            return batch
        if turn.shut == shut and not turn.wait():
            return None
    return None


def waiting(limit: int) -> int:
    """How many batches could be claimed now, counted up to `limit`."""
    return _ready()[:limit].count()


def claim() -> Batch | None:
    """Own a batch that no limit stands before."""
    return _first(Turn())


def ready(turn: Turn) -> QuerySet[Batch]:
    """The next few batches that this turn may try, in the order in which they were cut."""
    found = _ready().exclude(mailbox__in=sorted(turn.shut)).order_by("id")
    if turn.most is not None:
        found = found.alias(copies=Batch.LEFT).filter(copies__lte=turn.most)
    return found[:LOOK_AHEAD]


def _first(turn: Turn) -> Batch | None:
    for batch in ready(turn).select_related("edition").defer("edition__snapshot", "edition__void_snapshot"):
        if batch.mailbox in turn.shut or not turn.take(batch):
            continue
        if _own(batch):
            return batch
        turn.give_back(batch)
    return None


def _own(batch: Batch) -> bool:
    """Own a pending batch for the length of a lease, by the database's clock; False if somebody was faster."""
    mine = Batch.objects.filter(pk=batch.pk, status=Status.PENDING, fence=batch.fence)
    batch.fence += 1
    return bool(mine.update(status=Status.CLAIMED, fence=batch.fence, lease_until=Now() + settings.LEASE))


def _ready() -> QuerySet[Batch]:
    # A wave that is open stays open, so the guarded update need not ask again.
    due = Q(not_before=None) | Q(not_before__lte=Now())
    return Batch.objects.filter(
        due, status=Status.PENDING, edition__status=Edition.Status.SENDING, wave__lte=F("edition__open_wave")
    )
