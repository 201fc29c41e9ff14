"""Everything that is known of one reader: for themselves, and for staff who are asked."""

from typing import Any

from django.db.models import Prefetch

from newsletter.deliveries.models import Delivery
from newsletter.letters.models import Letter
from newsletter.subscribers import topics
from newsletter.subscribers.models import Consent, Subscriber, Subscription, Suppression

Status = Delivery.Status
WORDS: dict[str, str] = {
    Status.PENDING: "it waits for its turn",
    Status.SENDING: "it is being handed over",
    Status.ACCEPTED: "the transport took it",
    Status.DELIVERED: "the mailbox took it",
    Status.UNKNOWN: "the answer of the transport was lost",
}


def everything(subscriber: Subscriber) -> dict[str, Any]:
    """As JSON wants it; moments are ISO 8601 in UTC."""
    barred = Suppression.objects.filter(address_key=subscriber.address_key).first()
    return {
        "address": subscriber.email,
        "name": subscriber.name,
        "since": subscriber.created_at,
        "moved_from": list(subscriber.former.order_by("id").values("address", "until")),
        "suppressed": barred.reason if barred else None,
        "subscriptions": [told(each) for each in subscriptions(subscriber)],
        "editions": [_copy(each) for each in copies(subscriber)],
        "letters": list(Letter.objects.filter(subscriber=subscriber).values("kind", "created_at", "status")),
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
        "evidence": [_evidence(one) for one in each.consents.all()],
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
