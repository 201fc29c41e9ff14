"""What was reported becomes what we know: copies move on, batches count, readers are suppressed or leave.

It works on sets of stored events, in one transaction each, and each set ends in the same state in whatever order the
events came: copies only move forward (fate.py), the strongest evidence stays (suppression.py). A set that fails is
waiting as before.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from newsletter import recordset
from newsletter.deliveries import resolve
from newsletter.deliveries.models import TAKEN, Attempt, Batch, Delivery
from newsletter.editions.models import Edition
from newsletter.recordset import among
from newsletter.tracking import clerk, fate, readers
from newsletter.tracking.copies import Copy
from newsletter.tracking.fate import FAILED, RANK, Told
from newsletter.tracking.models import Event

SET = 4000  # events in one transaction
PARKED_FOR = timedelta(days=7)
COUNTED = ("delivered", "dropped", "bounced", "complained")
TALLIED = ("accepted", "unknown", "blocked", *COUNTED)  # what a batch counts of its copies
_SET = "status = r.status, reason = r.reason, updated_at = CURRENT_TIMESTAMP"
State, Status = Event.State, Delivery.Status


@dataclass(frozen=True)
class Move:
    """A copy goes from one status to another; `blocked` is by how much its batch's blocked copies change."""

    copy: Copy
    status: str
    reason: str
    blocked: int


def apply_waiting() -> int:
    """Apply all that waits; returns how many events."""
    total = 0
    while done := apply_next():
        total += done
    return total


@transaction.atomic
def apply_next(limit: int = SET) -> int:
    """Apply one set, the oldest first; returns how many events, 0 when none waits or another process is at it."""
    if clerk.mine("events") is None:
        return 0
    told = _waiting(limit)
    if told:
        _apply(told)
    return len(told)


def unpark() -> int:
    """Let events that came before their copy wait again; returns how many."""
    known = Delivery.objects.filter(pk=OuterRef("delivery_id"), edition__public_id=OuterRef("edition"))
    young = Event.objects.filter(state=State.PARKED, received_at__gt=timezone.now() - PARKED_FOR)
    return young.filter(Exists(known)).update(state=State.WAITING)


def _apply(told: Sequence[Told]) -> None:
    _prove(told)
    copies = copies_of(told)
    mine = [event for event in told if event.delivery_id is None or _belongs(event, copies)]
    moves = _moves(mine, copies)
    _move(moves)
    _count(moves)
    held = readers.act(mine, copies)
    lost = {event.pk for event in told} - {event.pk for event in mine}
    _close(told, {State.HELD: held, State.PARKED: lost})


def _waiting(limit: int) -> list[Told]:
    rows = Event.objects.filter(state=State.WAITING).order_by("pk").values_list(*Told._fields)
    return [Told._make(row) for row in rows[:limit]]


def _belongs(event: Told, copies: Mapping[int, Copy]) -> bool:
    """An event counts for a copy only when it names its edition too."""
    copy = copies.get(event.delivery_id or 0)
    return copy is not None and copy.edition.public_id == event.edition


def copies_of(told: Iterable[Told]) -> dict[int, Copy]:
    """The copies that the events are about, with their batches locked: all who move copies lock the batch first.

    Those of an edition that is being rolled up are counted already, and move no more.
    """
    named = Delivery.objects.filter(pk__in=among({event.delivery_id for event in told if event.delivery_id}))
    theirs = set(named.values_list("batch_id", flat=True))
    theirs.discard(None)
    free = Batch.objects.select_for_update().filter(pk__in=among(theirs)).order_by("pk")
    locked = set(free.values_list("pk", flat=True))
    rows = list(named.values_list("pk", "status", "reason", "batch_id", "edition_id", "subscriber_id", "address_key"))
    editions = Edition.objects.only("public_id", "newsletter_id", "planned")
    known = editions.filter(rolled_up_at=None).in_bulk({row[4] for row in rows})
    found = (Copy(*row[:4], known[row[4]], *row[5:]) for row in rows if row[4] in known)
    return {copy.pk: copy for copy in found if copy.batch_id in locked or copy.batch_id is None}


def _moves(told: Iterable[Told], copies: Mapping[int, Copy]) -> list[Move]:
    new: dict[int, list[Told]] = defaultdict(list)
    for event in told:
        if event.delivery_id:
            new[event.delivery_id].append(event)
    # Most copies are delivered once, and that is all; only where something failed does the whole story count.
    before = _before([pk for pk in new if copies[pk].status in FAILED])
    moves = (_move_of(copies[pk], events, before.get(pk, [])) for pk, events in new.items())
    return [move for move in moves if move]


