"""Keeping what providers report: one row an event, at most once, before anything is done about it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone

from newsletter import ids
from newsletter.subscribers import addresses
from newsletter.tracking.events import ProviderEvent
from newsletter.tracking.models import Event
from newsletter.transports.wire import words

AT_ONCE = 1000
BIGGEST = 2**63 - 1


@dataclass(frozen=True)
class Kept:
    """How many events were new, known already, and about nothing of ours."""

    new: int = 0
    known: int = 0
    foreign: int = 0


def keep(events: Iterable[ProviderEvent]) -> Kept:
    """Store what is new, durably when this returns; to do something about it is for `apply`. Order does not matter.

    Raises whatever the database raises: then nothing may be called received.
    """
    listed = list(events)
    ours = {event.key: event for event in listed if event.is_ours}
    known = set(Event.objects.filter(key__in=list(ours)).values_list("key", flat=True)) if ours else set()
    now = timezone.now()
    rows = [_row(event) for key, event in ours.items() if key not in known]
    for row in rows:
        row.received_at = now
    Event.objects.bulk_create(rows, batch_size=AT_ONCE, ignore_conflicts=True)
    foreign = sum(not event.is_ours for event in listed)
    return Kept(new=len(rows), known=len(listed) - foreign - len(rows), foreign=foreign)


def _row(event: ProviderEvent) -> Event:
    return Event(
        key=event.key,
        kind=event.kind,
        cause=event.cause,
        source=event.source,
        at=event.at,
        edition=ids.from_text(event.edition),
        batch=ids.from_text(event.batch),
        delivery_id=event.delivery_id if event.delivery_id and 0 < event.delivery_id <= BIGGEST else None,
        request=words(event.request)[:12],
        address_key=addresses.key(event.address) if event.address else "",
        status=words(event.status)[:12],
        provider_class=words(event.provider_class)[:40],
        words=words(event.words),
        machine=words(event.machine)[:20],
    )
