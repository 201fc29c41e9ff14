"""What is forgotten when it is old enough: a table of rules, and the night's work by slices.

Each slice is a transaction of its own, so a night that is cut short goes on where it was. Nothing is deleted while an
edition is on its way, or from a database that is locked.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from newsletter import clock, config
from newsletter.config import Config
from newsletter.deliveries import epoch
from newsletter.editions.models import Edition
from newsletter.errors import Refused
from newsletter.letters.models import Letter
from newsletter.newsletters.models import DeskSession, LoginTry, Newsletter
from newsletter.numbers import counted
from newsletter.subscribers import uploads
from newsletter.tracking import clerk, rollup
from newsletter.tracking.models import Alert, Clerk, Event, ReturnedMail

JOB = "retention"
SLICE = 5_000
EVERY = timedelta(hours=20)  # nightly, whenever in the night it was the last time
NIGHT = range(1, 6)  # hours of the first newsletter's day
LATE = timedelta(days=3)  # after that by day too: not every machine runs at night
ON_ITS_WAY = (Edition.Status.PLANNING, Edition.Status.SENDING)
State, Outcome = Event.State, ReturnedMail.Outcome
Rows = Callable[[datetime], QuerySet[Any]]
Count = Callable[[datetime], int]


@dataclass(frozen=True)
class Term:
    """How long something is kept."""

    months: int = 0
    days: int = 0

    def before(self, now: datetime) -> datetime:
        return clock.months_before(now, self.months) - timedelta(days=self.days)

    def __str__(self) -> str:
        if not self.months and not self.days:
            return "until they end"
        return counted(self.months, "month") if self.months else counted(self.days, "day")


@dataclass(frozen=True)
class Rule:
    """`count` tells how many are older than a moment; `take` does away with so many of them, and says how many."""

    name: str
    words: str
    term: Callable[[Config], Term]
    count: Count
    take: Callable[[datetime, int], int]


@dataclass(frozen=True)
class Due:
    """What a rule would do away with now, or did."""

    name: str
    words: str
    kept: str
    count: int


def _plain(name: str, words: str, term: Callable[[Config], Term], rows: Rows) -> Rule:
    """Rows that are deleted, and that is all."""

    def take(before: datetime, most: int) -> int:
        found = rows(before)
        ids = list(found.order_by("pk").values_list("pk", flat=True)[:most])
        found.model.objects.filter(pk__in=ids).delete()
        return len(ids)

    return Rule(name, words, term, _count(rows), take)


def _count(rows: Rows) -> Count:
    return lambda before: rows(before).count()


def _heads(before: datetime) -> QuerySet[ReturnedMail]:
    return ReturnedMail.objects.filter(outcome=Outcome.QUARANTINED, head__isnull=False, read_at__lt=before)


def _empty_heads(before: datetime, most: int) -> int:
    ids = list(_heads(before).values_list("pk", flat=True)[:most])
    return ReturnedMail.objects.filter(pk__in=ids).update(head=None)


def _harmless(before: datetime) -> QuerySet[ReturnedMail]:
    outcomes = [Outcome.NOTHING, Outcome.QUARANTINED, Outcome.DISMISSED]
    return ReturnedMail.objects.filter(outcome__in=outcomes, read_at__lt=before)


RULES = (
    Rule(
        "copies",
        "copies and the reports of them, into totals",
        lambda c: Term(months=c.keep_copies_months),
        _count(rollup.old_copies),
        rollup.take_copies,
    ),
    Rule(
        "clicks",
        "counted clicks, into totals",
        lambda c: Term(months=c.keep_clicks_months),
        _count(rollup.old_clicks),
        rollup.take_clicks,
    ),
    _plain(
        "reports",
        "reports that name an address and no copy",
        lambda c: Term(months=c.keep_copies_months),
        lambda before: Event.objects.filter(delivery_id=None, state=State.APPLIED, received_at__lt=before),
    ),
    _plain(
        "parked",
        "reports about copies that nobody knows",
        lambda c: Term(days=c.keep_returned_days),
        lambda before: Event.objects.filter(state=State.PARKED, received_at__lt=before),
    ),
    Rule(
        "quarantined",
        "beginnings of mail in quarantine",
        lambda c: Term(days=c.keep_returned_days),
        _count(_heads),
        _empty_heads,
    ),
    _plain("returned", "returned mail that changed nothing", lambda _: Term(days=180), _harmless),
    _plain(
        "bounces",
        "returned mail that was acted on",
        lambda c: Term(months=c.keep_copies_months),
        lambda before: ReturnedMail.objects.filter(read_at__lt=before),
    ),
    _plain(
        "letters",
        "letters that are through",
        lambda c: Term(months=c.keep_letters_months),
        lambda before: Letter.objects.filter(finished_at__lt=before),
    ),
    _plain(
        "alerts",
        "alerts that are over",
        lambda c: Term(months=c.keep_letters_months),
        lambda before: Alert.objects.filter(ended_at__lt=before),
    ),
    Rule(
        "uploads",
        "files of readers that nobody imported",
        lambda _: Term(days=uploads.KEPT.days),
        lambda before: len(uploads.old(before)),
        uploads.sweep,
    ),
    _plain(
        "logins",
        "attempts to sign in",
        lambda _: Term(days=30),
        lambda before: LoginTry.objects.filter(at__lt=before),
    ),
    _plain(
        "sessions",
        "sessions of the desk that ended",
        lambda _: Term(),
        lambda before: DeskSession.objects.filter(expire_date__lt=before),
    ),
)


def due(now: datetime | None = None) -> list[Due]:
    """What would be done away with now, by rule. Changes nothing."""
    now = now or timezone.now()
    terms = [(rule, rule.term(config.current())) for rule in RULES]
    return [Due(rule.name, rule.words, str(term), rule.count(term.before(now))) for rule, term in terms]


def keep_next(now: datetime | None = None) -> bool:
    """One slice of the night's work, where it is due; True while there may be more."""
    now = now or timezone.now()
    with transaction.atomic():
        row = clerk.mine(JOB)
        return row is not None and _is_due(row, now) and _slice(row, now)


