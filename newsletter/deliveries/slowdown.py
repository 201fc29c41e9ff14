"""Leaving a mailbox provider alone that blocks us, while the others go on.

A block is a refusal for who sends or what is sent, not for who reads: sending on makes it worse. The first rest takes
ten minutes, and each that follows without a good answer between them twice as long. After a rest the first results tell
whether it goes on.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Exists, F, OuterRef, QuerySet, Sum
from django.db.models.functions import Now

from newsletter.deliveries.models import Attempt, Batch, MailboxState
from newsletter.editions.models import Edition
from newsletter.subscribers.mailboxes import Mailbox

ENOUGH = 50  # results before a share means something
WORST = 0.05
RECENT = timedelta(hours=1)
FIRST_REST = timedelta(minutes=10)
LONGEST_REST = timedelta(hours=6)
_ACTIVE = (Edition.Status.SENDING, Edition.Status.PAUSED)


@dataclass(frozen=True)
class _Recent:
    """One provider's answers of late."""

    known: int
    blocked: int

    @property
    def is_bad(self) -> bool:
        return self.blocked > WORST * self.known


def resting(transport: str) -> set[str]:
    """The mailbox providers that are left alone now."""
    return set(resting_now(transport).values_list("mailbox", flat=True))


def told(transport: str) -> list[str]:
    """A sentence for each provider that is left alone."""
    return [
        f"{state.reason} It is left alone until {state.not_before:%H:%M} UTC; the others go on."
        for state in resting_now(transport).order_by("mailbox")
    ]


def watch(transport: str) -> int:
    """Leave those alone that block us, and forget what is over. Returns how many begin to rest."""
    states = {state.mailbox: state for state in MailboxState.objects.filter(transport=transport)}
    blocked = Batch.objects.filter(edition__status__in=_ACTIVE, blocked__gt=0)
    if not any(state.in_a_row for state in states.values()) and not blocked.exists():
        return 0
    rests = resting(transport)
    return sum(
        _judge(states.get(mailbox) or MailboxState(transport=transport, mailbox=mailbox))
        for mailbox in Mailbox
        if mailbox not in rests
    )


def rest_after(in_a_row: int) -> timedelta:
    """How long a provider rests that rested `in_a_row` times in vain."""
    return min(FIRST_REST * (1 << min(in_a_row, 10)), LONGEST_REST)


def _judge(state: MailboxState) -> bool:
    recent = _recent(state)
    if recent.is_bad and recent.known >= (1 if state.in_a_row else ENOUGH):
        return _rest(state, recent)
    if state.in_a_row and recent.known:
        _as_it_was(state).update(in_a_row=0, reason="")  # not_before stays: what was before it counts no more
    return False


def _rest(state: MailboxState, recent: _Recent) -> bool:
    MailboxState.objects.get_or_create(transport=state.transport, mailbox=state.mailbox)
    name = Mailbox(state.mailbox).label if state.mailbox != Mailbox.OTHER else "The smaller providers together"
    reason = f"{name} blocked {100 * recent.blocked / recent.known:.1f} % of {recent.known:,} recent copies."
    wait = Now() + rest_after(state.in_a_row)
    return bool(_as_it_was(state).update(not_before=wait, in_a_row=F("in_a_row") + 1, reason=reason))


def _as_it_was(state: MailboxState) -> QuerySet[MailboxState]:
    """The row, unless another worker that saw the same was faster."""
    row = MailboxState.objects.filter(transport=state.transport, mailbox=state.mailbox)
    return row.filter(in_a_row=state.in_a_row, not_before=state.not_before)


def _recent(state: MailboxState) -> _Recent:
    """What was answered in the last hour, and since its last rest."""
    attempts = Attempt.objects.filter(batch=OuterRef("pk"), finished_at__gt=Now() - RECENT)
    if state.not_before is not None:
        attempts = attempts.filter(finished_at__gt=state.not_before)
    batches = Batch.objects.filter(Exists(attempts), edition__status__in=_ACTIVE, mailbox=state.mailbox)
    sums = batches.aggregate(known=Sum(F("accepted") + F("rejected"), default=0), blocked=Sum("blocked", default=0))
    return _Recent(**sums)


def resting_now(transport: str) -> QuerySet[MailboxState]:
    """Their rows."""
    return MailboxState.objects.filter(transport=transport, not_before__gt=Now())
