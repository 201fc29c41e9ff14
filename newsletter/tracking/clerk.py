"""Standing jobs that only one process may do at a time."""

from django.utils import timezone

from newsletter.tracking.models import Clerk


def mine(name: str) -> Clerk | None:
    """The job's row, locked until the transaction ends; None while another process does it.

    SQLite knows no such locks, and needs none: a transaction there writes alone.
    """
    free = Clerk.objects.select_for_update(skip_locked=True).filter(name=name)
    if (row := free.first()) is not None:
        return row
    _, made = Clerk.objects.get_or_create(name=name)
    return free.first() if made else None


def done(row: Clerk, **found: object) -> None:
    """Write down that it was done, and what it found."""
    row.ran_at, row.found = timezone.now(), found
    row.lease_until, row.open_since, row.fault = None, None, ""
    row.save(update_fields=["ran_at", "found", "lease_until", "open_since", "fault"])
