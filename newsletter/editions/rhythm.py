"""The newsroom's rhythm: what the clock asks for, done once for every slot, whoever rings and how often.

Each step is claimed by a column of the edition: `closed_at` says that the cut-off was seen to, the status all else. A
machine that was away for hours catches up; what is too late to catch up is held, and staff are told.
"""

import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import takewhile
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from newsletter import clock
from newsletter.editions import approve, draft, forbidden, look, preflight, week
from newsletter.editions.models import Edition
from newsletter.editions.week import Run, Schedule
from newsletter.errors import NewsletterError
from newsletter.letters import notices
from newsletter.newsletters import audit
from newsletter.newsletters.models import Newsletter

logger = logging.getLogger(__name__)
Status = Edition.Status
ThinWeek = Newsletter.ThinWeek
REMIND = timedelta(hours=2)  # before the send
STILL_NEWS = timedelta(days=2)  # for so long after its cut-off a date without an edition is told
FAR_BACK = timedelta(weeks=26)  # earlier runs that were missed are not counted up


def keep(now: datetime | None = None) -> None:
    """Do what is due in every newsletter, then take the last looks. One that fails does not stop the others."""
    now = now or timezone.now()
    for newsletter in Newsletter.objects.order_by("pk"):
        for step in (follow, close, let_go, remind, hold_unapproved):
            _safely(step, newsletter, now)
    look.look_due(now)


def _safely(step: Callable[[Newsletter, datetime], None], newsletter: Newsletter, now: datetime) -> None:
    try:
        step(newsletter, now)
    except Exception:
        # It is tried again at the next beat; an edition that stays behind its time raises an alert.
        logger.exception("The week of %s: %s failed", newsletter.slug, step.__name__)


def follow(newsletter: Newsletter, now: datetime) -> None:
    """A draft that waits for its cut-off goes by the newsletter's new day and time, if that still comes in its week.

    What a person approved or reopened keeps the time that they know.
    """
    schedule = draft.schedule_of(newsletter)
    waiting = _waiting(newsletter).filter(status=Status.DRAFT, closed_at=None, by_hand=False, send_at__gt=now)
    for edition in waiting:
        run = _run_of(edition, schedule)
        if run.send_at > now and run.send_at != edition.send_at:
            moved = waiting.filter(pk=edition.pk).update(send_at=run.send_at, stories_until=run.cutoff_at)
            if moved:
                audit.record(None, "move", f"edition {edition.pk}", before=edition.send_at, after=run.send_at)


def _run_of(edition: Edition, schedule: Schedule) -> Run:
    """The run of a regular edition's week, as the newsletter is set now."""
    monday = edition.period_start or edition.stories_until.date()
    return week.run_on(schedule, monday + timedelta(days=schedule.weekday))


def close(newsletter: Newsletter, now: datetime) -> None:
    """At the cut-off: compose the draft and tell staff that it is ready, thin, empty, or left out this week."""
    schedule = draft.schedule_of(newsletter)
    run = week.last_closed(schedule, now)
    if run.cutoff_at <= newsletter.rhythm_from:
        return
    edition = draft.of_run(newsletter, run)
    if run.skipped:
        _leave_out(newsletter, run, edition, now)
    elif edition is None or not edition.closed_at:
        _close(newsletter, run, now)


@transaction.atomic
def _close(newsletter: Newsletter, run: Run, now: datetime) -> None:
    Newsletter.objects.select_for_update().get(pk=newsletter.pk)  # of two beats the second finds it closed
    edition = draft.of_run(newsletter, run)
    if edition is not None and edition.closed_at:
        return
    composed = draft.compose_run(newsletter, run, now)
    Edition.objects.filter(newsletter=newsletter, period_start=run.period_start).update(closed_at=now)
    if composed:
        _give_time(composed.edition, run, now)
        _judge(composed.edition, now, _missed(newsletter, run))


def _give_time(edition: Edition, run: Run, now: datetime) -> None:
    """A draft whose own time was over when it was reopened, or is over by now, goes by its run's time again."""
    if edition.send_at is None or edition.send_at <= now < run.send_at:
        edition.send_at = run.send_at
        edition.save(update_fields=["send_at"])


def _judge(edition: Edition, now: datetime, remarks: tuple[str, ...]) -> None:
    """The newsletter's policy decides what becomes of a fresh draft, and staff are told once."""
    found, newsletter = _stories(edition), edition.newsletter
    thin = not found or found < newsletter.min_items
    if _too_late(edition, now):
        why = f"Nothing ran between its cut-off and its time, {_when(edition)}."
        approve.hold(edition, why, within=[Status.DRAFT], remarks=remarks)
    elif thin:
        _decide_thin(edition, found, remarks)
    else:
        approval = newsletter.review == Newsletter.Review.APPROVE
        _tell("draft-ready", edition, stories=found, approval=approval, remarks=remarks, **_named(edition))


def _decide_thin(edition: Edition, found: int, remarks: tuple[str, ...]) -> None:
    newsletter = edition.newsletter
    decided = newsletter.thin_week
    if decided == ThinWeek.SEND and not found:
        decided = ThinWeek.HOLD  # there is nothing to send
    why = f"A thin week: {found} of at least {newsletter.min_items} stories." if found else draft.nothing_new(edition)
    if decided == ThinWeek.SKIP:
        _give_up(edition, why)
    elif decided == ThinWeek.HOLD:
        approve.hold(edition, why, within=[Status.DRAFT], tell=False)
    _tell("thin-week", edition, found=found, least=newsletter.min_items, decided=str(decided), remarks=remarks)


