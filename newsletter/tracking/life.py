"""The sign of life: a row that a worker writes when a beat has rung for it, so that a dead one can be told apart."""

from datetime import datetime, timedelta

from django.db.models.functions import Now
from django.utils import timezone

from newsletter.tracking.models import SignOfLife

OFTEN_ENOUGH = timedelta(seconds=20)  # so that a tick of two seconds writes nothing most of the time
NO_LIFE = timedelta(minutes=5)


def sign() -> None:
    """Say that a worker lives, by the database's clock."""
    if SignOfLife.objects.filter(pk=1, at__gt=Now() - OFTEN_ENOUGH).exists():
        return
    if not SignOfLife.objects.filter(pk=1).update(at=Now()):
        SignOfLife.objects.get_or_create(pk=1, defaults={"at": Now()})


def seen(now: datetime) -> bool:
    """Whether a worker gave a sign within the last five minutes."""
    return SignOfLife.objects.filter(at__gt=now - NO_LIFE).exists()


def silence() -> float | None:
    """Seconds since the last sign; None if there never was one."""
    at = SignOfLife.objects.values_list("at", flat=True).first()
    return (timezone.now() - at).total_seconds() if at else None
