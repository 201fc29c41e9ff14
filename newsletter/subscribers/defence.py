"""Whether sign-ups are being abused: then forms ask for a proof, and the limits are tighter."""

from datetime import datetime, timedelta

from django.db.models import Q

from newsletter.subscribers import limits
from newsletter.subscribers.models import Defence, SignUp

LASTS = timedelta(hours=1)  # after the last look that found a reason
RECENT = timedelta(hours=6)
TO_CONFIRM = timedelta(minutes=30)  # that people get before they count as not confirming
MAILED = (SignUp.Status.MAILED, SignUp.Status.CONFIRMED, SignUp.Status.EXPIRED)


def is_on(now: datetime) -> bool:
    """Whether a form has to ask for a proof."""
    return Defence.objects.filter(pk=1, until__gt=now).exists()


def locked() -> Defence:
    """The row, held until the transaction ends: whoever decides about sign-ups holds it."""
    Defence.objects.get_or_create(pk=1)
    return Defence.objects.select_for_update().get(pk=1)


def look(guard: Defence, now: datetime) -> limits.Limits:
    """Switch the defence on while there is a reason; the limits that hold now."""
    asked = SignUp.objects.filter(created_at__gt=now - limits.HOUR)[: limits.A_BUSY_HOUR + 1].count()
    recent = _confirmed(now - RECENT, now - TO_CONFIRM)
    if reason := limits.suspicion(asked, recent, _confirmed(now - limits.MONTH, now - RECENT)):
        guard.until, guard.reason = now + LASTS, reason
        guard.save(update_fields=["until", "reason"])
    return limits.TIGHT if guard.until and guard.until > now else limits.USUAL


def _confirmed(since: datetime, until: datetime) -> tuple[int, int]:
    """How many letters of that time went out, and how many of them were confirmed."""
    found = SignUp.objects.filter(created_at__gt=since, created_at__lte=until, status__in=MAILED)
    confirmed = Q(status=SignUp.Status.CONFIRMED)
    return found.count(), found.filter(confirmed).count()
