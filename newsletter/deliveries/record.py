"""Writing down what a transport answered, under the fence of the claim it was handed over with."""

import logging
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple, TypeVar

from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from newsletter import clock, faults
from newsletter.deliveries import breaker, limits, resolve, rows, slowdown, telling
from newsletter.deliveries.models import Attempt, Batch, Delivery
from newsletter.deliveries.move import move
from newsletter.editions import approve
from newsletter.editions.models import Edition
from newsletter.errors import Refused
from newsletter.transports.base import Accepted, Outcome, Rejected, Unknown

log = logging.getLogger(__name__)
GIVE_UP_AFTER = timedelta(hours=24)  # of trying: by then a weekly round-up is old news
PATIENT_TRIES = 3  # before the waits grow
LONGEST_WAIT = timedelta(minutes=15)
IDS_AT_ONCE = 500
SHORTEST_PAUSE, LONGEST_PAUSE = 0.1, 2.0  # seconds between two tries while the database is away
T = TypeVar("T")


class Verdict(NamedTuple):
    """What becomes of one delivery: its next status and why.

    A block is only counted when it is final: greylisting, too, says 4.7.1.
    """

    status: Delivery.Status
    reason: str = ""
    blocked: bool = False


_CLOSE = """
UPDATE newsletter_attempt SET outcome = %s, provider_id = %s, detail = %s, finished_at = CURRENT_TIMESTAMP WHERE id = %s
"""
_SETTLE = """
UPDATE newsletter_batch
   SET accepted = %s, rejected = %s, unknown = %s, blocked = %s, status = %s, lease_until = NULL,
       not_before = %s, finished_at = %s
 WHERE id = %s
"""
# What stands in it, and what resolving asks of a batch.
_COUNTS = (
    "id", "public_id", "edition_id", "fence", "status", "accepted", "rejected", "unknown", "blocked", "not_before",
    "finished_at",
)  # fmt: skip
TAKEN = Verdict(Delivery.Status.ACCEPTED)


def record(batch: Batch, attempt: Attempt, outcomes: Sequence[Outcome], *, until: float = 0.0) -> bool:
    """Store the outcomes; False if the claim was lost meanwhile, then they settle what is still unknown of it.

    While the database is away it is tried again, until this moment of `clock.ticking()`: nobody else knows the answer.
    Raises what the database raised last.
    """
    verdicts = _verdicts(batch, outcomes, until)
    if not _patiently(partial(_commit, batch, attempt, outcomes, verdicts), until):
        return False
    faults.point("record.after_commit")
    _leave_room(batch, attempt, outcomes)
    _stop_if_asked(batch, outcomes)
    limits.heed(attempt.transport, outcomes)
    if any(isinstance(outcome, Unknown) for outcome in outcomes):
        breaker.watch(batch.edition_id)
    if any(each.blocked for each in verdicts.values()):
        slowdown.watch(attempt.transport)  # at once: in the seconds until the next tick much more would be blocked
    return True


def _verdicts(batch: Batch, outcomes: Sequence[Outcome], until: float) -> dict[int, Verdict]:
    again = any(isinstance(outcome, Rejected) and not outcome.permanent for outcome in outcomes)
    overdue = again and timezone.now() - _patiently(partial(_trying_since, batch), until) > GIVE_UP_AFTER
    return {outcome.delivery_id: verdict(outcome, overdue=overdue) for outcome in outcomes}


def _patiently(work: Callable[[], T], until: float) -> T:
    """Do it, with a new connection each time the database is away. Raises the last error when the time is up."""
    wait = SHORTEST_PAUSE
    while True:
        try:
            return work()
        except (OperationalError, InterfaceError) as error:
            if clock.ticking() + wait >= until:
                log.exception("what a transport answered cannot be recorded; the sweep will call it unknown")
                raise
            log.warning("the database is away, trying again: %s", error)
            connection.close()
            time.sleep(wait)
            wait = min(2 * wait, LONGEST_PAUSE)


