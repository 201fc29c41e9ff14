"""Planning: who gets a copy, and in which batch. It renders nothing.

An edition is planned in slices of its newsletter's subscriptions, by id. A slice is one transaction that moves the
edition's `planned_until`, makes the batches, and writes a delivery for every candidate, excluded ones included. Two
planners, or one that died, change nothing: whoever moves `planned_until` first has the slice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Sum
from django.utils import timezone

from newsletter import faults
from newsletter.deliveries.models import Batch
from newsletter.editions import approve, freeze
from newsletter.editions.models import Edition, Rendering
from newsletter.subscribers.models import Subscription

SLICE = 50_000
TRIES = 5
Status = Edition.Status

# Candidates are the active and paused subscriptions; `reason` is why one gets no copy, or empty.
_CANDIDATES = """
    SELECT sub.id, sub.subscriber_id, per.address_key, sub.topic_set,
           CASE WHEN per.email IS NULL THEN 'erased'
                WHEN sup.id IS NOT NULL THEN 'suppressed: ' || sup.reason
                WHEN sub.status = 'paused' THEN 'paused'
                ELSE '' END AS reason
      FROM newsletter_subscription sub
      JOIN newsletter_subscriber per ON per.id = sub.subscriber_id
      LEFT JOIN newsletter_suppression sup ON sup.address_key = per.address_key
     WHERE sub.newsletter_id = %(newsletter)s AND sub.id > %(after)s AND sub.id <= %(until)s
       AND sub.status IN ('active', 'paused')
"""
# A correction goes to those whose copy of the faulty edition was taken.
_OF_PARENT = """
       AND EXISTS (SELECT 1 FROM newsletter_delivery old
                    WHERE old.edition_id = %(parent)s AND old.subscriber_id = sub.subscriber_id
                      AND old.status IN ('accepted', 'delivered', 'bounced', 'dropped', 'complained'))
"""
_COUNT = "SELECT topic_set, reason, COUNT(*) FROM ({candidates}) found GROUP BY topic_set, reason"
_INSERT = """
INSERT INTO newsletter_delivery (edition_id, subscriber_id, batch_id, address_key, status, reason, updated_at)
SELECT %(edition)s, numbered.subscriber_id, batch.id, numbered.address_key, 'pending', '', %(now)s
  FROM (SELECT found.*, ROW_NUMBER() OVER (ORDER BY found.id) AS place FROM ({candidates}) found
         WHERE found.reason = '' AND found.topic_set {mine}) numbered
  JOIN newsletter_batch batch ON batch.edition_id = %(edition)s
   AND batch.number = %(first)s + (numbered.place - 1) / %(size)s
"""
_INSERT_EXCLUDED = """
INSERT INTO newsletter_delivery (edition_id, subscriber_id, batch_id, address_key, status, reason, updated_at)
SELECT %(edition)s, subscriber_id, NULL, address_key, 'excluded', reason, %(now)s
  FROM ({candidates}) found WHERE reason <> ''
"""


class SliceMovedError(Exception):
    """Readers left while a slice was being cut; it is cut again."""


@dataclass(frozen=True)
class _Slice:
    edition: Edition
    until: int

    @property
    def parameters(self) -> dict[str, Any]:
        return {
            "edition": self.edition.pk,
            "newsletter": self.edition.newsletter_id,
            "parent": self.edition.parent_id,
            "after": self.edition.planned_until,
            "until": self.until,
            "now": connection.ops.adapt_datetimefield_value(timezone.now()),
        }

    def execute(self, sql: str, **more: Any) -> tuple[int, list[tuple[str, str, int]]]:
        """Run a statement over the slice's candidates; how many rows, and the rows of a SELECT."""
        candidates = _CANDIDATES + (_OF_PARENT if self.edition.parent_id else "")
        with connection.cursor() as cursor:
            cursor.execute(sql.replace("{candidates}", candidates), {**self.parameters, **more})
            return cursor.rowcount, (cursor.fetchall() if cursor.description else [])


def begin_due(now: datetime | None = None, *, locked: str = "") -> int:
    """Start planning every scheduled edition whose time has come; those too late are held. Returns how many began.

    `locked` is why nothing may be sent at all (see epoch.py), or "".
    """
    if locked:
        return 0
    now = now or timezone.now()
    due = Edition.objects.filter(status=Status.SCHEDULED, send_at__lte=now).select_related("newsletter")
    return sum(_begin(edition, now) for edition in due)


def plan_next(batch_size: int) -> bool:
    """Plan one slice of one edition; True if it found any work. `batch_size` is the transport's."""
    edition = Edition.objects.filter(status=Status.PLANNING).order_by("send_at", "pk").first()
    if edition is None:
        return False
    for _ in range(TRIES):
        try:
            _plan_slice(edition, batch_size)
        except SliceMovedError:
            continue
        break
    return True


def waiting() -> int:
    """How many editions are being planned."""
    return Edition.objects.filter(status=Status.PLANNING).count()


