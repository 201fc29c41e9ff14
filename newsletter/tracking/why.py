"""Why somebody did or did not get an edition, in one answer: the copy, what was reported of it, and the reader."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from newsletter.deliveries.models import TAKEN, Delivery
from newsletter.editions.models import Edition
from newsletter.subscribers.models import Release, Subscriber, Subscription, Suppression
from newsletter.tracking import person
from newsletter.tracking.fate import said
from newsletter.tracking.models import Event
from newsletter.tracking.report import EXCLUDED

_NOT_PLANNED = ("draft", "approved", "scheduled", "held")


@dataclass(frozen=True)
class Reported:
    """One thing that a provider said of the copy."""

    at: datetime
    what: str
    words: str
    source: str


@dataclass(frozen=True)
class Answer:
    """`status` is the copy's, None where there is none; `reason` is a clause that says why."""

    edition: int
    newsletter: str
    number: int
    status: str | None
    reason: str
    events: tuple[Reported, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Barred:
    """The address's suppression, with its evidence, and the last time that a person let it go."""

    reason: str
    note: str
    since: datetime


def answers(subscriber: Subscriber, edition: Edition | None = None) -> list[Answer]:
    """One for each copy, the newest first; for an edition that is named, always one."""
    copies = [each for each in person.copies(subscriber) if edition is None or each.edition_id == edition.pk]
    if edition is not None and not copies:
        return [Answer(edition.pk, edition.newsletter.slug, edition.number, None, _no_copy(subscriber, edition))]
    return of_copies(copies)


def of_copies(copies: Sequence[Delivery]) -> list[Answer]:
    """One for each of these copies."""
    events = _events(copies)
    return [_answer(copy, events[copy.pk]) for copy in copies]


def barred(subscriber: Subscriber) -> Barred | None:
    """Why the address is not mailed at all, if so."""
    row = Suppression.objects.filter(address_key=subscriber.address_key).first()
    return Barred(row.reason, row.note, row.created_at) if row else None


def released(subscriber: Subscriber) -> list[dict[str, Any]]:
    """Who let the address be mailed again, and why; the newest first."""
    rows = Release.objects.filter(address_key=subscriber.address_key).select_related("staff").order_by("-pk")
    return [{"at": row.at, "was": row.was, "reason": row.reason, "by": str(row.staff or "system")} for row in rows]


def _answer(copy: Delivery, events: Sequence[Reported]) -> Answer:
    edition = copy.edition
    reason = EXCLUDED.get(copy.reason, copy.reason) if copy.status == Delivery.Status.EXCLUDED else copy.reason
    reason = reason or person.WORDS.get(copy.status, "")
    return Answer(edition.pk, edition.newsletter.slug, edition.number, copy.status, reason, tuple(events))


def _events(copies: Iterable[Delivery]) -> dict[int, list[Reported]]:
    found: dict[int, list[Reported]] = defaultdict(list)
    ids = [copy.pk for copy in copies]
    for event in Event.objects.filter(delivery_id__in=ids).exclude(state=Event.State.PARKED).order_by("at", "pk"):
        words = said(event.status, event.words)
        found[event.delivery_id or 0].append(Reported(event.at, str(event), words, event.source))
    return found


def _got(subscriber: Subscriber, edition: Edition) -> bool:
    """Whether a copy of it was taken, or may have been."""
    taken = [*TAKEN, Delivery.Status.UNKNOWN]
    return Delivery.objects.filter(edition=edition, subscriber=subscriber, status__in=taken).exists()


def _no_copy(subscriber: Subscriber, edition: Edition) -> str:
    """Why there is no row at all: it was never planned, or the reader was no candidate."""
    if edition.status in _NOT_PLANNED:
        return f"the edition is {edition.status}; nobody has a copy yet"
    gets = Subscription.objects.filter(subscriber=subscriber, newsletter_id=edition.newsletter_id).first()
    if gets is None:
        return "the reader never subscribed to this newsletter"
    if edition.audience_until is None:
        return f"the edition is {edition.status} and was never planned"
    if edition.rolled_up_at is not None:
        return f"who got it is no longer kept, since {edition.rolled_up_at:%Y-%m-%d}"
    if edition.parent is not None and edition.parent.rolled_up_at is None and not _got(subscriber, edition.parent):
        return f"it corrects No. {edition.parent.number}, which never went to this reader"
    if gets.pk > edition.audience_until:
        return "the reader signed up after the edition was planned"
    if gets.unsubscribed_at and gets.unsubscribed_at < (edition.started_at or gets.unsubscribed_at):
        return f"the reader had left on {gets.unsubscribed_at:%Y-%m-%d}"
    return f"the subscription was not active when the edition was planned; it is {gets.status} now"
