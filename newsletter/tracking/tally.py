"""Counting what is refused, so that somebody can see it. Counted in memory and written at most once a second.

Strangers can cause these counts, so they must not cost a write each. A process that dies loses a second of them.
"""

import logging
import time
from collections import Counter
from collections.abc import Mapping
from threading import Lock

from django.db import DatabaseError, InterfaceError, transaction
from django.db.models import F

from newsletter.tracking.models import Tally

log = logging.getLogger(__name__)
EVERY = 1.0  # seconds
_counts: Counter[str] = Counter()
_lock = Lock()
_written = 0.0


def count(name: str, by: int = 1) -> None:
    """Add to a count, such as "webhook.forged". A database that is away costs the caller nothing."""
    if not by:
        return
    with _lock:
        _counts[name] += by
        due = time.monotonic() - _written >= EVERY
    if not due:
        return
    try:
        flush()
    except (DatabaseError, InterfaceError):
        log.warning("counts could not be written, and are kept for the next second", exc_info=True)


def flush() -> None:
    """Write down what this process has counted. Raises what the database raises; then nothing is lost."""
    global _written  # noqa: PLW0603 # when this process last wrote
    with _lock:
        taken = dict(_counts)
        _counts.clear()
        _written = time.monotonic()
    try:
        with transaction.atomic():
            _write(taken)
    except BaseException:
        with _lock:
            _counts.update(taken)
        raise


def _write(taken: Mapping[str, int]) -> None:
    for name, by in sorted(taken.items()):  # sorted, so that two processes cannot lock each other out
        if not Tally.objects.filter(name=name).update(count=F("count") + by):
            Tally.objects.get_or_create(name=name)
            Tally.objects.filter(name=name).update(count=F("count") + by)


def counts() -> dict[str, int]:
    """Every count since the installation began, this process's last second included."""
    flush()
    return dict(Tally.objects.order_by("name").values_list("name", "count"))
