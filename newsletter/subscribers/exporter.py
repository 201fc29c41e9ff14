"""Readers and suppressions as rows of a file, streamed by their ids: no long transaction, and memory for one page."""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TextIO

from django.db.models import QuerySet

from newsletter.newsletters.models import Newsletter
from newsletter.subscribers.files.formulas import guarded
from newsletter.subscribers.files.lines import join_topics
from newsletter.subscribers.models import Consent, Subscriber, Subscription, Suppression, TopicSet

PAGE = 5000  # rows
# What files/sources.py knows again.
READERS = (
    "email", "name", "newsletter", "status", "topics", "opted_in_at", "opted_in_network", "confirmed_at",
    "confirmed_network", "paused_until", "unsubscribed_at",
)  # fmt: skip
SUPPRESSIONS = ("address_key", "email", "reason", "suppressed_at", "note")
Row = Mapping[str, Any]
Source, Status = Consent.Source, Subscription.Status
AGREED = (Source.SIGN_UP, Source.IMPORT, Source.STAFF)
"""How somebody became a reader. What they chose afterwards, a pause's end or another address are later than that."""


def readers(newsletter: Newsletter, statuses: Sequence[str] = ()) -> Iterator[Row]:
    """A newsletter's readers, of these statuses or of all; those who were erased are not among them."""
    sets = {key: tuple(topics) for key, topics in TopicSet.objects.values_list("key", "topics")}
    wanted = Subscription.objects.filter(newsletter=newsletter, subscriber__email__isnull=False)
    if statuses:
        wanted = wanted.filter(status__in=statuses)
    for page in _pages(wanted.select_related("subscriber")):
        consents = _consents(page)
        for each in page:
            given = consents.get(each.pk)
            yield {
                "email": each.subscriber.email,
                "name": each.subscriber.name,
                "newsletter": newsletter.slug,
                "status": each.status,
                "topics": sets.get(each.topic_set, ()),
                **_evidence(given),
                "paused_until": each.paused_until,
                "unsubscribed_at": each.unsubscribed_at,
            }


def suppressions() -> Iterator[Row]:
    """Every suppression. Its address is known only where a reader has it; the key means something to us alone."""
    for page in _pages(Suppression.objects.all()):
        known = Subscriber.objects.filter(address_key__in=[each.address_key for each in page], email__isnull=False)
        emails = dict(known.values_list("address_key", "email"))
        for each in page:
            yield {
                "address_key": each.address_key,
                "email": emails.get(each.address_key),
                "reason": each.reason,
                "suppressed_at": each.created_at,
                "note": each.note,
            }


def write_csv(rows: Iterable[Row], columns: Sequence[str], out: TextIO) -> int:
    """CSV with every cell quoted and none that a spreadsheet would run (T-09); returns how many rows."""
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(columns)
    return _each(rows, lambda row: writer.writerow([guarded(_cell(row[column])) for column in columns]))


def write_json(rows: Iterable[Row], out: TextIO) -> int:
    """One object a line, as it is; returns how many."""
    return _each(rows, lambda row: out.write(json.dumps(row, ensure_ascii=False, default=_cell) + "\n"))


def _each(rows: Iterable[Row], write: Callable[[Row], object]) -> int:
    return sum(1 for _ in map(write, rows))


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, tuple | list):
        return join_topics(value)
    return "" if value is None else str(value)


def _pages(wanted: QuerySet[Any]) -> Iterator[list[Any]]:
    last = 0
    while page := list(wanted.filter(pk__gt=last).order_by("pk")[:PAGE]):
        yield page
        last = page[-1].pk


def _consents(page: Sequence[Subscription]) -> dict[int, Consent]:
    """The latest evidence that each of these agreed."""
    theirs = Consent.objects.filter(subscription__in=[each.pk for each in page])
    agreed = theirs.filter(source__in=AGREED, status__in=[Status.ACTIVE, Status.PAUSED])
    return {each.subscription_id: each for each in agreed.order_by("id")}


def _evidence(given: Consent | None) -> dict[str, Any]:
    signed_up = given is not None and given.source == Source.SIGN_UP
    return {
        "opted_in_at": given and given.asked_at,
        "opted_in_network": given.asked_network if given else "",
        "confirmed_at": given.at if given and signed_up else None,
        "confirmed_network": given.network if given else "",
    }
