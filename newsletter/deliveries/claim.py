"""Owning a batch: permission first, then a guarded update that raises the fence."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from newsletter.deliveries import rows
from newsletter.deliveries.guard import Open
from newsletter.deliveries.limits import Turn
from newsletter.deliveries.models import Batch
from newsletter.editions.models import Edition
from newsletter.transports.base import Transport

LOOK_AHEAD = 16  # claimable batches to try, so that workers that race for the first go on to the next
# What sending needs to know; an edition has much more to say, and 16 of them took a fifth of a small batch's time.
_NEEDED = (
    "id", "public_id", "edition_id", "rendering_id", "number", "mailbox", "fence", "size", "accepted", "rejected",
    "skipped", "unknown",
)  # fmt: skip
_OF_EDITION = ("id", "public_id", "newsletter_id", "content_hash")
_OWN = """
UPDATE newsletter_batch SET status = 'claimed', fence = %s, lease_until = {later}
 WHERE id = %s AND status = 'pending' AND fence = %s
"""
_PREFIXED = tuple(f"edition__{name}" for name in _OF_EDITION)
Status = Batch.Status


def next_batch(transport: Transport, guard: Open) -> Batch | None:
    """The batch that this worker may send now and nobody else; without permission nothing is claimed."""
    first = _first_ready()
    turn = guard.turn(transport) if first else None
    if turn is not None and (batch := _first(turn, map(_made, first))):
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


def ready(turn: Turn) -> QuerySet[Batch]:
    """The next few batches that this turn may try, in the order in which they were cut."""
    found = _ready().select_related("edition").only(*_NEEDED, *_PREFIXED).order_by("id")
    if turn.shut:
        found = found.exclude(mailbox__in=sorted(turn.shut))
    if turn.most is not None:
        found = found.alias(copies=Batch.LEFT).filter(copies__lte=turn.most)
    return found[:LOOK_AHEAD]


def _first_ready() -> list[tuple[Any, ...]]:
    """The next few that are ready, as rows: only one of them is tried, or two when another worker was faster.

    Planned anew each time: without the statuses' names PostgreSQL cannot tell that the index of open batches will do.
    """
    with connection.cursor() as cursor:
        cursor.execute(*_question())
        return list(cursor.fetchall())


def _made(row: tuple[Any, ...]) -> Batch:
    own, its = rows.columns(Batch, _NEEDED), rows.columns(Edition, _OF_EDITION)
    batch = rows.made(Batch, own, row[: len(own)])
    batch.edition = rows.made(Edition, its, row[len(own) :])
    return batch


@cache
def _question() -> tuple[str, tuple[Any, ...]]:
    """In the order that `_made` wants; Django puts it together once, not for every batch."""
    names = (*rows.columns(Batch, _NEEDED), *(f"edition__{name}" for name in rows.columns(Edition, _OF_EDITION)))
    return _ready().order_by("id").values_list(*names)[:LOOK_AHEAD].query.sql_with_params()


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
    fence, batch.fence = batch.fence, batch.fence + 1
    statement = _OWN.format(later=rows.later())
    return rows.changed(statement, batch.fence, settings.LEASE.total_seconds(), batch.pk, fence)


def _ready() -> QuerySet[Batch]:
    # A wave that is open stays open, so the guarded update need not ask again.
    due = Q(not_before=None) | Q(not_before__lte=Now())
    return Batch.objects.filter(
        due, status=Status.PENDING, edition__status=Edition.Status.SENDING, wave__lte=F("edition__open_wave")
    )
