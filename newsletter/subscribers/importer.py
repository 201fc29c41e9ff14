"""Readers from a CSV file: streamed, in chunks, never reviving anybody who left."""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from django.db import transaction

from newsletter.errors import UsageError
from newsletter.newsletters.models import Newsletter, Staff
from newsletter.subscribers import addresses
from newsletter.subscribers.models import Consent, Subscriber, Subscription, Suppression

CHUNK = 1000
NAME_LENGTH = 200


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

    counts: Counter[str] = field(default_factory=Counter)
    refused: list[Refusal] = field(default_factory=list)

    @property
    def lines(self) -> int:
        return self.counts.total() + len(self.refused)


def import_csv(path: Path, newsletter: Newsletter, staff: Staff | None, *, dry_run: bool = False) -> Iterator[Imported]:
    """Take in a file with a header line naming `email` and perhaps `name`; yields the running result per chunk.

    Raises UsageError when the file cannot be read or names no email column. A broken line refuses that line only.
    """
    result = Imported()
    seen: set[str] = set()
    rows = _rows(path, result.refused, seen)
    while chunk := list(islice(rows, CHUNK)):
        result.counts.update(_take(chunk, newsletter, staff, path.name, dry_run=dry_run))
        yield result
    yield result


def _rows(path: Path, refused: list[Refusal], seen: set[str]) -> Iterator[Row]:
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            reader = csv.reader(line.replace("\0", "\ufffd") for line in file)
            email_at, name_at = _columns(next(reader, []), path)
            yield from _readable(reader, (email_at, name_at), refused, seen)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    except csv.Error as error:
        raise UsageError(f"{path} is not a CSV file: {error}.") from error


def _columns(header: list[str], path: Path) -> tuple[int, int | None]:
    names = [name.strip().lower() for name in header]
    for word in ("email", "e-mail", "email address", "address"):
        if word in names:
            return names.index(word), names.index("name") if "name" in names else None
    raise UsageError(
        f"{path} has no column called email; its first line is: {', '.join(header)[:120] or 'empty'}.",
        hint="The first line must name the columns: email,name",
    )


def _readable(
    reader: Iterable[list[str]], columns: tuple[int, int | None], refused: list[Refusal], seen: set[str]
) -> Iterator[Row]:
    email_at, name_at = columns
    for line, cells in enumerate(reader, start=2):
        if not any(cells):
            continue
        try:
            email = addresses.clean(cells[email_at] if email_at < len(cells) else "")
        except UsageError as error:
            refused.append(Refusal(line, str(error)))
            continue
        address_key = addresses.key(email)
        if address_key in seen:
            refused.append(Refusal(line, "this address stands in the file already"))
            continue
        seen.add(address_key)
        name = cells[name_at] if name_at is not None and name_at < len(cells) else ""
        yield Row(line, email, clean_name(name), address_key)


def clean_name(text: str) -> str:
    """A display name on one line, without control characters, 200 characters at most."""
    printable = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(printable.split())[:NAME_LENGTH]


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


@transaction.atomic
def _store(rows: list[Row], newsletter: Newsletter, staff: Staff | None, source: str) -> None:
    Subscriber.objects.bulk_create(
        [Subscriber(email=row.email, name=row.name, address_key=row.address_key) for row in rows], ignore_conflicts=True
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
