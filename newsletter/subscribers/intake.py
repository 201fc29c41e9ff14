"""The tables' side of an import: what is known of a chunk of lines, and storing what was decided about them."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Max
from django.utils import timezone

from newsletter.ids import random_id
from newsletter.newsletters.models import Newsletter, Staff
from newsletter.recordset import among
from newsletter.subscribers import bulk, former, mailboxes, topics
from newsletter.subscribers.files.lines import Line
from newsletter.subscribers.files.sources import SUPPRESSED, Standing
from newsletter.subscribers.files.verdict import Known, Outcome
from newsletter.subscribers.models import Consent, Import, Subscriber, Subscription, Suppression

Verdict = tuple[Line, Known, Outcome]
Status = Subscription.Status
_IMPORT = Consent.Source.IMPORT.value
OWN = (Consent.Source.SIGN_UP, Consent.Source.PAGE)
SUBSCRIBER = ("id", "email", "address_key", "name", "mailbox", "created_at")
SUBSCRIPTION = (
    "id", "public_id", "subscriber_id", "newsletter_id", "status", "topic_set", "alive_at", "created_at",
    "unsubscribed_at", "paused_until",
)  # fmt: skip
CONSENT = ("subscription_id", "at", "status", "source", "staff_id", "detail", "network", "asked_at", "asked_network")


def known(lines: Sequence[Line], newsletter: Newsletter | None) -> dict[str, Known]:
    """What is known of these addresses, by key; strangers are not in it."""
    keys = [line.address_key for line in lines]
    theirs = among(keys, "text")
    barred = dict(Suppression.objects.filter(address_key__in=theirs).values_list("address_key", "reason"))
    people = dict(Subscriber.objects.filter(address_key__in=theirs).values_list("address_key", "id"))
    people = {**former.owners(keys), **people}
    held = Subscription.objects.filter(newsletter=newsletter, subscriber__in=among(list(people.values())))
    held_by = {person: (pk, status) for person, pk, status in held.values_list("subscriber_id", "id", "status")}
    against = [line for line in lines if line.standing in SUPPRESSED or line.standing == Standing.UNSUBSCRIBED]
    own = _own_since(people[line.address_key] for line in against if line.address_key in people)
    found = {key: Known(suppressed=reason) for key, reason in barred.items()}
    for key, person in people.items():
        subscription, status = held_by.get(person, (None, ""))
        found[key] = Known(person, subscription, status, barred.get(key, ""), own.get(person))
    return found


def _own_since(people: Iterable[int]) -> dict[int, datetime]:
    """When each of these last signed up here, or came back, themselves."""
    ids = list(people)
    if not ids:
        return {}
    theirs = Consent.objects.filter(subscription__subscriber__in=ids, source__in=OWN, status=Status.ACTIVE)
    return dict(
        theirs.values("subscription__subscriber")
        .annotate(last=Max("at"))
        .values_list("subscription__subscriber", "last")
    )


class Intake:
    """Stores what was decided. Within the caller's transaction; raises IntegrityError when somebody was faster."""

    def __init__(self, row: Import, newsletter: Newsletter | None, staff: Staff | None) -> None:
        self._row, self._staff = row, staff
        self._newsletter = newsletter.pk if newsletter else None
        self._topic_sets: dict[tuple[str, ...], str] = {(): ""}

    def store(self, verdicts: Sequence[Verdict]) -> None:
        """Write the rows of a chunk."""
        self._now = timezone.now()
        self._written_at = bulk.moment(self._now)
        kept = [each for each in verdicts if each[2] in (Outcome.ADDED, Outcome.UNSUBSCRIBED)]
        if kept:
            self._subscribe(_once(kept))
        barred = [line for line, _, outcome in verdicts if outcome == Outcome.BARRED]
        if barred:
            note = f"{self._row.source}: {self._row.name}"[:300]
            rows = [(line.address_key, line.standing.value, note, line.left_at or self._now) for line in barred]
            bulk.write(Suppression, ("address_key", "reason", "note", "created_at"), rows)

    def _people(self, kept: Sequence[Verdict]) -> list[int]:
        """A subscriber for each, new or known. Of those who left there only the address is kept."""
        new = [(line, outcome) for line, known, outcome in kept if known.subscriber is None]
        fresh = bulk.ids(Subscriber, len(new)) if new else []
        rows = (
            (pk, line.email, line.address_key, line.name if outcome == Outcome.ADDED else "",
             mailboxes.of(line.email).value, self._written_at)
            for pk, (line, outcome) in zip(fresh, new, strict=True)
        )  # fmt: skip
        bulk.write(Subscriber, SUBSCRIBER, rows)
        coming = iter(fresh)
        return [next(coming) if known.subscriber is None else known.subscriber for _, known, _ in kept]

    def _subscribe(self, kept: Sequence[Verdict]) -> None:
        people = self._people(kept)
        new = [(each, person) for each, person in zip(kept, people, strict=True) if each[1].subscription is None]
        fresh = bulk.ids(Subscription, len(new)) if new else []
        bulk.write(
            Subscription, SUBSCRIPTION, (self._subscription(pk, *each) for pk, each in zip(fresh, new, strict=True))
        )
        standing = {known.subscription: line for line, known, _ in kept if known.subscription is not None}
        self._end(standing)
        evidence = [(pk, line) for pk, ((line, _, _), _) in zip(fresh, new, strict=True)]
        bulk.write(Consent, CONSENT, (self._consent(pk, line) for pk, line in [*evidence, *standing.items()]))

    def _subscription(self, pk: int, verdict: Verdict, person: int) -> tuple[object, ...]:
        line = verdict[0]
        is_gone = line.standing == Standing.UNSUBSCRIBED
        left = bulk.moment(line.left_at or self._now) if is_gone else None
        topics_kept = () if is_gone else line.topics  # of those who left there only the address is kept
        alive = bulk.moment(line.confirmed_at or line.opted_in_at) or self._written_at
        return (
            pk, random_id(), person, self._newsletter, _status(line), self._topic_set(topics_kept), alive,
            self._written_at, left, bulk.moment(line.paused_until) if line.standing == Standing.PAUSED else None,
        )  # fmt: skip

    def _end(self, standing: dict[int, Line]) -> None:
        """End the subscriptions of those who left there; the moment is now, whenever it was there."""
        if standing:
            here = Subscription.objects.filter(pk__in=list(standing)).exclude(status=Status.UNSUBSCRIBED)
            here.update(status=Status.UNSUBSCRIBED, unsubscribed_at=self._now)

    def _consent(self, subscription: int | None, line: Line) -> tuple[object, ...]:
        """The evidence: which file, and what it says of when and from where the person asked and confirmed."""
        said = [self._row.name]
        if line.confirmed_at:
            said.append(f"confirmed {_minute(line.confirmed_at)} UTC")
        if line.left_at:
            said.append(f"left {_minute(line.left_at)} UTC")
        return (
            subscription, self._written_at, _status(line), _IMPORT, self._staff and self._staff.pk,
            "; ".join(said)[:300], line.confirmed_network, bulk.moment(line.opted_in_at), line.opted_in_network,
        )  # fmt: skip

    def _topic_set(self, chosen: tuple[str, ...]) -> str:
        if chosen not in self._topic_sets:
            self._topic_sets[chosen] = topics.key_of(chosen)
        return self._topic_sets[chosen]


def _minute(moment: datetime) -> str:
    """As in 2019-03-04 05:16; the moments of a line are in UTC."""
    return moment.isoformat(" ", "minutes")[:16]


def _once(kept: Sequence[Verdict]) -> list[Verdict]:
    """Each person once, though a file has their former address as well; that they left there counts."""
    strangers = [each for each in kept if each[1].subscriber is None]
    best: dict[int | None, Verdict] = {}
    for each in kept:
        person = each[1].subscriber
        if person not in best or each[2] == Outcome.UNSUBSCRIBED:
            best[person] = each
    best.pop(None, None)
    return [*strangers, *best.values()]


def _status(line: Line) -> str:
    if line.standing == Standing.UNSUBSCRIBED:
        return Status.UNSUBSCRIBED.value
    # A pause without an end is one that staff made; nobody is mailed for not saying until when.
    over = line.paused_until is not None and line.paused_until <= timezone.now()
    paused = line.standing == Standing.PAUSED and not over
    return Status.PAUSED.value if paused else Status.ACTIVE.value
