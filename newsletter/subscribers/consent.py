"""Every change to a subscription, with its evidence."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from newsletter.letters import writing
from newsletter.newsletters.models import Newsletter, Staff
from newsletter.subscribers import addresses, former, mailboxes
from newsletter.subscribers.models import Consent, Subscriber, Subscription, Suppression

Status = Subscription.Status
UNSEEN = (Consent.Source.ONE_CLICK, Consent.Source.MAIL, Consent.Source.STAFF)
"""Ways to leave that show the reader no page."""


def unsubscribe(
    subscription: Subscription, source: Consent.Source, staff: Staff | None = None, detail: str = ""
) -> bool:
    """End a subscription; True if it had not ended before. Repeating it is harmless."""
    with transaction.atomic():
        standing = Subscription.objects.filter(pk=subscription.pk).exclude(status=Status.UNSUBSCRIBED)
        if not standing.update(status=Status.UNSUBSCRIBED, unsubscribed_at=timezone.now()):
            return False
        remember(subscription, Status.UNSUBSCRIBED, source, staff=staff, detail=detail)
        if source in UNSEEN:
            _say_goodbye(subscription)
    return True


def _say_goodbye(subscription: Subscription) -> None:
    """One last letter, where the newsletter wants it, to who may be mailed: it says that leaving worked."""
    newsletter, reader = subscription.newsletter, subscription.subscriber
    if newsletter.goodbye and reader.email and not is_barred(reader):
        once = f"{subscription.public_id}:{timezone.now().isoformat()}"
        writing.write("goodbye", reader, once, newsletter=newsletter, subscription=subscription.public_id)


def add(email: str, name: str, newsletter: Newsletter, staff: Staff | None, detail: str) -> str:
    """Subscribe a person whose consent was given elsewhere. Says "added", "present", "left" or "suppressed".

    Whoever left stays gone and a suppressed address stays suppressed: only the reader can come back.
    Raises UsageError for what is no address.
    """
    address = addresses.clean(email)
    address_key = addresses.key(address)
    subscriber = reader_of(address_key)
    keys = [address_key, subscriber.address_key] if subscriber else [address_key]
    if Suppression.objects.filter(address_key__in=keys).exists():
        return "suppressed"
    with transaction.atomic():
        if subscriber is None:
            subscriber, _ = Subscriber.objects.get_or_create(
                address_key=address_key, defaults={"email": address, "name": name, "mailbox": mailboxes.of(address)}
            )
        subscription, new = Subscription.objects.get_or_create(
            subscriber=subscriber, newsletter=newsletter, defaults={"status": Status.ACTIVE}
        )
        if new:
            remember(subscription, Status.ACTIVE, Consent.Source.STAFF, staff=staff, detail=detail)
            return "added"
    return "left" if subscription.status == Status.UNSUBSCRIBED else "present"


def reader_of(address_key: str) -> Subscriber | None:
    """Who has this address, or moved away from it: whoever writes from an old one means themselves."""
    by_key = Subscriber.objects.filter(address_key=address_key).first()
    owner = None if by_key else former.owners([address_key]).get(address_key)
    return Subscriber.objects.get(pk=owner) if owner else by_key


def remember(
    subscription: Subscription, status: Subscription.Status | str, source: Consent.Source, **evidence: Any
) -> None:
    """Write down what a subscription became, and how: see Consent for what `evidence` may be."""
    Consent.objects.create(subscription=subscription, status=status, source=source, **evidence)


def is_barred(subscriber: Subscriber) -> bool:
    """Whether this address must not be mailed, for any newsletter."""
    return Suppression.objects.filter(address_key=subscriber.address_key).exists()
