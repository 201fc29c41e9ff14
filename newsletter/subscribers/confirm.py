"""The press in the letter: it makes a subscription and its evidence, or moves a reader to another address."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q

from newsletter import links
from newsletter.letters import writing
from newsletter.newsletters.models import Newsletter
from newsletter.signing import Purpose, read_fresh
from newsletter.subscribers import consent, former, mailboxes, topics
from newsletter.subscribers.models import Consent, SignUp, Subscriber, Subscription, Suppression
from newsletter.subscribers.signup import BARS

Status = SignUp.Status


def asked(token: str, now: datetime, purpose: Purpose = Purpose.CONFIRM) -> SignUp | None:
    """The request that a letter's token names; None for a forged or stale one, and for one that no letter was sent for.

    One that was confirmed is still found, because people press twice.
    """
    public_id = read_fresh(purpose, token, now)
    if public_id is None:
        return None
    found = SignUp.objects.filter(public_id=public_id, status__in=[Status.MAILED, Status.CONFIRMED])
    moves = purpose == Purpose.ADDRESS
    return found.filter(subscriber__isnull=not moves).select_related("subscriber", "wording").first()


def confirm(request: SignUp, network: str, now: datetime) -> bool:
    """Make the subscriptions that were asked for; False when they were made before, or the address is barred by now."""
    with transaction.atomic():
        if not _taken(request, now):
            return False
        subscriber = _subscriber(request)
        for newsletter in request.newsletters.all():
            _subscribe(subscriber, newsletter, request, network, now)
    return True


def kept(request: SignUp) -> list[Newsletter]:
    """Of what a request asked for and its press brought, what they have not left since; they may have moved too."""
    key, left = request.address_key, Subscription.Status.UNSUBSCRIBED
    theirs = Subscription.objects.filter(Q(subscriber__address_key=key) | Q(subscriber__former__address_key=key))
    return list(request.newsletters.filter(subscriptions__in=theirs.exclude(status=left)).distinct())


def move(request: SignUp, now: datetime) -> bool:
    """Send the reader's mail to the address that they confirmed; False when another reader has it, or it is barred."""
    try:
        with transaction.atomic():
            if request.subscriber is None or not _taken(request, now):
                return False
            present = Subscriber.objects.select_for_update().filter(pk=request.subscriber.pk, email__isnull=False)
            if (person := present.first()) is None:
                return False
            former.moved(person, request.address_key, now)
            values = {"email": request.address, "address_key": request.address_key}
            present.update(**values, mailbox=mailboxes.of(request.address))
            for each in Subscription.objects.filter(subscriber=person):
                consent.remember(each, each.status, Consent.Source.PAGE, detail="moved to another address")
            return True
    except IntegrityError:  # the address is a reader's already
        return False


def _taken(request: SignUp, now: datetime) -> bool:
    """Whether this press is the first, and nothing bars the address."""
    if Suppression.objects.filter(address_key=request.address_key, reason__in=BARS).exists():
        return False
    first = SignUp.objects.filter(pk=request.pk, status=Status.MAILED)
    if not first.update(status=Status.CONFIRMED, confirmed_at=now, address="", name=""):
        return False
    # What an erasure left behind says "do not mail"; this press is its owner's later wish.
    Suppression.objects.filter(address_key=request.address_key, reason=Suppression.Reason.ERASED).delete()
    return True


def _subscriber(request: SignUp) -> Subscriber:
    defaults = {"email": request.address, "name": request.name, "mailbox": mailboxes.of(request.address)}
    found, new = Subscriber.objects.get_or_create(address_key=request.address_key, defaults=defaults)
    if not new and request.name and request.name != found.name:
        found.name = request.name
        found.save(update_fields=["name"])
    return found


def _subscribe(subscriber: Subscriber, newsletter: Newsletter, request: SignUp, network: str, now: datetime) -> None:
    subscription, new = Subscription.objects.get_or_create(subscriber=subscriber, newsletter=newsletter)
    before = subscription.status
    subscription.status, subscription.alive_at = Subscription.Status.ACTIVE, now
    subscription.unsubscribed_at = subscription.paused_until = None
    if before == Subscription.Status.UNSUBSCRIBED:
        subscription.counted_since = None  # they agreed to that before they left, and not to it now
    if new or request.topics:
        subscription.topic_set = topics.key_of(request.topics)
    subscription.save()
    consent.remember(
        subscription, Subscription.Status.ACTIVE, Consent.Source.SIGN_UP, network=network, wording=request.wording,
        asked_at=request.created_at, asked_network=request.network, detail=request.source,
    )  # fmt: skip
    if newsletter.welcome and (new or before != Subscription.Status.ACTIVE):
        public = newsletter.archive == Newsletter.Archive.PUBLIC
        facts = {"subscription": subscription.public_id, "archive": links.archive(newsletter.slug) if public else ""}
        writing.write("welcome", subscriber, f"{request.pk}:{newsletter.pk}", newsletter=newsletter, **facts)
