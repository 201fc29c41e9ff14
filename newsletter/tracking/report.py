"""One edition's result as plain values: from whom it was for to who got it, with every loss explained.

Nothing here reads a row per copy: counts come from the batches, what went wrong from indexes that hold only that. So an
edition of a million readers is answered in a fraction of a second, and the desk, the command line, the mail and the
files all print the same numbers.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from django.db.models import Case, Count, FilteredRelation, OuterRef, Q, QuerySet, Subquery, When
from django.utils import timezone

from newsletter.deliveries import status
from newsletter.deliveries.models import SAID, Batch, Delivery
from newsletter.deliveries.status import Counts
from newsletter.editions.models import Edition
from newsletter.subscribers.mailboxes import Mailbox
from newsletter.subscribers.models import Consent, Subscription
from newsletter.tracking import reading
from newsletter.tracking.events import Cause, Kind
from newsletter.tracking.models import FAILURES, Event
from newsletter.tracking.reading import Reading

BEFORE = 8  # editions that this one is compared with
LEFT_WITHIN = timedelta(days=7)  # after an edition; or until the next one begins
MOST_REASONS = 8
OTHER = "other reasons"
MOST_LATER = 100  # starts that are looked at for the end of a wake; of more the last wakes end after a week
PROBLEMS = ("rejected", "skipped", "unknown", "bounced", "dropped")

CAUSES: Mapping[str, str] = {
    Cause.HARD: "no such mailbox",
    Cause.SOFT: "mailbox full or asleep",
    Cause.BLOCK: "blocked for who sends or what is sent",
    Cause.COMPLAINT: "had complained to the provider before",
    Cause.UNSUBSCRIBE: "had left at the provider before",
    Cause.NONE: "no reason given",
}
EXCLUDED: Mapping[str, str] = {
    "paused": "they pause",
    "ramp": "more readers than the ramp allows yet",
    "erased": "they had themselves forgotten",
    "suppressed: hard_bounce": "no such mailbox at an edition before",
    "suppressed: soft_bounces": "full or asleep too many times in a row",
    "suppressed: complaint": "they had called an edition spam",
    "suppressed: manual": "a person of the staff stopped it",
    "suppressed: erased": "they had themselves forgotten",
}
HOW: Mapping[str, str] = {
    "one-click": "the button of their mail program",
    "page": "our page",
    "mail": "a mail to the address for leaving",
    "provider": "a complaint, or the provider's own link",
    "staff": "somebody of the staff took them off",
    "import": "an imported file",
}


@dataclass(frozen=True)
class Row:
    """A count with its name; `why` explains it to somebody who does not know the word."""

    name: str
    count: int
    why: str = ""


@dataclass(frozen=True)
class Stage:
    """One step of the way: how many got so far, and where the others stayed. Losses and the next stage sum up to it."""

    name: str
    count: int
    losses: tuple[Row, ...] = ()


@dataclass(frozen=True)
class AtProvider:
    """Copies at one mailbox provider, and its bounces by cause."""

    name: str
    accepted: int
    delivered: int
    bounced: int
    blocked: int
    dropped: int
    deferred: int
    complained: int
    causes: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Past:
    """An edition as others are compared with it; shares are of the accepted, None where nothing was."""

    edition: int
    number: int
    sent_at: datetime | None
    accepted: int
    delivered: float | None
    bounced: float | None
    complained: int
    left: int


@dataclass(frozen=True)
class Report:
    """`unsubscribes` counts by how they left, `reasons` by what they said; `words` is what servers said most often.

    `listening` says whether anybody reports what becomes of copies: else a missing *delivered* means nothing.
    """

    edition: int
    newsletter: str
    number: int
    subject: str
    status: str
    sent_at: datetime | None
    listening: bool
    stages: tuple[Stage, ...]
    mailboxes: tuple[AtProvider, ...]
    deferred: int
    complaints: int
    unsubscribes: tuple[Row, ...]
    reasons: tuple[Row, ...]
    words: tuple[Row, ...]
    before: tuple[Past, ...]
    reading: Reading | None = None  # None where nothing is counted

    @property
    def this(self) -> Past:
        """This edition in the form of those before."""
        counts = {stage.name: stage.count for stage in self.stages}
        bounced = sum(each.bounced for each in self.mailboxes)
        left = sum(row.count for row in self.unsubscribes)
        accepted, delivered = counts["accepted"], counts["delivered"]
        heard = accepted if self.listening else 0  # where nobody reports, nothing delivered means nothing
        shares = (_share(delivered, heard), _share(bounced, heard))
        return Past(self.edition, self.number, self.sent_at, accepted, *shares, self.complaints, left)

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"this": asdict(self.this)}


def of(edition: Edition) -> Report:
    """The report as it stands now; nine queries, however many readers."""
    earlier = _earlier(edition)
    starts = _begun_since(edition.newsletter_id, [*earlier, edition])
    sums = status.by_mailboxes([edition, *earlier])
    counts = status.total(sums[edition.pk], edition.planned)
    told, trouble, gone = failures(edition), _trouble(edition), _gone(edition, starts)
    return Report(
        edition=edition.pk,
        newsletter=edition.newsletter.name,
        number=edition.number,
        subject=edition.subject,
        status=edition.status,
        sent_at=edition.started_at,
        listening=bool(told) or counts.delivered > 0,
        stages=_stages(edition, counts, told, trouble),
        mailboxes=_mailboxes(sums[edition.pk], told),
        deferred=sum(n for (kind, _, _), n in told.items() if kind == Kind.DEFERRED),
        complaints=counts.complained,
        unsubscribes=_rows(Counter(how for how, _ in gone), HOW),
        reasons=_rows(Counter(reason or "no reason given" for _, reason in gone)),
        words=_words(trouble),
        before=_before(earlier, sums, starts),
        reading=reading.of(edition),
    )


Failures = Mapping[tuple[str, str, str], int]  # (kind, cause, mailbox provider) → copies


def failures(edition: Edition) -> Failures:
    """How many copies each kind of trouble was reported of, by mailbox provider."""
    if edition.rolled_up_at is not None:
        return {(kind, cause, mailbox): n for kind, cause, mailbox, n in edition.totals.failures}
    # Returned mail names the copy alone.
    its_own = Delivery.objects.filter(pk=OuterRef("delivery_id")).values("batch__mailbox")
    at = Case(When(batch__isnull=True, then=Subquery(its_own)), default=None)
    rows = Event.objects.filter(edition=edition.public_id, kind__in=FAILURES).annotate(at_mailbox=at)
    grouped = rows.values_list("kind", "cause", "batch", "at_mailbox")
    told = list(grouped.annotate(copies=Count("delivery_id", distinct=True)))
    named = Batch.objects.filter(edition=edition) if told else Batch.objects.none()
    mailbox = dict(named.values_list("public_id", "mailbox"))
    found: Counter[tuple[str, str, str]] = Counter()
    for kind, cause, batch, own, copies in told:
        found[kind, cause, mailbox.get(batch or 0, own or Mailbox.OTHER)] += copies
    return found


def _stages(edition: Edition, counts: Counts, told: Failures, trouble: "Trouble") -> tuple[Stage, ...]:
    excluded = _rows(Counter(edition.excluded), EXCLUDED)
    candidates = counts.planned + sum(edition.excluded.values())
    skipped = tuple(Row(reason, n, "not handed over any more") for state, reason, n in trouble if state == "skipped")
    unsent = (
        Row("rejected", counts.rejected, "the transport refused these copies"),
        Row("unknown", counts.unknown, "the answer got lost; nobody sends them again by guess"),
        Row("waiting", counts.pending + counts.sending, "not handed over yet"),
    )
    arrived = counts.delivered + counts.complained  # who complains has got it
    silent = counts.accepted - arrived - counts.bounced - counts.dropped
    lost = (
        *_shared(Row("bounced", counts.bounced), Kind.BOUNCE, told),
        *_shared(Row("dropped", counts.dropped), Kind.DROPPED, told),
        Row("no word yet", silent, "nobody reported what became of these"),
    )
    return (
        Stage("candidates", candidates, excluded),
        Stage("planned", counts.planned, _present((*skipped, *unsent))),
        Stage("accepted", counts.accepted, _present(lost)),
        Stage("delivered", arrived),
    )


def _shared(whole: Row, kind: str, told: Failures) -> Iterable[Row]:
    """A loss by its causes. A copy of which two causes were told counts once, so the largest gives way."""
    causes: Counter[str] = Counter()
    for (of_kind, cause, _), copies in told.items():
        if of_kind == kind:
            causes[cause] += copies
    excess = causes.total() - whole.count
    for cause, copies in causes.most_common():
        taken = min(copies, excess) if excess > 0 else 0
        excess -= taken
        yield Row(f"{whole.name}: {cause or 'other'}", copies - taken, CAUSES.get(cause, cause))
    yield Row(whole.name, max(whole.count - causes.total(), 0), CAUSES[Cause.NONE])


def _mailboxes(sums: Mapping[str, Mapping[str, int]], reported: Failures) -> tuple[AtProvider, ...]:
    found = []
    for name, counts in sums.items():
        causes: Counter[str] = Counter()
        deferred = 0
        for (kind, cause, mailbox), copies in reported.items():
            if mailbox == name and kind == Kind.BOUNCE:
                causes[cause or "other"] += copies
            deferred += copies if (kind, mailbox) == (Kind.DEFERRED, name) else 0
        told = {each: counts[each] for each in ("accepted", "bounced", "blocked", "dropped", "complained")}
        arrived = counts["delivered"] + counts["complained"]
        found.append(
            AtProvider(str(Mailbox(name).label), delivered=arrived, deferred=deferred, causes=dict(causes), **told)
        )
    return tuple(found)


Trouble = Sequence[tuple[str, str, int]]  # (status, reason, copies), the most frequent first


def _trouble(edition: Edition) -> Trouble:
    if edition.rolled_up_at is not None:
        return [row for row in status.copies(edition) if row[0] in PROBLEMS and row[1]]
    told = edition.deliveries.filter(SAID, status__in=PROBLEMS)
    rows = told.values_list("status", "reason").annotate(n=Count("pk"))
    return [(state, reason, n) for state, reason, n in rows.order_by("-n", "reason")]


def _words(trouble: Trouble) -> tuple[Row, ...]:
    """The most common reasons, and how many copies have another."""
    told = [Row(reason, n) for _, reason, n in trouble if reason != OTHER]
    rest = sum(n for _, _, n in trouble) - sum(row.count for row in told[:MOST_REASONS])
    return _present((*told[:MOST_REASONS], Row(OTHER, rest)))


def _gone(edition: Edition, starts: Sequence[datetime]) -> list[tuple[str, str]]:
    """How and why each reader left in the wake of an edition."""
    ended = Q(consents__status=Subscription.Status.UNSUBSCRIBED)
    left = _ended(edition.newsletter_id).filter(_within(edition.started_at or timezone.now(), starts))
    kept = left.annotate(one=FilteredRelation("consents", condition=ended)).order_by("one__pk")
    how: dict[int, str | None] = {}
    why: dict[int, str] = {}
    for pk, source, detail in kept.values_list("pk", "one__source", "one__detail"):
        if pk in how and source == Consent.Source.PAGE:
            why[pk] = detail.partition(":")[0]
        how.setdefault(pk, source)
    return [(how[pk] or "unknown", why.get(pk, "")) for pk in how]


def _ended(newsletter_id: int) -> QuerySet[Subscription]:
    return Subscription.objects.filter(newsletter_id=newsletter_id, status=Subscription.Status.UNSUBSCRIBED)


def _within(begun: datetime, starts: Iterable[datetime]) -> Q:
    """In the wake of an edition: after it began, before the next of these began, and within a week."""
    until = min([begun + LEFT_WITHIN, *(each for each in starts if each > begun)])
    return Q(unsubscribed_at__gte=begun, unsubscribed_at__lt=until)


def _begun_since(newsletter_id: int, editions: Iterable[Edition]) -> list[datetime]:
    """When editions began after the first of these: the next one ends another's wake."""
    since = min(each.started_at or timezone.now() for each in editions)
    later = Edition.objects.filter(newsletter_id=newsletter_id, started_at__gt=since)
    return [at for at in later.order_by("started_at").values_list("started_at", flat=True)[:MOST_LATER] if at]


