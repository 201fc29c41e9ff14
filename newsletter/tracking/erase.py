"""Forgetting a person: their rows are emptied, the ledger keeps its counts, and a keyed hash keeps them from coming
back by an old file."""

import secrets
from datetime import datetime

from django.db import transaction
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone

from newsletter.deliveries.models import Attempt, Delivery
from newsletter.letters.models import Letter
from newsletter.newsletters.audit import record
from newsletter.newsletters.models import Staff
from newsletter.subscribers import consent
from newsletter.subscribers.models import Consent, Release, SignUp, Subscriber, Subscription, Suppression
from newsletter.tracking import erase_log, returned
from newsletter.tracking.fate import FAILED
from newsletter.tracking.models import Click, Erasure, Event

SENDGRID = "sendgrid"
REASON = Suppression.Reason.ERASED


@transaction.atomic
def erase(
    subscriber: Subscriber, staff: Staff | None = None, now: datetime | None = None, *, again: bool = False
) -> None:
    """Empty a reader's row and all that names them; doing it again changes nothing.

    The provider is asked to forget them too (provider_erasure.py), and a file remembers it in case that an older
    database is restored (erased.py); `again` says that it was.

    The address stays suppressed as `erased`, or for what it was suppressed for before. Only their own new sign-up,
    confirmed, makes them a reader again, and then a new one.
    """
    now, key = now or timezone.now(), subscriber.address_key
    present = Subscriber.objects.select_for_update().filter(pk=subscriber.pk, email__isnull=False)
    if (address := present.values_list("email", flat=True).first()) is None:
        return
    _ask_provider(subscriber, address, now)
    Consent.objects.filter(subscription__subscriber=subscriber).forget()
    for each in subscriber.subscriptions.all():
        consent.unsubscribe(each, Consent.Source.STAFF if staff else Consent.Source.PAGE, staff, "erased")
    Suppression.objects.get_or_create(address_key=key, defaults={"reason": REASON})
    SignUp.objects.filter(Q(address_key=key) | Q(subscriber=subscriber)).delete()
    Letter.objects.filter(subscriber=subscriber, status=Letter.Status.PENDING).delete()
    Click.objects.filter(subscription__subscriber=subscriber).update(subscription=None)
    Subscription.objects.filter(subscriber=subscriber).update(counted_since=None)
    # A provider's words may hold a part of the address that does not look like one.
    theirs = Delivery.objects.filter(subscriber=subscriber)
    Event.objects.filter(Q(delivery_id__in=theirs.values("pk")) | Q(address_key=key)).update(words="", address_key="")
    Suppression.objects.filter(address_key=key).update(note="")
    returned.forget_reader(address)
    Release.objects.filter(address_key=key).update(reason="")
    theirs.update(address_key="", reason=Case(When(status__in=FAILED, then=Value("erased")), default=F("reason")))
    # The row stays, because the ledger counts it; nothing in it leads to the address any more.
    Subscriber.objects.filter(pk=subscriber.pk).update(
        email=None, name="", address_key=secrets.token_hex(16), erased_at=now
    )
    record(staff, "erase", f"subscriber {subscriber.pk}", **({"again": True} if again else {}))
    transaction.on_commit(lambda: erase_log.note(key, now))


def _ask_provider(subscriber: Subscriber, address: str, now: datetime) -> None:
    """Write down that SendGrid is to be asked, where anything of this reader's was ever handed to it."""
    copies = Attempt.objects.filter(batch__deliveries__subscriber=subscriber, transport=SENDGRID)
    # Where copies are totals nobody knows any more whose they were, so each reader of the newsletter counts.
    totals = Attempt.objects.filter(batch__edition__rolled_up_at__isnull=False, transport=SENDGRID)
    past = totals.filter(batch__edition__newsletter__subscriptions__subscriber=subscriber)
    there = (
        copies.exists() or past.exists() or Letter.objects.filter(subscriber=subscriber, transport=SENDGRID).exists()
    )
    values = {"address": address} if there else {"status": Erasure.Status.NONE}
    Erasure.objects.create(address_key=subscriber.address_key, created_at=now, **values)