@transaction.atomic
def _leave_out(newsletter: Newsletter, run: Run, edition: Edition | None, now: datetime) -> None:
    """A date without an edition: a draft that somebody made for it is given up; what is approved is theirs."""
    if edition is not None and edition.status == Status.DRAFT:
        _give_up(edition, f"{run.day:%d %B %Y} is a date without an edition.")
    if now - run.cutoff_at < STILL_NEWS:
        following = next(week.runs_after(draft.schedule_of(newsletter), run.send_at))
        notices.tell(
            newsletter, "week-skipped", f"{newsletter.slug}-{run.day}", day=str(run.day), next_at=following.send_at
        )


def let_go(newsletter: Newsletter, now: datetime) -> None:
    """Where no review is asked for: approve what stands shortly before its time, and schedule it."""
    if newsletter.review != Newsletter.Review.AUTO:
        return
    waiting = _waiting(newsletter).filter(status=Status.DRAFT, by_hand=False, closed_at__isnull=False)
    for edition in waiting.filter(send_at__lte=now + look.BEFORE):
        try:
            preflight.ask_site(edition)
            with transaction.atomic():
                _drop_forbidden(edition)
                approve.schedule(approve.approve(edition, None), edition.send_at or now, None)
        except NewsletterError as error:
            why = f"It could not be approved by itself: {error}"
            approve.hold(edition, why, within=[Status.DRAFT])


def _drop_forbidden(edition: Edition) -> None:
    """One story on hold or under embargo does not hold the whole edition: it goes without, and staff are told."""
    if dropped := forbidden.drop(edition):
        audit.record(None, "drop", f"edition {edition.pk}", stories=dropped)
        _tell("stories-dropped", edition, dropped=tuple(dropped), **_named(edition))


def remind(newsletter: Newsletter, now: datetime) -> None:
    """Say so while there is still time to approve it."""
    waiting = _waiting(newsletter).filter(status=Status.DRAFT, send_at__gt=now, send_at__lte=now + REMIND)
    if newsletter.review == Newsletter.Review.AUTO:
        waiting = waiting.filter(by_hand=True)
    for edition in waiting:
        if edition.send_at and edition.closed_at and _is_half_over(edition.closed_at, edition.send_at, now):
            _tell("approval-missing", edition, seconds_left=(edition.send_at - now).total_seconds(), **_named(edition))


def _is_half_over(since: datetime, until: datetime, now: datetime) -> bool:
    """Whoever was told of a draft just now is not reminded of it yet."""
    return now - since >= until - now


def hold_unapproved(newsletter: Newsletter, now: datetime) -> None:
    """What nobody approved, or approved and not scheduled, by its time is held.

    Not a draft whose week has another time by now, and its cut-off still before it: that gives it its new time.
    """
    schedule = draft.schedule_of(newsletter)
    for edition in _waiting(newsletter).filter(status__in=[Status.DRAFT, Status.APPROVED], send_at__lte=now):
        is_open = edition.status == Status.DRAFT and edition.closed_at is None
        if is_open and _run_of(edition, schedule).cutoff_at > now:
            continue
        lacks = "approved" if edition.status == Status.DRAFT else "scheduled"
        why = f"Nobody {lacks} it before its time, {_when(edition)}."
        approve.hold(edition, why, within=[Status(edition.status)])


def _waiting(newsletter: Newsletter) -> QuerySet[Edition]:
    regular = newsletter.editions.filter(kind=Edition.Kind.REGULAR, send_at__gt=newsletter.rhythm_from)
    return regular.select_related("newsletter").order_by("pk")


def _stories(edition: Edition) -> int:
    return edition.items.filter(dropped=False, article__isnull=False).count()


def _too_late(edition: Edition, now: datetime) -> bool:
    """Its time has passed, and nobody could review it; or more time than it may start late."""
    if edition.send_at is None or now < edition.send_at:
        return False
    by_itself = edition.newsletter.review == Newsletter.Review.AUTO
    return not by_itself or now - edition.send_at > edition.newsletter.max_lateness


def _give_up(edition: Edition, reason: str) -> None:
    Edition.objects.filter(pk=edition.pk, status=Status.DRAFT).update(status=Status.CANCELLED, status_reason=reason)
    audit.record(None, "skip", f"edition {edition.pk}", reason=reason)


def _missed(newsletter: Newsletter, run: Run) -> tuple[str, ...]:
    """A sentence about earlier runs that have no edition because nothing ran at all."""
    earlier = newsletter.editions.filter(kind=Edition.Kind.REGULAR, period_start__lt=run.period_start)
    last = earlier.order_by("-period_start").values_list("period_start", flat=True).first() or date.min
    since = week.runs_after(draft.schedule_of(newsletter), max(newsletter.rhythm_from, run.send_at - FAR_BACK))
    days = [
        f"{each.day:%d %B}"
        for each in takewhile(lambda each: each.period_start < run.period_start, since)
        if each.period_start > last and each.cutoff_at > newsletter.rhythm_from
    ]
    return (f"Nothing ran for the editions of {', '.join(days)}; their stories are in this one.",) if days else ()


def _tell(kind: str, edition: Edition, **facts: Any) -> None:
    dedupe = f"edition-{edition.pk}-{edition.send_at:%Y%m%d%H%M}"
    notices.tell(edition.newsletter, kind, dedupe, edition=edition.pk, send_at=edition.send_at, **facts)


def _named(edition: Edition) -> dict[str, Any]:
    return {"number": edition.number, "subject": edition.subject}


def _when(edition: Edition) -> str:
    return clock.local(edition.send_at, edition.newsletter.zone) if edition.send_at else "its time"