@transaction.atomic
def _commit(batch: Batch, attempt: Attempt, outcomes: Sequence[Outcome], verdicts: Mapping[int, Verdict]) -> bool:
    current = _locked(batch)
    if attempt.outcome and Attempt.objects.filter(pk=attempt.pk, finished_at__isnull=False).exists():
        return True  # an earlier try was committed; only the database's word for it was lost
    _close(attempt, outcomes)
    if (current.fence, current.status) != (batch.fence, Batch.Status.SENDING):
        settled = _settle_late(current, attempt, verdicts)
        log.warning("batch %s: answered after its lease had ended, about %s unknown copies", batch.pk, settled)
        return False
    _settle(current, _store(batch, verdicts), _not_before(outcomes, attempt.number))
    if current.unknown:
        resolve.take_proven(current)
    faults.point("record.before_commit")
    return True


def _locked(batch: Batch) -> Batch:
    """The batch as it is now; nobody else changes it before the end of the transaction."""
    names = rows.columns(Batch, _COUNTS)
    with rows.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(names)} FROM newsletter_batch WHERE id = %s{rows.for_update()}", [batch.pk])  # noqa: S608 # ours
        return rows.made(Batch, names, cursor.fetchone())


def _settle_late(batch: Batch, attempt: Attempt, verdicts: Mapping[int, Verdict]) -> int:
    """What the sweep gave up was answered after all: its copies that are still unknown are so no more. How many."""
    attempts = Attempt.objects.filter(batch=batch, number__gte=attempt.number).values_list("pk", "fence")
    if list(attempts) != [(attempt.pk, attempt.fence)]:
        return 0  # it was tried again since, or the database is an older one
    final = {pk: each for pk, each in verdicts.items() if each.status in resolve.ANSWERED}
    unknown = batch.deliveries.filter(pk__in=list(final), status=Delivery.Status.UNKNOWN)
    groups: dict[Verdict, list[int]] = defaultdict(list)
    for pk in unknown.values_list("pk", flat=True):
        groups[final[pk]].append(pk)
    settled = sum(
        resolve.answered_late(batch, each.status, each.reason, copies, blocked=each.blocked)
        for each, copies in groups.items()
    )
    if batch.deliveries.filter(pk__in=list(verdicts), status=Delivery.Status.UNKNOWN).exists():
        # Else evidence about an earlier attempt would be taken for these copies, too.
        Attempt.objects.filter(pk=attempt.pk).update(outcome="unknown")
    resolve.take_proven(batch)
    return settled


def _trying_since(batch: Batch) -> datetime:
    """When this batch was first tried, or its edition last resumed: time in which nobody tried does not count."""
    first = batch.attempts.order_by("number").values_list("started_at", flat=True).first()
    resumed = Edition.objects.values_list("resumed_at", flat=True).get(pk=batch.edition_id)
    started = first or timezone.now()
    return max(started, resumed) if resumed else started


def verdict(outcome: Outcome, *, overdue: bool) -> Verdict:
    """One vocabulary for all transports. What may be tried again is pending, until it was tried for too long."""
    if isinstance(outcome, Accepted):
        return TAKEN
    reason = outcome.reason or "no reason given"
    if isinstance(outcome, Unknown):
        return Verdict(Delivery.Status.UNKNOWN, reason)
    if outcome.permanent:
        return Verdict(Delivery.Status.REJECTED, reason, outcome.blocked)
    if overdue:
        return Verdict(Delivery.Status.REJECTED, f"given up after a day: {reason}", outcome.blocked)
    return Verdict(Delivery.Status.PENDING, reason)


def _store(batch: Batch, verdicts: Mapping[int, Verdict]) -> Counter[Verdict]:
    """One UPDATE for the verdict that most share, then id lists for the exceptions; how many copies got each verdict.

    A copy that an event told of meanwhile is sending no more, and keeps what the event said.
    """
    groups: dict[Verdict, list[int]] = defaultdict(list)
    for delivery_id, each in verdicts.items():
        groups[each].append(delivery_id)
    stored: Counter[Verdict] = Counter()
    if not groups:
        return stored
    *exceptions, common = sorted(groups, key=lambda each: len(groups[each]))
    for each in exceptions:
        for start in range(0, len(groups[each]), IDS_AT_ONCE):
            chosen = batch.deliveries.filter(pk__in=groups[each][start : start + IDS_AT_ONCE])
            sending = chosen.filter(status=Delivery.Status.SENDING)
            stored[each] += sending.update(status=each.status, reason=each.reason[:200], updated_at=timezone.now())
    stored[common] += move(batch, Delivery.Status.SENDING, common.status, common.reason[:200])
    return stored