def _before(ids: Collection[int]) -> dict[int, list[Told]]:
    found: dict[int, list[Told]] = defaultdict(list)
    past = Event.objects.filter(delivery_id__in=among(ids), state__in=[State.APPLIED, State.HELD])
    for row in past.values_list(*Told._fields) if ids else ():
        event = Told._make(row)
        found[event.delivery_id or 0].append(event)
    return found


def _move_of(copy: Copy, events: Sequence[Told], before: Sequence[Told]) -> Move | None:
    """None where nothing changes: also for copies that no event moves (rejected, skipped, excluded)."""
    was, now = fate.of(before), fate.of([*events, *before])
    if now is None or copy.status not in RANK or RANK[now.status] < RANK[copy.status]:
        return None
    if now.status == copy.status and (now.status not in FAILED or now.reason == copy.reason):
        return None
    blocked = now.blocked - (was.blocked if was and copy.status in FAILED else False)
    proven = copy.status == Status.UNKNOWN and now.status == Status.ACCEPTED
    return Move(copy, now.status, "the provider told of it" if proven else now.reason, blocked)


def _move(moves: Sequence[Move]) -> None:
    """One UPDATE for each status that needs no reason, and one for all copies that failed."""
    plain: dict[tuple[str, str], list[int]] = defaultdict(list)
    for each in moves:
        if each.status not in FAILED:
            plain[each.status, each.reason].append(each.copy.pk)
    now = timezone.now()
    for (status, reason), ids in plain.items():
        Delivery.objects.filter(pk__in=among(ids)).update(status=status, reason=reason, updated_at=now)
    failed = [each for each in moves if each.status in FAILED]
    if failed:
        _fail(failed)


def _fail(moves: Iterable[Move]) -> None:
    """Each with a reason of its own."""
    rows = [{"pk": each.copy.pk, "status": each.status, "reason": each.reason} for each in moves]
    source = recordset.table({"pk": "bigint", "status": "text", "reason": "text"})
    update = f"UPDATE newsletter_delivery SET {_SET} FROM {source} WHERE newsletter_delivery.id = r.pk"  # noqa: S608 # ours
    with connection.cursor() as cursor:
        cursor.execute(update, [recordset.parameter(rows)])


def _count(moves: Iterable[Move]) -> None:
    """The batches' own counts follow. `accepted` is what the transport took, whatever came later."""
    alike = Counter((each.copy.batch_id, each.copy.status, each.status, each.blocked) for each in moves)
    changes: dict[int, Counter[str]] = defaultdict(Counter)
    for (batch, was, now, blocked), copies in alike.items():
        if batch is not None:
            for name, by in _change(was, now, blocked).items():
                changes[batch][name] += by * copies
    if changes:
        _add(changes)
    for waiting in Batch.objects.filter(pk__in=among(changes), status=Batch.Status.UNKNOWN, unknown=0):
        resolve.done_if_settled(waiting)


def _add(changes: Mapping[int, Counter[str]]) -> None:
    """Events of a busy hour are about every batch of an edition: one UPDATE for all of them."""
    columns = {"pk": "bigint", **dict.fromkeys(TALLIED, "bigint")}
    rows = [{"pk": batch, **{name: change[name] for name in TALLIED}} for batch, change in changes.items()]
    added = ", ".join(f"{name} = newsletter_batch.{name} + r.{name}" for name in TALLIED)
    update = f"UPDATE newsletter_batch SET {added} FROM {recordset.table(columns)} WHERE newsletter_batch.id = r.pk"  # noqa: S608 # ours
    with connection.cursor() as cursor:
        cursor.execute(update, [recordset.parameter(rows)])


def _change(was: str, now: str, blocked: int) -> dict[str, int]:
    later = {name: (now == name) - (was == name) for name in COUNTED}
    return {"accepted": int(was not in TAKEN), "unknown": -(was == Status.UNKNOWN), "blocked": blocked, **later}


def _prove(told: Iterable[Told]) -> None:
    """Any event proves the whole request that its copy was in."""
    named = {(event.batch, event.request) for event in told if event.batch and event.request}
    about = Batch.objects.filter(public_id__in=among({batch for batch, _ in named}))
    left_open = Attempt.objects.filter(batch__in=about, outcome__in=["", "unknown", "mixed"])
    batches = Batch.objects.filter(attempts__in=left_open).distinct().order_by("pk")
    for batch in batches:
        for request in sorted(request for public, request in named if public == batch.public_id):
            resolve.by_evidence(batch, request)


def _close(told: Sequence[Told], apart: Mapping[str, Collection[int]]) -> None:
    others = {event.pk for event in told}
    for state, ids in apart.items():
        others -= set(ids)
        if ids:
            Event.objects.filter(pk__in=among(ids)).update(state=state)
    Event.objects.filter(pk__in=among(others)).update(state=State.APPLIED)
