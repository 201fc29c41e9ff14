"""Acting on a returned mail: by what it says (bounces/) and whom it is proven to be about (proofs.py).

Each message is remembered by the hash of its content in the transaction that acts on it, so it counts once. What
nobody can act on is quarantined: it changes nothing, and a person sees it. Nothing is ever answered, so nothing loops.
"""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.message import Message
from email.utils import parseaddr, parsedate_to_datetime

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from newsletter import config, ids
from newsletter.deliveries import verp
from newsletter.deliveries.models import Delivery
from newsletter.subscribers import addresses, by_mail, consent
from newsletter.subscribers.models import Consent, Subscription
from newsletter.tracking import events, proofs, store, tally
from newsletter.tracking.bounces import read as reader
from newsletter.tracking.bounces.message import Unreadable, clean, header, parse
from newsletter.tracking.bounces.reading import BOUNCES, Kind, Reading
from newsletter.tracking.models import ReturnedMail
from newsletter.transports.wire import words as without_addresses

Outcome = ReturnedMail.Outcome
LATEST = timedelta(days=14)  # a bounce that comes later is no news of that copy (T-18)
MOST_HOPS = 60
_HEAD = 64 * 1024
_MOST_KEPT = 1000  # beginnings of quarantined messages
_MOST_ID = 2**63  # of a BIGINT

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Taken:
    """What became of a message. `known`: it had been taken before, and nothing was done."""

    reading: Reading
    outcome: str
    fault: str = ""
    known: bool = False

    @property
    def stays(self) -> bool:
        """Somebody wrote it, or may have: nobody but a person moves it."""
        looked_at = self.outcome == Outcome.DISMISSED and self.reading.kind == Kind.UNSUBSCRIBE
        return self.outcome == Outcome.PERSON or looked_at


class _Quarantine(Exception):
    """Nothing can be done about it; the message says why."""


def take(raw: bytes, recipients: Sequence[str] = ()) -> Taken:
    """Read a message, act on it once, remember it. Raises what the database raises: then nothing was done.

    `recipients`: whom the envelope named, where the mail server tells.
    """
    cut = clean(raw)
    digest = hashlib.sha256(cut + b"\0" + "\0".join(sorted(recipients)).encode("utf-8", "replace")).hexdigest()
    try:
        with transaction.atomic():
            taken = _known(digest)
            if taken is None:
                taken = _taken(cut, recipients)
                _remember(digest, taken, cut)
    except IntegrityError:  # another process took it at the same moment
        taken = _known(digest)
        if taken is None:
            raise
    tally.count("returned.again" if taken.known else f"returned.{taken.outcome}")
    return taken


def _known(digest: str) -> Taken | None:
    row = ReturnedMail.objects.filter(digest=digest).first()
    return Taken(Reading(Kind(row.kind)), row.outcome, row.fault, known=True) if row else None


def waiting() -> QuerySet[ReturnedMail]:
    """What only a person can settle: the quarantine, and wishes to leave that nothing proves."""
    return ReturnedMail.objects.filter(Q(outcome=Outcome.QUARANTINED) | wishes())


def wishes() -> Q:
    """Somebody wrote that they want to leave, and nothing tells who they are."""
    return Q(outcome=Outcome.PERSON, kind=Kind.UNSUBSCRIBE.value)


def dismiss(pks: Sequence[int] | None = None) -> int:
    """A person has looked at these of what waits, or at all of it: its content is forgotten. Returns how many."""
    found = waiting()
    return (found if pks is None else found.filter(pk__in=pks)).update(outcome=Outcome.DISMISSED, head=None)


def forget_reader(address: str) -> None:
    """Forget the content of quarantined messages that name an address: its reader is erased."""
    for row in ReturnedMail.objects.filter(head__isnull=False).iterator(chunk_size=20):
        if address and address.lower().encode() in bytes(row.head or b"").lower():
            ReturnedMail.objects.filter(pk=row.pk).update(head=None)


