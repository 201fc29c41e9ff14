"""Everything that is known of one reader: for themselves, and for staff who are asked."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from newsletter.deliveries.models import Delivery
from newsletter.letters.models import Letter
from newsletter.subscribers import former, signup, topics
from newsletter.subscribers.models import Consent, SignUp, Subscriber, Subscription, Suppression
from newsletter.tracking.events import Kind
from newsletter.tracking.models import Click, Event

Status = Delivery.Status
WORDS: dict[str, str] = {
    Status.PENDING: "it waits for its turn",
    Status.SENDING: "it is being handed over",
    Status.ACCEPTED: "the transport took it",
    Status.DELIVERED: "the mailbox took it",
    Status.UNKNOWN: "the answer of the transport was lost",
}


def everything(subscriber: Subscriber) -> dict[str, Any]:
    """As JSON wants it; moments are ISO 8601 in UTC. What belongs to an address that they left is theirs too."""
    keys = [each.address_key for each in former.all_of(subscriber) if each.free]
    asked = list(_sign_ups(subscriber, keys))
    barred = Suppression.objects.filter(address_key=subscriber.address_key).first()
    return {
        "address": subscriber.email,
        "name": subscriber.name,
        "since": subscriber.created_at,
        "moved_from": list(subscriber.former.order_by("id").values("address", "until")),
        "suppressed": barred.reason if barred else None,
        "suppressed_note": barred.note if barred else "",
        "subscriptions": [told(each) for each in subscriptions(subscriber)],
        "editions": [_copy(each) for each in copies(subscriber)],
        "provider_said": [_report(each) for each in _reports(subscriber, keys)],
        "opened": [_opening(each) for each in _openings(subscriber)],
        "asked_for": [_asked(each) for each in asked],
        "letters": list(_letters(subscriber, asked).values("kind", "created_at", "status")),
    }


def copies(subscriber: Subscriber) -> list[Delivery]:
    """Every copy that was meant for the reader, the newest first."""
    found = Delivery.objects.filter(subscriber=subscriber).select_related("edition__newsletter")
    return list(found.order_by("-id"))


def subscriptions(subscriber: Subscriber) -> list[Subscription]:
    """What the reader gets or got, each with its evidence read along."""
    evidence = Prefetch("consents", Consent.objects.select_related("wording").order_by("id"))
    found = subscriber.subscriptions.select_related("newsletter").prefetch_related(evidence)
    return list(found.order_by("newsletter__slug"))


def told(each: Subscription) -> dict[str, Any]:
    """One of `subscriptions`, with its evidence."""
    return {
        "newsletter": each.newsletter.name,
        "status": each.status,
        "topics": topics.of_key(each.topic_set),
        "paused_until": each.paused_until,
        "counted_since": each.counted_since,
        "evidence": [_evidence(one) for one in each.consents.all()],
    }


def _reports(subscriber: Subscriber, keys: Sequence[str]) -> Iterable[Event]:
    """What a provider said of their copies, or of their addresses; that a mailbox took one stands with the copy."""
    told = Event.objects.exclude(kind=Kind.DELIVERED)
    of_copies = told.filter(delivery_id__in=Delivery.objects.filter(subscriber=subscriber).values("pk"))
    # Both go by the index over copies: few reports name none.
    of_address = told.filter(delivery_id=None, address_key__in=keys)
    return sorted([*of_copies, *of_address], key=lambda each: (each.at, each.pk))


def _report(each: Event) -> dict[str, Any]:
    return {"at": each.at, "kind": each.kind, "cause": each.cause, "status": each.status, "words": each.words}


def _openings(subscriber: Subscriber) -> Iterable[Click]:
    """What they followed and opened, kept only while they agree to it."""
    found = Click.objects.filter(subscription__subscriber=subscriber)
    return found.select_related("edition__newsletter").order_by("id")


def _opening(each: Click) -> dict[str, Any]:
    about = {"newsletter": each.edition.newsletter.name, "number": each.edition.number}
    return {**about, "kind": each.kind, "item": each.item, "at": each.at}


def _letters(subscriber: Subscriber, asked: Sequence[SignUp]) -> QuerySet[Letter]:
    """Those to them, and those that answered what they asked for before they were readers."""
    answers = list(signup.letters_of(each.pk for each in asked))
    return Letter.objects.filter(Q(subscriber=subscriber) | Q(dedupe_key__in=answers)).order_by("id")


def _sign_ups(subscriber: Subscriber, keys: Sequence[str]) -> Iterable[SignUp]:
    mine = Q(address_key__in=keys) | Q(subscriber=subscriber)
    return SignUp.objects.filter(mine).select_related("wording").prefetch_related("newsletters").order_by("id")


def _asked(each: SignUp) -> dict[str, Any]:
    return {
        "newsletters": sorted(newsletter.name for newsletter in each.newsletters.all()),
        "at": each.created_at,
        "by": each.source,
        "status": each.status,
        "address": each.address,
        "name": each.name,
        "topics": each.topics,
        "network": each.network,
        "wording": each.wording.text if each.wording else None,
    }


def _evidence(one: Consent) -> dict[str, Any]:
    facts = {"at": one.at, "became": one.status, "by": one.source, "detail": one.detail, "network": one.network}
    if one.asked_at:
        facts |= {"asked_at": one.asked_at, "asked_network": one.asked_network}
    if one.wording:
        facts |= {"wording": one.wording.text}
    return facts


def _copy(each: Delivery) -> dict[str, Any]:
    return {
        "newsletter": each.edition.newsletter.name,
        "number": each.edition.number,
        "subject": each.edition.subject,
        "status": each.status,
        "reason": each.reason,
        "at": each.updated_at,
    }
