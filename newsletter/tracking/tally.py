"""Counting what is refused, so that somebody can see it. Counted in memory and written at most once a second.

Strangers can cause these counts, so they must not cost a write each. A process that dies loses a second of them.
"""

import time
from collections import Counter
from threading import Lock

from django.db import transaction
from django.db.models import F

from newsletter.tracking.models import Tally

EVERY = 1.0  # seconds
_counts: Counter[str] = Counter()
_lock = Lock()
_written = 0.0


def count(name: str, by: int = 1) -> None:
    """Add to a count, such as "webhook.forged"."""
    if not by:
        return
    with _lock:
        _counts[name] += by
        due = time.monotonic() - _written >= EVERY
    if due:
        flush()


def flush() -> None:
    """Write down what this process has counted."""
    global _written  # noqa: PLW0603 # when this process last wrote
    with _lock:
        taken = dict(_counts)
        _counts.clear()
        _written = time.monotonic()
    with transaction.atomic():
        for name, by in sorted(taken.items()):  # sorted, so that two processes cannot lock each other out
            if not Tally.objects.filter(name=name).update(count=F("count") + by):
                Tally.objects.get_or_create(name=name)
                Tally.objects.filter(name=name).update(count=F("count") + by)


def counts() -> dict[str, int]:
    """Every count since the installation began, this process's last second included."""
    flush()
    return dict(Tally.objects.order_by("name").values_list("name", "count"))
