"""Forgetting a person: their rows are emptied, the ledger keeps its counts, and a keyed hash keeps them from coming
back by an old file."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone

from newsletter.deliveries.models import Attempt, Delivery
from newsletter.letters.models import Letter
from newsletter.newsletters.audit import record
from newsletter.newsletters.models import Staff
from newsletter.subscribers import consent, former, signup, suppression
from newsletter.subscribers.models import Consent, Release, SignUp, Subscriber, Subscription
from newsletter.tracking import erase_log, returned
from newsletter.tracking.fate import FAILED
from newsletter.tracking.models import Click, Erasure, Event

SENDGRID = "sendgrid"


@transaction.atomic
def erase(
    subscriber: Subscriber, staff: Staff | None = None, now: datetime | None = None, *, again: bool = False
) -> None:
    """Empty a reader's row and all that names them; doing it again changes nothing.

    The provider is asked to forget them too (provider_erasure.py), and a file remembers it in case that an older
    database is restored (erased.py); `again` says that it was.

    Their address, and those that they moved away from, stay suppressed as `erased`, or for the complaint or decision
    that stood before. Only their own new sign-up, confirmed, makes them a reader again, and then a new one.
    """
    now = now or timezone.now()
    present = Subscriber.objects.select_for_update().filter(pk=subscriber.pk, email__isnull=False)
    if (person := present.first()) is None:
        return
    held = former.all_of(person)
    theirs = [each for each in held if each.free]  # what somebody else has by now is that reader's
    _ask_provider(person, theirs, now)
    Consent.objects.filter(subscription__subscriber=person).forget()
    for each in person.subscriptions.select_related("newsletter", "subscriber"):
        consent.unsubscribe(each, Consent.Source.STAFF if staff else Consent.Source.PAGE, staff, "erased")
    _forget_requests(person, [each.address_key for each in theirs])
    _forget_addresses(theirs)
    Click.objects.filter(subscription__subscriber=person).update(subscription=None)
    Subscription.objects.filter(subscriber=person).update(counted_since=None)
    copies = Delivery.objects.filter(subscriber=person)
    # A provider's words may hold a part of the address that does not look like one.
    Event.objects.filter(delivery_id__in=copies.values("pk")).update(words="", address_key="")
    copies.update(address_key="", reason=Case(When(status__in=FAILED, then=Value("erased")), default=F("reason")))
    # The row stays, because the ledger counts it; nothing in it leads to the address any more.
    present.update(email=None, name="", address_key=secrets.token_hex(16), erased_at=now)
    person.former.all().delete()
    record(staff, "erase", f"subscriber {person.pk}", **({"again": True} if again else {}))
    # A database from before they moved has them at an address that may be another reader's today.
    noted = {each.address_key: now if each.free else each.until or now for each in held}
    transaction.on_commit(lambda: erase_log.note(noted))


def _forget_requests(person: Subscriber, keys: Sequence[str]) -> None:
    """What they asked for, and the letters that would answer it; and any other letter that waits for its turn.

    Of a letter that failed, the provider's words go, as they do of a copy.
    """
    asked = SignUp.objects.filter(Q(address_key__in=keys) | Q(subscriber=person))
    answers = signup.letters_of(asked.values_list("pk", flat=True))
    mine = Q(subscriber=person) | Q(dedupe_key__in=list(answers))
    Letter.objects.filter(mine, status=Letter.Status.PENDING).delete()
    Letter.objects.filter(mine).exclude(reason="").update(reason="erased")
    asked.delete()


def _forget_addresses(theirs: Sequence[former.Held]) -> None:
    """What is known by an address rather than by its reader; nothing but a bar is left."""
    keys = [each.address_key for each in theirs]
    suppression.forget(keys)
    Event.objects.filter(address_key__in=keys).update(words="", address_key="")
    Release.objects.filter(address_key__in=keys).update(reason="")
    for each in theirs:
        returned.forget_reader(each.address)


def _ask_provider(subscriber: Subscriber, theirs: Sequence[former.Held], now: datetime) -> None:
    """Write down that SendGrid is to be asked, where anything of this reader's was ever handed to it."""
    copies = Attempt.objects.filter(batch__deliveries__subscriber=subscriber, transport=SENDGRID)
    # Where copies are totals nobody knows any more whose they were, so each reader of the newsletter counts.
    totals = Attempt.objects.filter(batch__edition__rolled_up_at__isnull=False, transport=SENDGRID)
    past = totals.filter(batch__edition__newsletter__subscriptions__subscriber=subscriber)
    there = (
        copies.exists() or past.exists() or Letter.objects.filter(subscriber=subscriber, transport=SENDGRID).exists()
    )
    status = Erasure.Status.PENDING if there else Erasure.Status.NONE
    Erasure.objects.bulk_create(
        Erasure(address_key=each.address_key, created_at=now, status=status, address=each.address if there else "")
        for each in theirs
    )
