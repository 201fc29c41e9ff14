"""Steps of the newsroom's week that did not happen in time."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet

from newsletter import clock
from newsletter.editions import draft, week
from newsletter.editions.models import Edition
from newsletter.editions.week import Run
from newsletter.newsletters.models import Newsletter
from newsletter.tracking.findings import MORNING, PAGE, Finding, about, due

DRAFTED_WITHIN = timedelta(minutes=15)  # after the cut-off
APPROVED_BEFORE = timedelta(hours=1)  # before the send; staff were reminded before
LET_GO_BEFORE = timedelta(minutes=10)  # the same where no review is asked for
STARTED_WITHIN = timedelta(minutes=5)
HELD_BEFORE, HELD_AFTER = timedelta(hours=2), timedelta(days=1)  # around its time a held edition cannot wait
Status = Edition.Status


def not_drafted(now: datetime) -> Iterator[Finding]:
    """Cut-offs that passed and nobody saw to."""
    for newsletter in Newsletter.objects.order_by("pk"):
        run = week.last_closed(draft.schedule_of(newsletter), now)
        asked_for = not run.skipped and newsletter.rhythm_from < run.cutoff_at < now - DRAFTED_WITHIN
        if asked_for and _is_missing(newsletter, run):
            yield _not_drafted(newsletter, run)


def _is_missing(newsletter: Newsletter, run: Run) -> bool:
    edition = draft.of_run(newsletter, run)
    return edition is None or (edition.status == Status.DRAFT and edition.closed_at is None)


def _not_drafted(newsletter: Newsletter, run: Run) -> Finding:
    when = clock.local(run.send_at, newsletter.zone)
    return Finding(
        f"not-drafted:{newsletter.pk}:{run.day}",
        PAGE,
        f"{newsletter.name} has no draft for {when}, though its cut-off has passed.",
        f"newsletter edition compose --newsletter {newsletter.slug}",
    )


def not_approved(now: datetime) -> Iterator[Finding]:
    """Editions whose time is near or over, and nobody approved or scheduled them."""
    by_itself = Q(newsletter__review=Newsletter.Review.AUTO, by_hand=False)
    near = (by_itself & Q(send_at__lt=now + LET_GO_BEFORE)) | (~by_itself & Q(send_at__lt=now + APPROVED_BEFORE))
    waiting = _editions().filter(
        near, status__in=[Status.DRAFT, Status.APPROVED], send_at__gt=F("newsletter__rhythm_from")
    )
    for edition in waiting.filter(kind=Edition.Kind.REGULAR):
        lacks = "approved" if edition.status == Status.DRAFT else "scheduled"
        verb = "edition approve" if edition.status == Status.DRAFT else "edition schedule"
        yield about(edition, "not-approved", PAGE, f"is due on {due(edition)} and not {lacks}.", verb)
    yield from _without_time(now)


def _without_time(now: datetime) -> Iterator[Finding]:
    """Editions that were reopened after their time and wait for another one."""
    waiting = _editions().filter(kind=Edition.Kind.REGULAR, status__in=[Status.DRAFT, Status.APPROVED], send_at=None)
    for edition in waiting.filter(period_start__isnull=False):
        schedule = draft.schedule_of(edition.newsletter)
        monday = edition.period_start or now.date()
        if week.run_on(schedule, monday + timedelta(days=schedule.weekday)).send_at <= now:
            words = f"is {edition.status}, and its time is over: nobody named another."
            yield about(edition, "not-approved", MORNING, words, "edition schedule")


def not_started(now: datetime) -> Iterator[Finding]:
    """Scheduled editions whose time has passed."""
    for edition in _editions().filter(status=Status.SCHEDULED, send_at__lt=now - STARTED_WITHIN):
        yield about(edition, "not-started", PAGE, f"was due on {due(edition)} and has not begun.", "edition audit")


def held(now: datetime) -> Iterator[Finding]:
    """Held editions: around their time they are urgent, else they only wait for a decision."""
    for edition in _editions().filter(status=Status.HELD):
        urgent = edition.send_at is not None and -HELD_BEFORE < now - edition.send_at < HELD_AFTER
        yield about(edition, "held", PAGE if urgent else MORNING, f"is held. {edition.status_reason}".strip())


def _editions() -> QuerySet[Edition]:
    return Edition.objects.select_related("newsletter").order_by("pk")