def _settle(batch: Batch, stored: Counter[Verdict], not_before: datetime | None) -> None:
    """Move the batch on: more to do, something unknown, or done."""
    counts: Counter[str] = Counter()
    for each, copies in stored.items():
        counts[each.status] += copies
    batch.accepted += counts[Delivery.Status.ACCEPTED]
    batch.rejected += counts[Delivery.Status.REJECTED]
    batch.unknown += counts[Delivery.Status.UNKNOWN]
    batch.blocked += sum(copies for each, copies in stored.items() if each.blocked)
    batch.lease_until = None
    if counts[Delivery.Status.PENDING]:
        batch.status, batch.not_before = Batch.Status.PENDING, not_before
    else:
        batch.status = Batch.Status.UNKNOWN if batch.unknown else Batch.Status.DONE
        batch.finished_at = timezone.now()
    counted = (batch.accepted, batch.rejected, batch.unknown, batch.blocked, batch.status)
    rows.changed(_SETTLE, *counted, rows.moment(batch.not_before), rows.moment(batch.finished_at), batch.pk)


def _close(attempt: Attempt, outcomes: Sequence[Outcome]) -> None:
    kinds = {type(outcome) for outcome in outcomes}
    words = {Accepted: "accepted", Rejected: "rejected", Unknown: "unknown"}
    attempt.outcome = words[kinds.pop()] if len(kinds) == 1 else "mixed" if kinds else "skipped"
    taken = [outcome.provider_id for outcome in outcomes if isinstance(outcome, Accepted)]
    attempt.provider_id = taken[0][:200] if taken else ""
    reasons = Counter(outcome.reason for outcome in outcomes if not isinstance(outcome, Accepted))
    attempt.detail = "; ".join(f"{count} × {reason}" for reason, count in reasons.most_common(5))[:500]
    with rows.cursor() as cursor:  # by hand, as in move.py
        cursor.execute(_CLOSE, [attempt.outcome, attempt.provider_id, attempt.detail, attempt.pk])


def _not_before(outcomes: Sequence[Outcome], attempt: int) -> datetime | None:
    """When the batch may be tried again: as the transport asks, and later the more often it was in vain."""
    asked = [outcome.not_before for outcome in outcomes if isinstance(outcome, Rejected) and outcome.not_before]
    if not asked:
        return None
    return max(*asked, timezone.now() + wait_before(attempt + 1))


def wait_before(attempt: int) -> timedelta:
    """How long the ledger itself waits before an attempt: nothing at first, then doubling from 2 seconds."""
    in_vain = min(attempt - PATIENT_TRIES, 20)
    return min(timedelta(seconds=2**in_vain), LONGEST_WAIT) if in_vain > 0 else timedelta(0)


def _leave_room(batch: Batch, attempt: Attempt, outcomes: Sequence[Outcome]) -> None:
    """What was surely not taken and is tried again counts when it goes: else an outage would use up the day's quota."""
    later = sum(isinstance(outcome, Rejected) and not outcome.permanent for outcome in outcomes)
    limits.unused(attempt.transport, batch, later)


def _stop_if_asked(batch: Batch, outcomes: Sequence[Outcome]) -> None:
    """The fault is ours, not the readers': a refused key would only be refused again."""
    reason = next((outcome.reason for outcome in outcomes if isinstance(outcome, Rejected) and outcome.stop), None)
    if reason is not None:
        stop(batch, reason)


def stop(batch: Batch, reason: str) -> None:
    """Pause its edition and tell staff, once."""
    try:
        with transaction.atomic():
            approve.pause(batch.edition, None, reason)
            telling.stopped(batch.edition, reason)
    except Refused:
        return  # another worker paused it already
    log.error("edition %s is paused: %s", batch.edition_id, reason)
