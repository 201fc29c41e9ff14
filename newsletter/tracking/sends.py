"""Sends that do not get on, stopped, left something open or do not add up."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Max, Q, QuerySet, Sum
from django.db.models.functions import Now

from newsletter import config
from newsletter.deliveries import limits, status
from newsletter.deliveries.models import UNFINISHED, Attempt, Batch
from newsletter.editions.models import Edition
from newsletter.newsletters.models import AuditEntry, Newsletter
from newsletter.numbers import counted
from newsletter.tracking.findings import MORNING, PAGE, Finding, about
from newsletter.tracking.models import Alert

NO_PROGRESS = timedelta(minutes=10)
PLANNED_WITHIN = timedelta(minutes=15)
SENT_WITHIN = timedelta(hours=6)
UNKNOWN_FOR = timedelta(hours=1)
FORGOTTEN = timedelta(hours=12)  # paused by a person
JUST_FINISHED = timedelta(minutes=10)  # an edition is recounted for so long, and then while it is wrong
Status = Edition.Status


def planning_stuck(now: datetime) -> Iterator[Finding]:
    for edition in _in(Status.PLANNING).filter(started_at__lt=now - PLANNED_WITHIN):
        yield about(edition, "planning-stuck", PAGE, "is being planned and does not come to an end.", "edition audit")


def send_stuck(now: datetime) -> Iterator[Finding]:
    """Sending, with work that nothing asks to wait, and nothing got done."""
    waits = limits.standing(config.current().transport)
    for edition in _in(Status.SENDING):
        if not waits and _last_progress(edition) < now - NO_PROGRESS and _could_go_on(edition):
            yield about(edition, "send-stuck", PAGE, "is being sent and makes no progress.", "batch list --edition")


def send_slow(now: datetime) -> Iterator[Finding]:
    for edition in _in(Status.SENDING).filter(started_at__lt=now - SENT_WITHIN):
        why = limits.standing(config.current().transport)
        words = f"is not through after {SENT_WITHIN.seconds // 3600} hours. {why}".strip()
        yield about(edition, "send-slow", MORNING, words, "edition audit")


def paused(now: datetime) -> Iterator[Finding]:
    """Paused by no person: at once. Paused by one: when it seems forgotten."""
    for edition in _in(Status.PAUSED):
        entry = AuditEntry.objects.filter(subject=f"edition {edition.pk}", verb="pause").first()
        if entry is None or entry.staff_id is None:
            words = f"stopped in mid-send. {edition.status_reason}".strip()
            yield about(edition, "paused", PAGE, words, "edition resume")
        elif entry.at < now - FORGOTTEN:
            yield about(edition, "paused", MORNING, "is still paused. Was it forgotten?", "edition resume")


def unknown(now: datetime) -> Iterator[Finding]:
    """Copies that nobody can tell about, older than an hour, and older than the newsletter's policy waits."""
    left = Batch.objects.filter(unknown__gt=0, finished_at__lt=now - UNKNOWN_FOR)
    for row in left.values("edition").annotate(copies=Sum("unknown"), last=Max("finished_at")).order_by("edition"):
        edition = Edition.objects.select_related("newsletter").get(pk=row["edition"])
        newsletter = edition.newsletter
        follows = newsletter.on_unknown != Newsletter.OnUnknown.HOLD
        if follows and row["last"] > now - newsletter.unknown_after - NO_PROGRESS:
            continue  # the policy has its turn first
        words = f"has {counted(row['copies'], 'unknown copy', 'unknown copies')}: somebody has to decide."
        yield about(edition, "unknown", MORNING, words, "delivery list --status unknown --edition")


def unbalanced(now: datetime) -> Iterator[Finding]:
    """Ledgers that do not add up: the batches of every open edition, the copies of those that just ended."""
    for edition in _in(Status.SENDING, Status.PAUSED):
        counts = status.progress([edition])[0].counts
        if not counts.balanced:
            yield _unbalanced(edition, f"{counts.planned:,} readers were planned, the batches hold another number")
    for edition in _to_recount(now):
        # Twice: an event that is written between two of its queries is no fault of the ledger.
        faults = status.audit(edition).faults and status.audit(edition).faults
        if faults:
            yield _unbalanced(edition, faults[0])


def _unbalanced(edition: Edition, why: str) -> Finding:
    return about(edition, "unbalanced", PAGE, f"does not add up: {why}.", "edition audit")


def _to_recount(now: datetime) -> QuerySet[Edition]:
    wrong = Alert.objects.filter(key__startswith="unbalanced:", ended_at=None).values_list("key", flat=True)
    known = [int(key.partition(":")[2]) for key in wrong]
    return _in(Status.SENT).filter(Q(finished_at__gt=now - JUST_FINISHED) | Q(pk__in=known))


def _last_progress(edition: Edition) -> datetime:
    ended: datetime | None = edition.batches.aggregate(last=Max("finished_at"))["last"]
    tried: datetime | None = Attempt.objects.filter(batch__edition=edition).aggregate(last=Max("started_at"))["last"]
    known = (ended, tried, edition.started_at, edition.resumed_at)
    return max([edition.created_at, *(moment for moment in known if moment is not None)])


def _could_go_on(edition: Edition) -> bool:
    """There is a batch to claim, or one whose worker is gone, or nothing left and nobody closed it."""
    unfinished = edition.batches.filter(status__in=UNFINISHED)
    due = Q(not_before=None) | Q(not_before__lte=Now())
    ready = Q(due, status=Batch.Status.PENDING, wave__lte=edition.open_wave)
    return not unfinished.exists() or unfinished.filter(ready | Q(lease_until__lt=Now())).exists()


def _in(*states: Edition.Status) -> QuerySet[Edition]:
    return Edition.objects.filter(status__in=states).select_related("newsletter").order_by("pk")
