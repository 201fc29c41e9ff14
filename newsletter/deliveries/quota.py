"""The transport's daily quota: copies are reserved before a batch is claimed, so it is never exceeded.

A worker that dies with a claim costs the day at most that batch. Days are those of UTC; what is claimed before midnight
counts for the day before.
"""

from datetime import date

from django.db.models import F, Min, Q
from django.utils import timezone

from newsletter import config
from newsletter.deliveries.models import Batch, TransportState
from newsletter.editions.models import Edition


def left(transport: str) -> int | None:
    """How many copies may still go out today; None where there is no quota."""
    quota = config.current().daily_quota
    if not quota:
        return None
    used = TransportState.objects.filter(name=transport, used_on=_today()).values_list("used", flat=True).first()
    return max(0, quota - (used or 0))


def reserve(transport: str, copies: int) -> date | None:
    """Count copies against today's quota; the day, or None when they do not fit."""
    today = _today()
    TransportState.objects.get_or_create(name=transport)
    # Forward only: a worker that was held up at midnight must not bring yesterday back.
    ended = TransportState.objects.filter(Q(used_on=None) | Q(used_on__lt=today), name=transport)
    ended.update(used_on=today, used=0)
    room = config.current().daily_quota - copies
    fitting = TransportState.objects.filter(name=transport, used_on=today, used__lte=room)
    return today if fitting.update(used=F("used") + copies) else None


def give_back(transport: str, copies: int, day: date) -> None:
    """What was reserved and not handed over may go out after all, if the day has not ended."""
    TransportState.objects.filter(name=transport, used_on=day, used__gte=copies).update(used=F("used") - copies)


def told(transport: str) -> str:
    """Why the quota lets nothing more go today, in plain words, or ""."""
    rest = left(transport)
    if rest is None:
        return ""
    waiting = Batch.objects.filter(status=Batch.Status.PENDING, edition__status=Edition.Status.SENDING)
    smallest = waiting.annotate(copies=Batch.LEFT).aggregate(smallest=Min("copies"))["smallest"] or 1
    if rest >= smallest:
        return ""
    quota = config.current().daily_quota
    if smallest > quota:
        return _never_fits(quota, smallest)
    how = "is used up" if not rest else f"has {rest:,} left, fewer than a batch"
    return f"Today's quota of {quota:,} copies {how}; the rest waits for tomorrow (UTC)."


def _never_fits(quota: int, smallest: int) -> str:
    """Batches are cut to fit the quota of that day; it was lowered since."""
    return (
        f"A batch of {smallest:,} copies fits no day's quota of {quota:,} and waits for ever: "
        f"raise NEWSLETTER_DAILY_QUOTA to {smallest:,} at least, or set it to 0 for no limit."
    )


def _today() -> date:
    return timezone.now().date()