def audience(edition: Edition) -> int:
    """How many readers would get a copy if planning happened now."""
    everything = _Slice(edition, _last_subscription(edition))
    return sum(count for _, reason, count in everything.execute(_COUNT)[1] if not reason)


def _begin(edition: Edition, now: datetime) -> bool:
    if edition.send_at is not None and now - edition.send_at > edition.newsletter.max_lateness:
        approve.hold(edition, f"Its time, {edition.send_at:%d %B %Y %H:%M} UTC, passed while nothing ran.")
        return False
    if not freeze.is_intact(edition):
        approve.hold(edition, "Its content is no longer what was approved.")
        return False
    scheduled = Edition.objects.filter(pk=edition.pk, status=Status.SCHEDULED, content_hash=edition.content_hash)
    until = _last_subscription(edition)
    return bool(scheduled.update(status=Status.PLANNING, audience_until=until, started_at=now))


def _last_subscription(edition: Edition) -> int:
    of_newsletter = Subscription.objects.filter(newsletter_id=edition.newsletter_id)
    return int(of_newsletter.aggregate(last=Max("id"))["last"] or 0)


def _plan_slice(edition: Edition, batch_size: int) -> None:
    if edition.planned_until >= (edition.audience_until or 0):
        _finish(edition)
        return
    work = _Slice(edition, _slice_end(edition))
    with transaction.atomic():
        mine = Edition.objects.filter(pk=edition.pk, status=Status.PLANNING, planned_until=edition.planned_until)
        if not mine.update(planned_until=work.until):
            return  # another planner has this slice
        counts = work.execute(_COUNT)[1]
        planned = sum(_cut(work, rendering, counts, batch_size) for rendering in edition.renderings.order_by("pk"))
        excluded = _exclude(work, counts)
        fresh = Edition.objects.get(pk=edition.pk)
        fresh.planned += planned
        for reason, count in excluded.items():
            fresh.excluded[reason] = fresh.excluded.get(reason, 0) + count
        fresh.save(update_fields=["planned", "excluded"])
        faults.point("plan.before_commit")
    faults.point("plan.after_commit")


def _slice_end(edition: Edition) -> int:
    """The id of the slice's last subscription."""
    rest = Subscription.objects.filter(
        newsletter_id=edition.newsletter_id, id__gt=edition.planned_until, id__lte=edition.audience_until
    )
    last = rest.order_by("id").values_list("id", flat=True)[SLICE - 1 : SLICE].first()
    return last or edition.audience_until or 0


def _cut(work: _Slice, rendering: Rendering, counts: Sequence[tuple[str, str, int]], size: int) -> int:
    """Make one rendering's batches of a slice, and their deliveries. Raises SliceMovedError when they do not match."""
    others = [each.topic_set for each in work.edition.renderings.exclude(pk=rendering.pk)]
    readers = sum(
        count for topics, reason, count in counts if not reason and _gets(topics, rendering.topic_set, others)
    )
    if not readers:
        return 0
    first = 1 + (Batch.objects.filter(edition=work.edition).aggregate(last=Max("number"))["last"] or 0)
    Batch.objects.bulk_create(
        Batch(edition=work.edition, rendering=rendering, number=first + at, size=min(size, readers - at * size))
        for at in range(ceil(readers / size))
    )
    condition, named = _condition(rendering.topic_set, others)
    written, _ = work.execute(_INSERT.replace("{mine}", condition), first=first, size=size, **named)
    if written != readers:
        raise SliceMovedError
    return readers


def _gets(topics: str, rendering: str, others: Sequence[str]) -> bool:
    """A topic set without a rendering of its own gets the full edition."""
    return topics == rendering or (rendering == "" and topics not in others)


def _condition(rendering: str, others: Sequence[str]) -> tuple[str, dict[str, str]]:
    if rendering:
        return "= %(topics)s", {"topics": rendering}
    if not others:
        return "IS NOT NULL", {}
    named = {f"other{number}": topics for number, topics in enumerate(others)}
    return f"NOT IN ({', '.join(f'%({name})s' for name in named)})", named


def _exclude(work: _Slice, counts: Sequence[tuple[str, str, int]]) -> dict[str, int]:
    reasons: dict[str, int] = {}
    for _, reason, count in counts:
        if reason:
            reasons[reason] = reasons.get(reason, 0) + count
    if reasons and work.execute(_INSERT_EXCLUDED)[0] != sum(reasons.values()):
        raise SliceMovedError
    return reasons


def _finish(edition: Edition) -> None:
    """Let the batches go, if they hold exactly the planned readers."""
    cut = Batch.objects.filter(edition=edition).aggregate(readers=Sum("size"))["readers"] or 0
    if cut != edition.planned:
        approve.hold(edition, f"The plan does not add up: {edition.planned} planned, {cut} in batches.")
    elif not edition.planned:
        approve.hold(edition, "Nobody can be mailed: the newsletter has no active reader.")
    else:
        Edition.objects.filter(pk=edition.pk, status=Status.PLANNING).update(status=Status.SENDING)
