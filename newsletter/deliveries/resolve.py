"""What becomes of unknown copies: the provider's evidence, else a person's decision; and of those that were refused.

Only these verbs move unknown or rejected copies, each on the record with a name and a count; a newsletter's policy
(policy.py) goes by them too. A copy that goes out again goes in a new batch: the old one and its attempts stay as they
were.
"""

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum

from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet
from django.db.models.functions import Least, Now
from django.utils import timezone

from newsletter.deliveries.models import Attempt, Batch, Delivery
from newsletter.editions import approve
from newsletter.editions.models import Edition
from newsletter.errors import Refused
from newsletter.newsletters import audit
from newsletter.newsletters.models import Staff

Status = Delivery.Status
_WHOLE = re.compile(r"[0-9]{1,9}")  # "2.3" is the third request of the second attempt: a part of the batch
ANSWERED = (Status.ACCEPTED, Status.REJECTED)  # what an answer says for good
_LEFT_OPEN = ("", "unknown", "mixed")  # outcomes of attempts that may have left unknown copies


class Decision(StrEnum):
    """What shall be taken as the truth about copies whose answer got lost."""

    ACCEPTED = "accepted"  # there is evidence outside: a provider's log, a reader who has it
    RESEND = "resend"  # rather twice than not at all
    DROP = "drop"  # rather not at all than twice


@transaction.atomic
def resolve(batch: Batch, decision: Decision, staff: Staff | None, reason: str) -> int:
    """Decide on a batch's unknown copies; returns how many. Raises Refused when there are none."""
    count = settle(batch, decision, reason)
    audit.record(staff, "resolve", f"batch {batch.pk}", decision=decision.value, copies=count, reason=reason)
    return count


@transaction.atomic
def resolve_all(edition: Edition, decision: Decision, staff: Staff | None, reason: str, copies: int) -> int:
    """Decide on all of an edition's unknown copies, if they are as many as a person saw. Raises Refused."""
    Edition.objects.select_for_update().get(pk=edition.pk)
    batches = unknown_batches(edition)
    if (found := sum(batch.unknown for batch in batches)) != copies or not copies:
        raise Refused(f"There are {found:,} unknown copies by now. Nothing was decided: please look again.")
    return sum(resolve(batch, decision, staff, reason) for batch in batches)


@transaction.atomic
def by_evidence(batch: Batch, request: str) -> int:
    """Believe the provider that it took a request: its unknown copies are accepted. Returns how many.

    `request` is what the request called itself (nl_attempt). One that held the whole batch was taken for all or for
    nobody; one that held a part proves nothing about others than the copy that an event is about. Evidence that comes
    before the answer is given up is kept for then.
    """
    if not _WHOLE.fullmatch(request):
        return 0
    told = Attempt.objects.filter(batch=batch, number=int(request), outcome__in=_LEFT_OPEN)
    if not told.exists():
        return 0
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    told.filter(proven_at=None).update(proven_at=Now())
    return take_proven(batch)


def take_proven(batch: Batch) -> int:
    """Accept a batch's unknown copies if evidence stands behind each; returns how many. Call it with its row locked."""
    left_open = list(batch.attempts.filter(outcome__in=_LEFT_OPEN).values_list("proven_at", flat=True))
    if not left_open or None in left_open:
        return 0  # which copy is of which attempt is not written down
    unknown = batch.deliveries.filter(status=Status.UNKNOWN)
    count = _take_as(unknown, batch, Decision.ACCEPTED, "the provider told of their request")
    if count:
        audit.record(None, "resolve", f"batch {batch.pk}", decision="evidence", copies=count)
    return count


