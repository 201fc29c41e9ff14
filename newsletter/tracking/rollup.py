"""What is too old to be kept one by one becomes totals, a slice at a time, so that every report keeps its numbers.

An edition's totals are written before its first copy goes, and from then on every figure is read from them: whoever
asks in between, or after a crash, gets the same numbers. Clicks are added to their totals in the transaction that
deletes them.
"""

from collections import Counter
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from newsletter.deliveries import status
from newsletter.deliveries.models import Batch, Delivery, Totals
from newsletter.editions.models import Edition
from newsletter.recordset import among
from newsletter.tracking import report
from newsletter.tracking.models import Click, ClickTotal, Event

OVER = (Edition.Status.SENT, Edition.Status.CANCELLED)
OPEN = (Event.State.WAITING, Event.State.HELD)


def old_copies(before: datetime) -> QuerySet[Delivery]:
    """The copies of editions that began before a moment and are over."""
    return Delivery.objects.filter(edition__in=_due(before))


def take_copies(before: datetime, most: int) -> int:
    """Delete up to `most` copies with what was reported of them, of one edition; returns how many."""
    for edition in _due(before).defer("snapshot", "void_snapshot").order_by("pk").iterator(chunk_size=10):
        if edition.rolled_up_at is None:
            _total(edition.pk)
        if deleted := _delete(edition, most):
            return deleted
    return 0


def old_clicks(before: datetime) -> QuerySet[Click]:
    """Clicks in editions that began before a moment."""
    return Click.objects.filter(edition__started_at__lt=before)


@transaction.atomic
def take_clicks(before: datetime, most: int) -> int:
    """Add up to `most` clicks to their totals and delete them; returns how many."""
    rows = list(
        old_clicks(before).order_by("edition_id").values_list("pk", "edition_id", "kind", "item", "machine")[:most]
    )
    for (edition, kind, item, machine), n in Counter(row[1:] for row in rows).items():
        total, _ = ClickTotal.objects.get_or_create(edition_id=edition, kind=kind, item=item, machine=machine)
        ClickTotal.objects.filter(pk=total.pk).update(count=F("count") + n)
    Click.objects.filter(pk__in=among([row[0] for row in rows])).delete()
    return len(rows)


def _due(before: datetime) -> QuerySet[Edition]:
    """Nothing is open about them: no copy whose answer got lost, no report that waits, no correction on its way."""
    unknown = Batch.objects.filter(edition=OuterRef("pk"), unknown__gt=0)
    reports = Event.objects.filter(edition=OuterRef("public_id"), state__in=OPEN)
    correction = Edition.objects.filter(parent=OuterRef("pk")).exclude(status__in=OVER)
    over = Edition.objects.filter(status__in=OVER, started_at__lt=before)
    left = over.filter(Q(totals=None) | Q(totals__gone_at=None))
    return left.exclude(Exists(unknown)).exclude(Exists(reports)).exclude(Exists(correction))


@transaction.atomic
def _total(pk: int) -> None:
    edition = Edition.objects.select_for_update().get(pk=pk)
    copies = Counter[tuple[str, str]]()
    for state, reason, n in status.copies(edition):
        copies[state, _shared(state, reason, n)] += n
    told = [[*what, n] for what, n in report.failures(edition).items()]
    Totals.objects.create(edition=edition, copies=[[*what, n] for what, n in copies.most_common()], failures=told)
    Edition.objects.filter(pk=pk).update(rolled_up_at=timezone.now())


def _shared(state: str, reason: str, copies: int) -> str:
    """A server's words about one reader alone may name them, so they are counted without."""
    theirs = state in report.PROBLEMS and state != Delivery.Status.SKIPPED
    return report.OTHER if theirs and reason and copies == 1 else reason


@transaction.atomic
def _delete(edition: Edition, most: int) -> int:
    # By reader: that is the order of the index.
    copies = Delivery.objects.filter(edition=edition).order_by("subscriber_id")
    ids = list(copies.values_list("pk", flat=True)[:most])
    Event.objects.filter(delivery_id__in=among(ids)).delete()
    Delivery.objects.filter(pk__in=among(ids)).delete()
    if not copies.exists():
        Totals.objects.filter(edition=edition).update(gone_at=timezone.now())
    return len(ids)
