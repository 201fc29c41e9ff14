"""Owning a batch: permission first, then a guarded update that raises the fence."""

from collections.abc import Iterable

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from newsletter.deliveries.guard import Open
from newsletter.deliveries.limits import Turn
from newsletter.deliveries.models import Batch
from newsletter.editions.models import Edition
from newsletter.transports.base import Transport

LOOK_AHEAD = 16  # claimable batches to try, so that workers that race for the first go on to the next
# What sending needs to know; an edition has much more to say, and 16 of them took a fifth of a small batch's time.
_NEEDED = (
    "public_id", "edition", "rendering", "number", "mailbox", "fence", "size", "accepted", "rejected", "skipped",
    "unknown", "edition__public_id", "edition__newsletter", "edition__content_hash",
)  # fmt: skip
Status = Batch.Status


def next_batch(transport: Transport, guard: Open) -> Batch | None:
    """The batch that this worker may send now and nobody else; without permission nothing is claimed."""
    first = list(ready(Turn(), 1))  # nearly always still free: reading 16 took a tenth of a small batch's time
    turn = guard.turn(transport) if first else None
    if turn is not None and (batch := _first(turn, first)):
        return batch
    while turn is not None:
        shut = set(turn.shut)
        if batch := _first(turn, ready(turn)):
            return batch
        if turn.shut == shut and not turn.wait():
            return None
    return None


def waiting(limit: int) -> int:
    """How many batches could be claimed now, counted up to `limit`."""
    return _ready()[:limit].count()


def claim() -> Batch | None:
    """Own a batch that no limit stands before."""
    turn = Turn()
    return _first(turn, ready(turn))


def ready(turn: Turn, most: int = LOOK_AHEAD) -> QuerySet[Batch]:
    """The next few batches that this turn may try, in the order in which they were cut."""
    found = _ready().select_related("edition").only(*_NEEDED).order_by("id")
    if turn.shut:
        found = found.exclude(mailbox__in=sorted(turn.shut))
    if turn.most is not None:
        found = found.alias(copies=Batch.LEFT).filter(copies__lte=turn.most)
    return found[:most]


def _first(turn: Turn, found: Iterable[Batch]) -> Batch | None:
    for batch in found:
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