def _taken(cut: bytes, recipients: Sequence[str]) -> Taken:
    reading = Reading(Kind.NONE)
    try:
        with transaction.atomic():  # what it began to change is undone when it turns out to be a poison
            reading = reader.read_clean(cut)
            return Taken(reading, _act(reading, parse(cut), cut, recipients))
    except (_Quarantine, Unreadable) as why:
        return Taken(reading, Outcome.QUARANTINED, str(why))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        log.warning("a returned mail broke its reading: %s", type(error).__name__)
        return Taken(reading, Outcome.QUARANTINED, f"poison: {type(error).__name__}")


def _act(reading: Reading, message: Message, cut: bytes, recipients: Sequence[str]) -> str:
    """Do what it asks for. Raises _Quarantine."""
    sent = proofs.sent_to(message, recipients)
    _refuse_loops(message)
    if sent.leaving:
        return _leave_by_mail(reading, message, sent.leaving)
    if reading.kind in BOUNCES:
        return _bounced(reading, message, sent)
    if reading.kind == Kind.COMPLAINT:
        return _complained(reading, cut, sent)
    if reading.kind == Kind.UNSUBSCRIBE:
        return _wants_to_leave(reading, message, cut, sent)
    if not cut.strip():
        raise _Quarantine("empty")
    return Outcome.PERSON if reading.by_person else Outcome.NOTHING


def _refuse_loops(message: Message) -> None:
    if len(message.get_all("Received", [])) > MOST_HOPS:
        raise _Quarantine("loop: it has been round too often")
    local, _, domain = config.current().bounce_address.partition("@")
    sender = header(message, "From").lower()
    if local and (f"{local}@{domain}" in sender or (f"{local}+" in sender and f"@{domain}" in sender)):
        raise _Quarantine("loop: it says that it comes from us")


def _leave_by_mail(reading: Reading, message: Message, address: str) -> str:
    """Whatever it says, whoever sent it: only what a machine answers or returns does not leave (RFC 3834 §2)."""
    returned = header(message, "Return-Path") == "<>" or message.get_content_type() == "multipart/report"
    if returned or reading.kind not in (Kind.NONE, Kind.UNSUBSCRIBE):
        return Outcome.NOTHING
    if not by_mail.leave(address):
        raise _Quarantine("forged: this address for leaving is not ours")
    return Outcome.LEFT


def _bounced(reading: Reading, message: Message, sent: proofs.Sent) -> str:
    copy = sent.copy
    if copy is None:
        raise _Quarantine(
            "forged: its address is not ours" if sent.forged else "unproven: it came to no address of a copy"
        )
    delivery = _delivery(copy)
    cause = events.Cause(str(reading.kind))
    if delivery is not None:
        if delivery.edition.send_at and delivery.edition.send_at < timezone.now() - LATEST:
            raise _Quarantine("late: the copy was sent more than 14 days ago")
        if cause == events.Cause.HARD and _is_about_another(reading.address, delivery):
            # The reader's mail is handed on to an address that is dead; their own need not be.
            cause, reading = events.Cause.SOFT, replace(reading, words=f"at another address: {reading.words}")
    store.keep([_event(events.Kind.BOUNCE, cause, copy, reading, _when(message))])
    return Outcome.COUNTED


def _complained(reading: Reading, cut: bytes, sent: proofs.Sent) -> str:
    copy = sent.copy or proofs.copy_within(cut)
    if copy is None and (subscription := proofs.subscription_within(cut)):
        copy = proofs.copy_of(subscription, cut)
        if copy is None:
            store.keep([_event_of_reader(reading, subscription.subscriber.email or "", subscription.public_id)])
            return Outcome.COUNTED
    if copy is None:
        raise _Quarantine("unproven: nothing in it is sealed by us")
    store.keep([_event(events.Kind.COMPLAINT, events.Cause.NONE, copy, reading, timezone.now())])
    return Outcome.COUNTED