def answered_late(batch: Batch, status: Status, reason: str, copies: Sequence[int], *, blocked: bool = False) -> int:
    """Believe the answer to the request that these unknown copies were in. Call it with the batch's row locked."""
    unknown = batch.deliveries.filter(pk__in=copies, status=Status.UNKNOWN)
    count = unknown.update(status=status, reason=reason[:200], updated_at=timezone.now())
    changes = {status.value: F(status.value) + count, "unknown": F("unknown") - count}
    Batch.objects.filter(pk=batch.pk).update(**changes, blocked=F("blocked") + count * blocked)
    done_if_settled(batch)
    audit.record(None, "resolve", f"batch {batch.pk}", decision="late answer", status=status.value, copies=count)
    return count


def taken_after_all() -> Exists:
    """Of batches: whether the provider told, late, that it took a request that some unknown copies may have been in."""
    late = Q(outcome="accepted", fence=OuterRef("fence") - 1)  # the sweep raised the fence before the answer came
    return Exists(Attempt.objects.filter(late | Q(proven_at__isnull=False), batch=OuterRef("pk")))


def was_taken(batch: Batch) -> bool:
    """Whether sending a batch's unknown copies again is likely to give somebody a second one."""
    return Batch.objects.filter(taken_after_all(), pk=batch.pk).exists()


def settle(batch: Batch, decision: Decision, reason: str, *, by_policy: bool = False) -> int:
    """What `resolve` does, without its entry in the record. Call it in a transaction. Raises Refused."""
    edition = Edition.objects.select_for_update().get(pk=batch.edition_id)  # it must not be closed while copies move
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    unknown = batch.deliveries.filter(status=Status.UNKNOWN)
    if not unknown.exists():
        raise Refused(f"Batch {batch.pk} has no unknown copies.", hint=f"newsletter batch list --edition {edition.pk}")
    if decision == Decision.RESEND:
        if edition.status == Edition.Status.CANCELLED:
            raise Refused(f"Edition {edition.pk} is cancelled; nothing of it goes out again.")
        return send_again(unknown, f"sent again: {reason}", by_policy=by_policy)
    return _take_as(unknown, batch, decision, reason)


def _take_as(unknown: QuerySet[Delivery], batch: Batch, decision: Decision, reason: str) -> int:
    # Dropped copies are skipped, not rejected: those a retry would offer again.
    status = Status.ACCEPTED if decision == Decision.ACCEPTED else Status.SKIPPED
    word = "taken as accepted" if decision == Decision.ACCEPTED else "dropped"
    count = unknown.update(status=status, reason=f"{word}: {reason}"[:200], updated_at=timezone.now())
    column = status.value
    Batch.objects.filter(pk=batch.pk).update(**{column: F(column) + count, "unknown": F("unknown") - count})
    done_if_settled(batch)
    return count


def done_if_settled(batch: Batch) -> None:
    """A batch that only waited for the decision is done; one that still has work goes on."""
    Batch.objects.filter(pk=batch.pk, unknown=0, status=Batch.Status.UNKNOWN).update(status=Batch.Status.DONE)


@transaction.atomic
def retry(edition: Edition, staff: Staff | None) -> int:
    """Offer an edition's rejected copies once more, in new batches; returns how many. Raises Refused.

    Accepted and unknown ones are never touched.
    """
    edition = Edition.objects.select_for_update().get(pk=edition.pk)
    if edition.status not in (Edition.Status.SENDING, Edition.Status.PAUSED, Edition.Status.SENT):
        raise Refused(f"Edition {edition.pk} is {edition.status}; nothing of it was refused by a transport.")
    if edition.rolled_up_at is not None:
        raise Refused(f"Edition {edition.pk} is so old that its copies are only totals; none can go out again.")
    rejected = edition.deliveries.filter(status=Status.REJECTED)
    count = send_again(rejected, "")
    if not count:
        raise Refused(f"Edition {edition.pk} has no rejected copies.")
    audit.record(staff, "retry", f"edition {edition.pk}", copies=count)
    return count


