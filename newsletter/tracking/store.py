"""Keeping what providers report: one row an event, at most once, before anything is done about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from newsletter import ids, recordset
from newsletter.subscribers import addresses
from newsletter.tracking.events import ProviderEvent
from newsletter.transports.wire import words

AT_ONCE = 2000
BIGGEST = 2**63 - 1
COLUMNS = {
    "key": "uuid", "kind": "text", "cause": "text", "source": "text", "state": "text", "at": "timestamptz",
    "received_at": "timestamptz", "edition": "bigint", "batch": "bigint", "delivery_id": "bigint", "request": "text",
    "address_key": "text", "status": "text", "provider_class": "text", "words": "text", "machine": "text",
}  # fmt: skip


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
    foreign = sum(not event.is_ours for event in listed)
    now, new = _written(timezone.now()), 0
    rows = [{"key": key.hex, **_row(event, now)} for key, event in ours.items()]
    with connection.cursor() as cursor:
        for start in range(0, len(rows), AT_ONCE):
            cursor.execute(_insert(), [recordset.parameter(rows[start : start + AT_ONCE])])
            new += cursor.rowcount
    return Kept(new=new, known=len(listed) - foreign - new, foreign=foreign)


def _insert() -> str:
    names = ", ".join(COLUMNS)
    return (
        f"INSERT INTO newsletter_event ({names}) SELECT {names} FROM {recordset.table(COLUMNS)}"  # noqa: S608 # ours
        " WHERE true ON CONFLICT (key) DO NOTHING"
    )


def _row(event: ProviderEvent, now: str) -> dict[str, Any]:
    known = event.delivery_id is not None and 0 < event.delivery_id <= BIGGEST
    return {
        "kind": event.kind.value,
        "cause": event.cause.value,
        "source": event.source.value,
        "state": "waiting",
        "at": _written(event.at),
        "received_at": now,
        "edition": ids.from_text(event.edition),
        "batch": ids.from_text(event.batch),
        "delivery_id": event.delivery_id if known else None,
        "request": _fit(event.request, 12),
        "address_key": addresses.key(event.address) if event.address else "",
        "status": _fit(event.status, 12),
        "provider_class": _fit(event.provider_class, 40),
        "words": words(event.words) if event.words else "",
        "machine": _fit(event.machine, 20),
    }


def _fit(text: str, most: int) -> str:
    return words(text)[:most] if text else ""


def _written(moment: datetime) -> str:
    """As both databases read a moment: UTC, without saying so."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