def _wants_to_leave(reading: Reading, message: Message, cut: bytes, sent: proofs.Sent) -> str:
    """A person's wish counts with their own link or seal in it and from their own address; else a person decides.

    The link or seal alone is not enough: whoever was handed a copy by its reader has it too, and means themselves.
    """
    copy, linked = sent.copy or proofs.copy_within(cut), proofs.subscription_within(cut)
    if reading.by_person:
        proven = [each for each in (linked, _of_copy(copy)) if each and _is_from(message, each.subscriber.email)]
        linked = proven[0] if proven else None
    if linked:
        consent.unsubscribe(linked, Consent.Source.MAIL)
        return Outcome.LEFT
    if reading.by_person:
        return Outcome.PERSON
    if copy is None:
        raise _Quarantine("unproven: nothing in it is sealed by us")
    store.keep([_event(events.Kind.UNSUBSCRIBE, events.Cause.NONE, copy, reading, timezone.now())])
    return Outcome.LEFT


def _of_copy(copy: verp.Reference | None) -> Subscription | None:
    """The subscription that a copy was sent for."""
    delivery = _delivery(copy) if copy else None
    if delivery is None:
        return None
    gets = Subscription.objects.select_related("subscriber").filter(newsletter_id=delivery.edition.newsletter_id)
    return gets.filter(subscriber_id=delivery.subscriber_id).first()


def _is_from(message: Message, address: str | None) -> bool:
    sender = parseaddr(header(message, "From"))[1]
    return bool(address and "@" in sender) and addresses.key(sender) == addresses.key(address or "")


def _delivery(copy: verp.Reference) -> Delivery | None:
    """None for a copy that this database does not know: the event waits for it (see apply)."""
    if copy.delivery_id >= _MOST_ID:
        return None
    known = Delivery.objects.select_related("edition")
    return known.filter(pk=copy.delivery_id, edition__public_id=ids.from_text(copy.edition) or 0).first()


def _is_about_another(address: str | None, delivery: Delivery) -> bool:
    """Whether the failed address is not the reader's. Servers rewrite domains, so one local part is one mailbox."""
    theirs = delivery.subscriber.email
    if not address or not theirs or addresses.key(address) == delivery.address_key:
        return False
    return address.rpartition("@")[0].casefold() != theirs.rpartition("@")[0].casefold()


def _event(
    kind: events.Kind, cause: events.Cause, copy: verp.Reference, reading: Reading, at: datetime
) -> events.ProviderEvent:
    return events.ProviderEvent(
        kind=kind,
        cause=cause,
        source=events.Source.MAILBOX,
        at=at,
        identity=f"mailbox {kind} {cause} {copy.edition}.{copy.delivery_id}",
        edition=copy.edition,
        delivery_id=copy.delivery_id,
        status=reading.status or "",
        provider_class=reading.reason,
        words=reading.words,
    )


def _event_of_reader(reading: Reading, address: str, public_id: int) -> events.ProviderEvent:
    return events.ProviderEvent(
        kind=events.Kind.COMPLAINT,
        source=events.Source.MAILBOX,
        at=timezone.now(),
        identity=f"mailbox complaint of {public_id}",
        address=address,
        words=reading.words,
    )


def _when(message: Message) -> datetime:
    """When the server says it failed, if that can be: never in the future, never long ago."""
    now = timezone.now()
    try:
        told = parsedate_to_datetime(header(message, "Date"))
        told = told if told.tzinfo else told.replace(tzinfo=now.tzinfo)
    except (ValueError, TypeError, IndexError, OverflowError):
        return now
    return told if now - LATEST < told <= now else now


def _room() -> bool:
    """Whether the content of one more may be kept: strangers can send as many as they like."""
    return ReturnedMail.objects.filter(outcome=Outcome.QUARANTINED, head__isnull=False).count() < _MOST_KEPT


def _remember(digest: str, taken: Taken, cut: bytes) -> None:
    ReturnedMail.objects.create(
        digest=digest,
        kind=str(taken.reading.kind),
        outcome=taken.outcome,
        fault=taken.fault[:100],
        status=(taken.reading.status or "")[:12],
        words=without_addresses(taken.reading.words),
        read_at=timezone.now(),
        head=cut[:_HEAD] if taken.outcome == Outcome.QUARANTINED and _room() else None,
    )
