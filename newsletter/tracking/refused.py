"""What a mail server refused while a copy was handed over, as an event: the same evidence as a bounce by mail.

Else whoever has no mailbox any more would be refused in every edition. Only what names the address counts, in its
status and by the tables that read returned mail: a server that refuses us for who we are, or a relay for its own
reasons, says nothing about a reader. Too many at once are held, like any others.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from newsletter.deliveries.models import SAID, Delivery
from newsletter.editions.models import Edition
from newsletter.subscribers import addresses
from newsletter.subscribers.models import Suppression
from newsletter.tracking import store
from newsletter.tracking.bounces.classify import Said, code_in, status_in, verdict
from newsletter.tracking.bounces.reading import Kind as Read
from newsletter.tracking.events import Cause, Kind, ProviderEvent, Source
from newsletter.transports.smtp_session import SAID_BY_SERVER

GONE = ("5.1.1", "5.1.2", "5.1.10")  # no such mailbox, no such domain; Office 365 says 5.1.10
RECENT = timedelta(days=2)  # an edition is tried for one
AGAIN = timedelta(hours=6)  # looked at every minute; who is suppressed by then is looked at no more


def note(now: datetime | None = None) -> int:
    """Keep what was refused lately and is not known yet; returns how many."""
    found = (_event(copy) for copy in _refused(now or timezone.now()))
    return store.keep(event for event in found if event).new


def _refused(now: datetime) -> Iterable[Delivery]:
    of = Edition.objects.filter(started_at__gt=now - RECENT)
    named = Q(*(("reason__contains", f" {status} ") for status in GONE), _connector=Q.OR)
    copies = Delivery.objects.filter(SAID, named, edition__in=of, status=Delivery.Status.REJECTED)
    copies = copies.filter(reason__startswith=SAID_BY_SERVER, updated_at__gt=now - AGAIN)
    barred = Suppression.objects.filter(address_key=OuterRef("address_key"))
    return copies.filter(~Exists(barred)).select_related("edition", "subscriber").order_by("pk")


def _event(copy: Delivery) -> ProviderEvent | None:
    """About the address: the copy was never accepted, so nothing becomes of it any more."""
    words, address = copy.reason.removeprefix(SAID_BY_SERVER), copy.subscriber.email or ""
    status = status_in(words)
    if status not in GONE or verdict(Said(words, status, code_in(words)))[0] != Read.HARD:
        return None
    if not address or addresses.key(address) != copy.address_key:
        return None  # erased, or moved since
    return ProviderEvent(
        kind=Kind.BOUNCE,
        cause=Cause.HARD,
        source=Source.SMTP,
        at=copy.updated_at,
        identity=f"smtp {copy.edition.public}.{copy.pk}",
        address=address,
        status=status,
        words=f"refused when edition {copy.edition_id} was handed over: {words}",
    )
