"""Editions in a row in which a reader's mailbox refused for the day, with none delivered between."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Max

from newsletter.deliveries.models import Delivery
from newsletter.recordset import among
from newsletter.subscribers.models import Release
from newsletter.tracking.events import Cause, Kind
from newsletter.tracking.models import Event

Status = Delivery.Status
GOT = (Status.DELIVERED, Status.COMPLAINED)
LATEST = 60  # editions of one reader that can be in a row: more than a year of weeks


class Soft(NamedTuple):
    """One copy that bounced softly."""

    at: datetime
    key: UUID
    status: str
    words: str


def rows(subscribers: Collection[int]) -> dict[str, list[Soft]]:
    """By address key, the soft bounces since the last copy that the mailbox took, the newest edition first.

    A reader who moved has a row for each address. An edition that nobody told anything of neither counts nor breaks it;
    what came before a person released the address does not count either.
    """
    copies = Delivery.objects.filter(subscriber_id__in=among(subscribers)).exclude(
        status__in=[Status.PENDING, Status.EXCLUDED]
    )
    listed = list(copies.order_by("-pk").values_list("pk", "status", "address_key"))
    soft = _soft([pk for pk, status, _ in listed if status not in GOT])
    released = _released({key for *_, key in listed}) if soft else {}
    found: dict[str, list[Soft]] = defaultdict(list)
    ended: set[str] = set()
    for pk, status, key in listed:
        if status in GOT:
            ended.add(key)
        elif pk in soft and key in released and soft[pk].at <= released[key]:
            continue
        elif pk in soft and key not in ended and len(found[key]) < LATEST:
            found[key].append(soft[pk])
        found.setdefault(key, [])
    found.pop("", None)  # erased
    return dict(found)


def _released(keys: Collection[str]) -> dict[str, datetime]:
    rows = Release.objects.filter(address_key__in=among(keys, "text"))
    return dict(rows.values_list("address_key").annotate(Max("at")))


def _soft(ids: Collection[int]) -> dict[int, Soft]:
    told = Event.objects.filter(delivery_id__in=among(ids), kind=Kind.BOUNCE, cause=Cause.SOFT).exclude(
        state=Event.State.PARKED
    )
    found: dict[int, Soft] = {}
    for pk, *row in told.order_by("-at", "-key").values_list("delivery_id", *Soft._fields):
        found[pk] = Soft._make(row)  # the earliest stays
    return found
