"""What is said about an edition after it went out: corrections on its archive copy, and what its stories say now."""

from django.db import transaction
from django.utils import timezone

from newsletter.editions import compare, freeze
from newsletter.editions.models import Edition
from newsletter.errors import Refused, UsageError
from newsletter.newsletters import audit
from newsletter.newsletters.models import Staff

LENGTH = 1000


@transaction.atomic
def mark(edition: Edition, text: str, staff: Staff | None) -> None:
    """Add a dated correction to the archive copy; the mail that went out stays what it was.

    Raises Refused before the send began, UsageError for an empty text.
    """
    if not text.strip():
        raise UsageError("A correction needs words.", hint="--text TEXT")
    locked = Edition.objects.select_for_update().get(pk=edition.pk)
    if locked.started_at is None:
        raise Refused(f"Edition {edition.pk} was not sent yet.", hint=f"newsletter edition reopen {edition.pk}")
    locked.marks = [*locked.marks, {"at": timezone.now().isoformat(), "text": text.strip()[:LENGTH]}]
    locked.save(update_fields=["marks"])
    audit.record(staff, "mark", f"edition {edition.pk}")


def differences(edition: Edition) -> list[str]:
    """What is not as it was approved: for a draft against what had been approved before, for a sent edition against
    what its articles say now. Raises Refused where nothing was approved."""
    before = edition.snapshot or edition.void_snapshot
    if before is None:
        raise Refused(f"Nothing of edition {edition.pk} was approved yet, so there is nothing to compare with.")
    return compare.differences(before, freeze.snapshot_of(edition))