@transaction.atomic
def cancel(edition: Edition, staff: Staff | None) -> int:
    """Give an edition up, also in the middle of its send; returns how many copies will not go out.

    What is being handed over this moment is still recorded. Raises Refused when it was sent or cancelled already.
    """
    edition = Edition.objects.select_for_update().get(pk=edition.pk)
    if edition.status not in (Edition.Status.SENDING, Edition.Status.PAUSED):
        approve.cancel(edition, staff)
        return 0
    waiting = Batch.objects.select_for_update().filter(
        edition=edition, status__in=[Batch.Status.PENDING, Batch.Status.CLAIMED]
    )
    count = sum(give_up(batch) for batch in waiting)
    edition.status, edition.status_reason = Edition.Status.CANCELLED, f"cancelled with {count} copies still waiting"
    edition.save(update_fields=["status", "status_reason"])
    audit.record(staff, "cancel", f"edition {edition.pk}", copies=count)
    return count


def give_up(batch: Batch) -> int:
    """Skip what a cancelled edition's batch has not handed over; returns how many copies."""
    pending = batch.deliveries.filter(status=Status.PENDING)
    count = pending.update(status=Status.SKIPPED, reason="the edition was cancelled", updated_at=timezone.now())
    batch.status, batch.fence, batch.lease_until = Batch.Status.CANCELLED, batch.fence + 1, None
    batch.skipped += count
    batch.finished_at = timezone.now()
    batch.save(update_fields=["status", "fence", "lease_until", "skipped", "finished_at"])
    return count


def send_again(copies: QuerySet[Delivery], reason: str, *, by_policy: bool = False) -> int:
    """Move copies to new batches of their renderings, pending; returns how many. Call it in a transaction."""
    moved = 0
    for pk in list(Batch.objects.filter(deliveries__in=copies).distinct().order_by("pk").values_list("pk", flat=True)):
        old = Batch.objects.select_for_update().get(pk=pk)
        # Locked, so that no event tells of one that is offered again in the same moment.
        theirs = list(copies.filter(batch=old).select_for_update(of=("self",)).values_list("pk", "status"))
        if not theirs:
            continue
        new = _sibling(old, len(theirs), by_policy=by_policy)
        Delivery.objects.filter(pk__in=[pk for pk, _ in theirs]).update(
            batch=new, status=Status.PENDING, reason=reason[:200], updated_at=timezone.now()
        )
        _take_from(old, [status for _, status in theirs])
        moved += len(theirs)
        Edition.objects.filter(pk=old.edition_id, status=Edition.Status.SENT).update(
            status=Edition.Status.SENDING, finished_at=None
        )
    return moved


def _sibling(old: Batch, size: int, *, by_policy: bool) -> Batch:
    """A new batch of the same rendering, mailbox provider and wave."""
    number = 1 + Batch.objects.filter(edition_id=old.edition_id).aggregate(last=Max("number"))["last"]
    return Batch.objects.create(
        edition_id=old.edition_id,
        rendering_id=old.rendering_id,
        number=number,
        mailbox=old.mailbox,
        wave=old.wave,
        by_hand=old.by_hand or by_policy,
        size=size,
    )


def _take_from(old: Batch, statuses: Iterable[str]) -> None:
    """The old batch shrinks by what left it, so that sizes still sum up to the planned readers."""
    listed = list(statuses)
    rejected, unknown = listed.count(Status.REJECTED), listed.count(Status.UNKNOWN)
    Batch.objects.filter(pk=old.pk).update(
        size=F("size") - len(listed),
        rejected=F("rejected") - rejected,
        unknown=F("unknown") - unknown,
        blocked=Least("blocked", F("rejected") - rejected + F("bounced")),  # a part of these two
    )
    done_if_settled(old)


def unknown_batches(edition: Edition | None = None) -> list[Batch]:
    """The batches that wait for a decision, with how many copies."""
    batches = Batch.objects.filter(unknown__gt=0).select_related("edition__newsletter").order_by("pk")
    return list(batches.filter(edition=edition) if edition else batches)
