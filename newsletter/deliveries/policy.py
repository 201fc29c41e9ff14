"""What becomes of unknown copies that neither evidence nor a person has decided: the newsletter's policy.

A person chooses it, knowing how many copies it concerns; every tick follows it. It decides about a copy once: what it
had sent again and was lost again waits for a person, and so does what a restored database cannot know about. What may
have been in a request that the provider took is never sent again by it.
"""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import Now

from newsletter.deliveries import epoch, resolve
from newsletter.deliveries.models import Batch
from newsletter.editions.models import Edition
from newsletter.newsletters import audit
from newsletter.newsletters.models import AuditEntry, Newsletter

OnUnknown = Newsletter.OnUnknown


@dataclass(frozen=True)
class Concerned:
    """What a policy would decide about, as things stand."""

    copies: int
    editions: int


def follow() -> int:
    """Decide about what has been unknown for longer than its newsletter's `unknown_after`. Returns how many copies."""
    newsletters = Newsletter.objects.exclude(on_unknown=OnUnknown.HOLD)
    due = [batch for newsletter in newsletters for batch in _due(newsletter).order_by("pk")]
    if not due or epoch.fault():
        return 0
    return sum(_follow(batch) for batch in due)


def concerned(newsletter: Newsletter) -> Concerned:
    """Unknown copies that wait for this newsletter's policy, however long."""
    found = _open(newsletter).aggregate(copies=Sum("unknown", default=0), editions=Count("edition", distinct=True))
    return Concerned(**found)


@transaction.atomic
def _follow(batch: Batch) -> int:
    """Looks again under the locks: another tick, or a person, may have been faster."""
    edition = Edition.objects.select_for_update().get(pk=batch.edition_id)
    newsletter = Newsletter.objects.select_for_update().get(pk=edition.newsletter_id)
    if newsletter.on_unknown == OnUnknown.HOLD or not _due(newsletter).filter(pk=batch.pk).exists():
        return 0
    decision = resolve.Decision(newsletter.on_unknown)
    count = resolve.settle(batch, decision, "the newsletter's policy", by_policy=True)
    audit.record(None, "resolve", f"batch {batch.pk}", decision=decision.value, copies=count, **_chosen_by(newsletter))
    return count


def _open(newsletter: Newsletter) -> QuerySet[Batch]:
    batches = Batch.objects.filter(edition__newsletter=newsletter, unknown__gt=0, by_hand=False)
    if newsletter.on_unknown == OnUnknown.RESEND:
        batches = batches.exclude(resolve.taken_after_all())
    return batches.exclude(edition__status=Edition.Status.CANCELLED)


def _due(newsletter: Newsletter) -> QuerySet[Batch]:
    return _open(newsletter).filter(status=Batch.Status.UNKNOWN, finished_at__lte=Now() - newsletter.unknown_after)


def _chosen_by(newsletter: Newsletter) -> dict[str, int | None]:
    """The entry of the record by which this policy was chosen, and the id of who chose it (None: the system)."""
    chosen = AuditEntry.objects.filter(
        subject=f"newsletter {newsletter.slug}", detail__on_unknown=newsletter.on_unknown
    ).first()
    return {"policy": chosen.pk if chosen else None, "chosen_by": chosen.staff_id if chosen else None}
