"""Adding and changing newsletters, and finding the one that a command means."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from django.core.exceptions import ValidationError
from django.db import transaction

from newsletter.config import nearest
from newsletter.errors import UsageError
from newsletter.newsletters import audit, sections
from newsletter.newsletters.models import Newsletter, Staff

LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z")  # the common part of BCP 47
COLOUR = re.compile(r"#[0-9a-fA-F]{6}\Z")
ONE_LINE = ("name", "tagline", "mission", "sender_name", "language", "home_url")
WEEK = 7 * 24  # hours
FARTHEST = timedelta(days=366)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@transaction.atomic
def add(name: str, values: Mapping[str, Any], frames: list[sections.Frame], staff: Staff | None) -> Newsletter:
    """Make a newsletter with its sections. Raises UsageError for a taken name or a value that cannot be used."""
    newsletter = Newsletter(name=name, slug=sections.slug(name), **values)
    if Newsletter.objects.filter(slug=newsletter.slug).exists():
        raise UsageError(f"There is a newsletter {newsletter.slug} already.", hint="newsletter set changes it.")
    _check(newsletter)
    newsletter.save()
    sections.replace_all(newsletter, frames or list(sections.DEFAULT))
    audit.record(staff, "add", f"newsletter {newsletter.slug}")
    return newsletter


@transaction.atomic
def change(
    newsletter: Newsletter, values: Mapping[str, Any], frames: list[sections.Frame], staff: Staff | None
) -> None:
    """Change some of a newsletter's columns, and all its sections when any are given. Raises UsageError."""
    for field, value in values.items():
        setattr(newsletter, field, value)
    _check(newsletter)
    newsletter.save()
    if frames:
        sections.replace_all(newsletter, frames)
    audit.record(staff, "set", f"newsletter {newsletter.slug}", fields=sorted(values))


def found(slug: str | None) -> Newsletter:
    """The newsletter of that slug, or the only one there is. Raises UsageError."""
    if slug is None:
        newsletters = list(Newsletter.objects.order_by("pk")[:2])
        if len(newsletters) == 1:
            return newsletters[0]
        if newsletters:
            raise UsageError("There are several newsletters; name one.", hint="--newsletter SLUG; newsletter list")
        raise UsageError("There is no newsletter yet.", hint="newsletter add NAME --sender EMAIL --postal-address …")
    newsletter = Newsletter.objects.filter(slug=slug).first()
    if newsletter is None:
        known = list(Newsletter.objects.values_list("slug", flat=True))
        raise UsageError(f"There is no newsletter {slug}.{nearest(slug, known)}", hint="newsletter list")
    return newsletter


def weekday(text: str) -> int:
    """0 for Monday; the name may be shortened. Raises UsageError."""
    matches = [number for number, name in enumerate(WEEKDAYS) if len(text) > 1 and name.startswith(text.lower())]
    if len(matches) != 1:
        raise UsageError(f"{text!r} is no day of the week.")
    return matches[0]


def clock(text: str) -> time:
    """A time such as 07:00. Raises UsageError."""
    try:
        return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 # the zone stands in its own column
    except ValueError as error:
        raise UsageError(f"{text!r} is no time of day; write it as 07:00.") from error


def zone(text: str) -> str:
    """An IANA zone. Raises UsageError with the nearest name."""
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageError(f"There is no time zone {text!r}.{nearest(text, sorted(available_timezones()))}") from error
    return text


def hours(text: str) -> timedelta:
    """A number of hours, a week's at most. Raises UsageError."""
    try:
        number = float(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no number of hours.") from error
    if not 0 <= number <= WEEK:
        raise UsageError(f"{text} hours cannot be; use 0 to {WEEK}.")
    return timedelta(hours=number)


def moment(text: str, zone: str) -> datetime:
    """The moment that somebody wrote, in UTC: wall-clock time of the zone unless it names its offset.

    Raises UsageError for what is no time, or lies more than a year away (a slip in the year).
    """
    try:
        written = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise UsageError(f"{text!r} is no time.", hint="Write it as 2026-11-26T07:00.") from error
    written = written if written.tzinfo else written.replace(tzinfo=ZoneInfo(zone))
    if abs(written - datetime.now(UTC)) > FARTHEST:
        raise UsageError(f"{text!r} is more than a year away.", hint="Write it as 2026-11-26T07:00.")
    return written.astimezone(UTC)


def _check(newsletter: Newsletter) -> None:
    try:
        newsletter.full_clean()
    except ValidationError as error:
        faults = [
            f"{field.replace('_', ' ')}: {' '.join(said).rstrip('.')}" for field, said in error.message_dict.items()
        ]
        raise UsageError("; ".join(faults)) from error
    broken = [field for field in ONE_LINE if not getattr(newsletter, field).isprintable()]
    if broken:  # a line break in a name would break the head of every mail
        raise UsageError(f"{broken[0].replace('_', ' ')}: it has to be one line of text.")
    if any(not char.isprintable() and char != "\n" for char in newsletter.postal_address):
        raise UsageError("postal address: it has to be plain text.")
    if not LANGUAGE.match(newsletter.language):
        raise UsageError(f"language: {newsletter.language!r} is no language tag such as en or pt-BR.")
    if not COLOUR.match(newsletter.accent):
        raise UsageError(f"accent: {newsletter.accent!r} is no colour such as #9b1c1f.")
