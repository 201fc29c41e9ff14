"""The sign of life: rows that workers write when a beat has rung for them, so that dead ones can be told apart."""

import socket
from datetime import datetime, timedelta

from django.db.models.functions import Now
from django.utils import timezone

from newsletter import __version__
from newsletter.tracking.models import SignOfLife, Worker

OFTEN_ENOUGH = timedelta(seconds=20)  # so that a tick of two seconds writes nothing most of the time
NO_LIFE = timedelta(minutes=5)
FORGOTTEN = timedelta(days=1)  # a machine that is silent for so long was taken away


def sign() -> None:
    """Say that a worker of this machine lives, by the database's clock."""
    mine = Worker.objects.filter(host=socket.gethostname()[:100])
    if mine.filter(seen_at__gt=Now() - OFTEN_ENOUGH, version=__version__).exists():
        return
    if not mine.update(seen_at=Now(), version=__version__):
        Worker.objects.get_or_create(
            host=socket.gethostname()[:100], defaults={"seen_at": Now(), "version": __version__}
        )
    if not SignOfLife.objects.filter(pk=1).update(at=Now()):
        SignOfLife.objects.get_or_create(pk=1, defaults={"at": Now()})
    Worker.objects.filter(seen_at__lt=Now() - FORGOTTEN).delete()


def seen(now: datetime) -> bool:
    """Whether a worker gave a sign within the last five minutes."""
    return SignOfLife.objects.filter(at__gt=now - NO_LIFE).exists()


def silence() -> float | None:
    """Seconds since the last sign; None if there never was one."""
    at = SignOfLife.objects.values_list("at", flat=True).first()
    return (timezone.now() - at).total_seconds() if at else None


def workers(now: datetime) -> list[Worker]:
    """The machines whose workers gave a sign within the last five minutes."""
    return list(Worker.objects.filter(seen_at__gt=now - NO_LIFE).order_by("host"))


def age(worker: Worker) -> float:
    """Seconds since its last sign."""
    return (timezone.now() - worker.seen_at).total_seconds()
