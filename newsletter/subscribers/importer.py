"""Readers from a CSV file: streamed, in chunks, never reviving anybody who left."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from django.db import IntegrityError, transaction

from newsletter.errors import UsageError
from newsletter.newsletters.models import Newsletter, Staff
from newsletter.subscribers import addresses, mailboxes, table
from newsletter.subscribers.models import Consent, Subscriber, Subscription, Suppression

CHUNK = 1000
NAME_LENGTH = 200
JOINERS = "\u200c\u200d"  # invisible, but Persian names and Indian scripts are misspelt without them
ATTEMPTS = 3  # at a chunk, when somebody signs up with one of its addresses at that moment


@dataclass(frozen=True)
class Row:
    """One readable line."""

    line: int
    email: str
    name: str
    address_key: str


@dataclass(frozen=True)
class Refusal:
    """A line that was not taken, and why."""

    line: int
    reason: str


@dataclass
class Imported:
    """What became of a file's lines: they are `counts` (added, present, left, suppressed) plus `refused`."""

    counts: Counter[str] = field(default_factory=lambda: Counter(added=0, present=0, left=0, suppressed=0))
    refused: list[Refusal] = field(default_factory=list)

    @property
    def lines(self) -> int:
        return self.counts.total() + len(self.refused)


def import_csv(path: Path, newsletter: Newsletter, staff: Staff | None, *, dry_run: bool = False) -> Iterator[Imported]:
    """Take in a file with a header line naming `email` and perhaps `name`; yields the running result per chunk.

    Raises UsageError when the file cannot be read or names no email column. A broken line refuses that line only.
    """
    result = Imported()
    rows = _rows(path, result.refused)
    source = path.name.encode(errors="replace").decode()
    while chunk := list(islice(rows, CHUNK)):
        result.counts.update(_taken(chunk, newsletter, staff, source, dry_run=dry_run))
        yield result
    yield result


def _rows(path: Path, refused: list[Refusal]) -> Iterator[Row]:
    seen: set[int] = set()  # half of each key: 70 bytes a line, and a clash in a million lines is less likely than 1e-7
    for line, record in table.records(path):
        try:
            row = _row(line, record)
        except UsageError as error:
            refused.append(Refusal(line, str(error)))
            continue
        short_key = int(row.address_key[:16], 16)
        if short_key in seen:
            refused.append(Refusal(line, "This address stands in the file already"))
            continue
        seen.add(short_key)
        yield row


def _row(line: int, record: table.Record | table.Fault) -> Row:
    if isinstance(record, table.Fault):
        raise UsageError(record.reason)
    email = addresses.clean(record.email)
    return Row(line, email, clean_name(record.name), addresses.key(email))


def clean_name(text: str) -> str:
    """A display name on one line, without control characters, 200 characters at most."""
    printable = "".join(char if char.isprintable() or char in JOINERS else " " for char in text)
    return " ".join(printable.split())[:NAME_LENGTH]


def _taken(
    chunk: list[Row], newsletter: Newsletter, staff: Staff | None, source: str, *, dry_run: bool
) -> Counter[str]:
    for _ in range(ATTEMPTS - 1):
        try:
            return _take(chunk, newsletter, staff, source, dry_run=dry_run)
        except IntegrityError:  # somebody was faster with an address: look again at who is there
            continue
    return _take(chunk, newsletter, staff, source, dry_run=dry_run)


@transaction.atomic
def _take(chunk: list[Row], newsletter: Newsletter, staff: Staff | None, source: str, *, dry_run: bool) -> Counter[str]:
    keys = [row.address_key for row in chunk]
    suppressed = set(Suppression.objects.filter(address_key__in=keys).values_list("address_key", flat=True))
    known = Subscription.objects.filter(newsletter=newsletter, subscriber__address_key__in=keys)
    statuses = dict(known.values_list("subscriber__address_key", "status"))
    new = [row for row in chunk if row.address_key not in suppressed and row.address_key not in statuses]
    if not dry_run:
        _store(new, newsletter, staff, source)
    left = sum(statuses[key] == Subscription.Status.UNSUBSCRIBED for key in statuses if key not in suppressed)
    present = sum(key in statuses and key not in suppressed for key in keys) - left
    return Counter(added=len(new), present=present, left=left, suppressed=sum(key in suppressed for key in keys))


def _store(rows: list[Row], newsletter: Newsletter, staff: Staff | None, source: str) -> None:
    Subscriber.objects.bulk_create(
        [
            Subscriber(email=row.email, name=row.name, address_key=row.address_key, mailbox=mailboxes.of(row.email))
            for row in rows
        ],
        ignore_conflicts=True,
    )
    ids = Subscriber.objects.filter(address_key__in=[row.address_key for row in rows]).values_list("id", flat=True)
    fresh = [Subscription(subscriber_id=pk, newsletter=newsletter, status=Subscription.Status.ACTIVE) for pk in ids]
    Subscription.objects.bulk_create(fresh)
    Consent.objects.bulk_create(
        Consent(
            subscription=subscription,
            status=Subscription.Status.ACTIVE,
            source=Consent.Source.IMPORT,
            staff=staff,
            detail=source[:300],
        )
        for subscription in fresh
    )