def keep_all(now: datetime | None = None) -> Iterator[tuple[str, int]]:
    """All that is due, whatever the hour; yields each slice's rule and how many. Raises Refused."""
    now = now or timezone.now()
    for rule in RULES:
        while (done := _taken(rule, now)) > 0:
            yield rule.name, done


@transaction.atomic
def _taken(rule: Rule, now: datetime) -> int:
    if why := epoch.fault():
        raise Refused(f"Nothing is deleted while the database is locked. {why}", hint="newsletter unlock --reason TEXT")
    if clerk.mine(JOB) is None:
        raise Refused("A worker is at it this moment.", hint="newsletter retention --dry-run")
    return rule.take(rule.term(config.current()).before(now), SLICE)


def _is_due(row: Clerk, now: datetime) -> bool:
    since = now - row.ran_at if row.ran_at else LATE
    hour = now.astimezone(ZoneInfo(Newsletter.objects.values_list("zone", flat=True).first() or "UTC")).hour
    if since < EVERY or (since < LATE and hour not in NIGHT):
        return False
    return not Edition.objects.filter(status__in=ON_ITS_WAY).exists() and not epoch.fault()


def _slice(row: Clerk, now: datetime) -> bool:
    """The first rule that has something takes a slice; when none has, the night is over. The row counts along.

    Rules that are through are not asked again in this night: finding nothing may mean a look at every event.
    """
    begun = {} if row.found.get("through", True) else row.found
    reached = max((at for at, rule in enumerate(RULES) if rule.name in begun), default=0)
    for rule in RULES[reached:]:
        if done := rule.take(rule.term(config.current()).before(now), SLICE):
            row.found = {**begun, rule.name: begun.get(rule.name, 0) + done, "through": False}
            row.save(update_fields=["found"])
            return True
    clerk.done(row, **{**begun, "through": True})
    return False
