"""Sending letters, one at a time: make the message, commit the intent, hand over once, record under the fence.

Whatever dies after the intent leaves a letter in `sending` whose lease runs out. Nobody can tell then whether it left:
a letter by mail is unknown and never repeated by guess; alerts and the webhook are repeated, rather twice than never.
"""

import logging
from datetime import timedelta

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from newsletter import clock, faults
from newsletter.errors import NewsletterError
from newsletter.letters import rehearsal, routes
from newsletter.letters.models import Letter
from newsletter.transports.base import Accepted, Outcome, Rejected, Unknown

log = logging.getLogger(__name__)
LOOK_AHEAD = 8  # letters of a route to try, so that workers that race for the first go on to the next
GIVE_UP_AFTER = timedelta(hours=24)
SHORTEST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)
Status = Letter.Status
# Alerts first: they must not stand in line behind what they may be about.
IN_TURN = (Letter.Route.ALERT, Letter.Route.WEBHOOK, Letter.Route.MAIL)
REPEATABLE = (Letter.Route.ALERT, Letter.Route.WEBHOOK)


def send_next(gate: routes.Gate) -> bool:
    """Try one letter; True if there was one. Without the gate's permission nothing is claimed."""
    for route in IN_TURN:
        for letter in _due(route).select_related("newsletter", "staff", "subscriber").order_by("id")[:LOOK_AHEAD]:
            if _try(letter, gate):
                return True
    return False


def waiting(limit: int) -> int:
    """How many letters could be handed over now, counted up to `limit`."""
    return sum(_due(route)[:limit].count() for route in IN_TURN)


def sweep() -> int:
    """Hand-overs whose lease ran out: unknown, or pending again where twice does no harm. Returns how many."""
    expired = Letter.objects.filter(status=Status.SENDING, lease_until__lt=Now())
    reason = "The worker died or froze while handing it over."
    again = expired.filter(route__in=REPEATABLE).update(
        status=Status.PENDING, fence=F("fence") + 1, lease_until=None, reason=reason
    )
    lost = expired.update(
        status=Status.UNKNOWN, fence=F("fence") + 1, lease_until=None, finished_at=Now(), reason=reason, address=""
    )
    return again + lost


def doubt() -> int:
    """Call unknown what waits by mail: it may have left before the database was restored. Returns how many."""
    waits = Letter.objects.filter(status=Status.PENDING, route=Letter.Route.MAIL)
    reason = "It may have gone out before the database was restored."
    return waits.update(status=Status.UNKNOWN, fence=F("fence") + 1, finished_at=Now(), reason=reason, address="")


def _due(route: Letter.Route) -> QuerySet[Letter]:
    due = Q(not_before=None) | Q(not_before__lte=Now())
    return Letter.objects.filter(due, status=Status.PENDING, route=route)


def _try(letter: Letter, gate: routes.Gate) -> bool:
    """Whether this letter was ours to try: no permission and another worker's claim say no."""
    started = clock.ticking()
    ready = _prepared(letter, gate)
    if ready is None or not _intend(letter, ready.transport if isinstance(ready, routes.Ready) else ""):
        return False
    if isinstance(ready, Rejected):
        _record(letter, ready)
        return True
    faults.point("letter.intended")
    if clock.ticking() - started < settings.LEASE.total_seconds():  # else the sweep has it
        outcome = ready.hand_over()
        faults.point("letter.handed_over")
        _record(letter, outcome)
        if ready.limited:
            gate.rest(ready.transport, outcome)
    return True


def _prepared(letter: Letter, gate: routes.Gate) -> routes.Ready | Rejected | None:
    """The finished message; a refusal of our own, nothing having left the house; None without permission."""
    try:
        transport = routes.limited_transport(letter)
        if transport and not gate.permit(transport, urgent=letter.route in REPEATABLE):
            return None
        return routes.ready(letter)
    except NewsletterError as error:
        return Rejected(letter.pk, str(error), timezone.now())
    except routes.Unsendable as reason:
        return Rejected(letter.pk, str(reason))
    except Exception:  # whatever is wrong with one letter, those behind it must not wait for it
        log.exception("letter %s (%s) cannot be made", letter.pk, letter.kind)
        return Rejected(letter.pk, "It cannot be made: a fault of ours, see the worker's log.", timezone.now())


def _intend(letter: Letter, transport: str) -> bool:
    """Own the letter, and write down that it is being handed over; False if another worker was first."""
    mine = Letter.objects.filter(pk=letter.pk, status=Status.PENDING, fence=letter.fence)
    letter.fence, letter.tries = letter.fence + 1, letter.tries + 1
    return bool(
        mine.update(
            status=Status.SENDING,
            fence=letter.fence,
            tries=letter.tries,
            lease_until=Now() + settings.LEASE,
            transport=transport,
        )
    )


def _record(letter: Letter, outcome: Outcome) -> None:
    mine = Letter.objects.filter(pk=letter.pk, status=Status.SENDING, fence=letter.fence)
    columns = _columns(letter, outcome)
    if letter.kind == rehearsal.KIND and "finished_at" in columns:
        columns["payload"] = rehearsal.emptied(letter.payload)
    if not mine.update(lease_until=None, **columns):
        log.warning("letter %s: answered after its lease had ended", letter.pk)
    log.info("letter %s (%s): try %s, %s", letter.pk, letter.kind, letter.tries, type(outcome).__name__.lower())


def _columns(letter: Letter, outcome: Outcome) -> dict[str, object]:
    """What becomes of the letter: accepted, refused for good, unknown, or pending for another try."""
    if isinstance(outcome, Accepted):
        return _through(Status.ACCEPTED, "") | {"provider_id": outcome.provider_id[:200]}
    again = letter.route in REPEATABLE if isinstance(outcome, Unknown) else not outcome.permanent
    if not again:
        status = Status.UNKNOWN if isinstance(outcome, Unknown) else Status.REJECTED
        return _through(status, outcome.reason)
    if timezone.now() - letter.created_at > GIVE_UP_AFTER:
        return _through(Status.REJECTED, f"Given up after a day: {outcome.reason}")
    asked = outcome.not_before if isinstance(outcome, Rejected) else None
    wait = wait_after(letter.tries)
    if asked:
        wait = max(wait, asked - timezone.now())
    return {"status": Status.PENDING, "not_before": Now() + wait, "reason": outcome.reason[:300]}


def _through(status: Letter.Status, reason: str) -> dict[str, object]:
    return {"status": status, "reason": reason[:300], "finished_at": Now(), "address": ""}


def wait_after(tries: int) -> timedelta:
    """How long a letter waits after so many tries in vain: doubling from a minute to an hour."""
    return min(SHORTEST_WAIT * (1 << min(tries - 1, 10)), LONGEST_WAIT)