def _earlier(edition: Edition) -> list[Edition]:
    """The editions before, the newest first; corrections go to others and are no measure."""
    if edition.started_at is None:
        return []
    earlier = Edition.objects.filter(newsletter_id=edition.newsletter_id, started_at__lt=edition.started_at)
    listed = earlier.exclude(kind=Edition.Kind.CORRECTION).defer("snapshot", "left_out")
    return list(listed.order_by("-started_at")[:BEFORE])


def _before(
    earlier: Sequence[Edition], sums: Mapping[int, Mapping[str, Mapping[str, int]]], starts: Sequence[datetime]
) -> tuple[Past, ...]:
    left = _left_after(earlier, starts)
    return tuple(_past(each, status.total(sums[each.pk], each.planned), left[each.pk]) for each in earlier)


def _past(edition: Edition, counts: Counts, left: int) -> Past:
    arrived = counts.delivered + counts.complained
    heard = counts.accepted if arrived + counts.bounced + counts.dropped else 0
    delivered, bounced = _share(arrived, heard), _share(counts.bounced, heard)
    return Past(
        edition.pk, edition.number, edition.started_at, counts.accepted, delivered, bounced, counts.complained, left
    )


def _left_after(editions: Sequence[Edition], starts: Sequence[datetime]) -> dict[int, int]:
    """How many left in the wake of each of these editions of one newsletter, in one count."""
    begun = {each.pk: each.started_at for each in editions if each.started_at}
    if not begun:
        return {}
    wakes = {f"of_{pk}": Count("pk", filter=_within(at, starts)) for pk, at in begun.items()}
    since = _ended(editions[0].newsletter_id).filter(unsubscribed_at__gte=min(begun.values()))
    counts = since.filter(unsubscribed_at__lt=max(begun.values()) + LEFT_WITHIN).aggregate(**wakes)
    return {pk: counts[f"of_{pk}"] for pk in begun}


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _rows(counts: Counter[str], why: Mapping[str, str] = MappingProxyType({})) -> tuple[Row, ...]:
    return tuple(Row(name, count, why.get(name, "")) for name, count in counts.most_common())


def _present(rows: Iterable[Row]) -> tuple[Row, ...]:
    return tuple(row for row in rows if row.count)
