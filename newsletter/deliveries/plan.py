"""Planning: who gets a copy, and in which batch. It renders nothing.

An edition is planned in slices of its newsletter's subscriptions, by id. A slice is one transaction that moves the
edition's `planned_until`, makes the batches, and writes a delivery for every candidate, excluded ones included. Two
planners, or one that died, change nothing: whoever moves `planned_until` first has the slice.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from newsletter import config, faults
from newsletter.deliveries import canary, ramp, rows, telling
from newsletter.deliveries.candidates import Slice, everybody
from newsletter.deliveries.cut import SliceMovedError, cut
from newsletter.deliveries.models import Batch, Delivery
from newsletter.editions import approve, freeze, look
from newsletter.editions.models import Edition
from newsletter.subscribers.models import Subscription

SLICE = 50_000
NO_END = 2**62  # beyond every id of a subscription
TRIES = 5
Status = Edition.Status
STILL_REACHING = (Status.PLANNING, Status.SENDING, Status.PAUSED, Status.HELD)  # readers who have no copy yet


def begin_due(now: datetime | None = None, *, locked: str = "") -> int:
    """Start planning every scheduled edition whose time has come; those too late are held. Returns how many began.

    `locked` is why nothing may be sent at all (see epoch.py), or "".
    """
    if locked:
        return 0
    now = now or timezone.now()
    due = Edition.objects.filter(status=Status.SCHEDULED, send_at__lte=now).select_related("newsletter", "parent")
    return sum(_begin(edition, now) for edition in due)


def plan_next(batch_size: int) -> bool:
    """Plan one slice of one edition; True if it found any work. `batch_size` is the transport's."""
    edition = Edition.objects.filter(status=Status.PLANNING).order_by("send_at", "pk").first()
    if edition is None:
        return False
    size = min(batch_size, config.current().daily_quota or batch_size)  # a larger one would never fit a day
    for _ in range(TRIES):
        try:
            _plan_slice(edition, size)
        except SliceMovedError:
            continue
        break
    return True


def waiting() -> int:
    """How many editions are being planned."""
    return Edition.objects.filter(status=Status.PLANNING).count()


def audience(edition: Edition) -> int:
    """How many readers would get a copy if planning happened now, by the ramp's cap too."""
    return ramp.capped(edition, Slice(edition, NO_END).mailable())


def _begin(edition: Edition, now: datetime) -> bool:
    if edition.send_at is not None and now - edition.send_at > edition.newsletter.max_lateness:
        approve.hold(edition, f"Its time, {edition.send_at:%d %B %Y %H:%M} UTC, passed while nothing ran.")
        return False
    if not freeze.is_intact(edition):
        if Edition.objects.filter(pk=edition.pk, content_hash=edition.content_hash).exists():  # not dated anew just now
            approve.hold(edition, "Its content is no longer what was approved.")
        return False
    if (parent := edition.parent) is not None and parent.status in STILL_REACHING:
        approve.hold(
            edition,
            f"Edition {parent.pk} is {parent.status}: whoever gets it from now on would miss its correction."
            " Let it end or cancel it, then schedule this one.",
        )
        return False
    if not look.look_before_late_start(edition, now):
        return False
    # Whoever schedules it anew in this moment is obeyed, and so is the look that holds it.
    scheduled = Edition.objects.filter(
        pk=edition.pk, status=Status.SCHEDULED, send_at=edition.send_at, content_hash=edition.content_hash
    )
    readers = everybody(edition)
    chosen = {} if edition.planned else _chosen(readers)
    with transaction.atomic():
        begun = scheduled.update(status=Status.PLANNING, audience_until=readers.until, started_at=now, **chosen)
        if begun:
            edition.started_at = now
            telling.began(edition)
    return bool(begun)


def _chosen(readers: Slice) -> dict[str, Any]:
    """What is frozen when planning begins; one that was held in mid-plan keeps what it began with."""
    edition = readers.edition
    edition.alive_since = edition.alive_last = None  # from an earlier beginning that came to nothing
    bound = ramp.bound(readers)
    share = canary.share(edition, lambda: ramp.capped(edition, readers.mailable()))
    return {**bound, "canary_share": share, "open_wave": 0 if share else 1}


def _plan_slice(edition: Edition, batch_size: int) -> None:
    if edition.planned_until >= (edition.audience_until or 0):
        _finish(edition)
        return
    work = Slice(edition, _slice_end(edition))
    with transaction.atomic():
        mine = Edition.objects.filter(pk=edition.pk, status=Status.PLANNING, planned_until=edition.planned_until)
        if not mine.update(planned_until=work.until):
            return  # another planner has this slice
        planned, excluded = cut(work, batch_size)
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


def _finish(edition: Edition) -> None:
    """Let the batches go, if they hold exactly the planned readers."""
    readers = Batch.objects.filter(edition=edition).aggregate(readers=Sum("size"))["readers"] or 0
    if readers != edition.planned:
        approve.hold(edition, f"The plan does not add up: {edition.planned} planned, {readers} in batches.")
    elif not edition.planned:
        approve.hold(edition, "Nobody can be mailed: the newsletter has no active reader.")
    else:
        rows.measured(Delivery)
        Edition.objects.filter(pk=edition.pk, status=Status.PLANNING).update(status=Status.SENDING)
