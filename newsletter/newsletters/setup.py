"""Adding and changing newsletters, and finding the one that a command means."""

from collections.abc import Mapping
from datetime import time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify

from newsletter.config import nearest
from newsletter.errors import UsageError
from newsletter.newsletters import audit, sections
from newsletter.newsletters.models import Newsletter, Staff

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@transaction.atomic
def add(name: str, values: Mapping[str, Any], frames: list[sections.Frame], staff: Staff | None) -> Newsletter:
    """Make a newsletter with its sections. Raises UsageError for a taken name or a value that cannot be used."""
    newsletter = Newsletter(name=name, slug=slugify(name), **values)
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
        return time.fromisoformat(text)
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
    """A number of hours. Raises UsageError."""
    try:
        return timedelta(hours=float(text))
    except (ValueError, OverflowError) as error:
        raise UsageError(f"{text!r} is no number of hours.") from error


def _check(newsletter: Newsletter) -> None:
    try:
        newsletter.full_clean()
    except ValidationError as error:
        faults = [f"{field.replace('_', ' ')}: {' '.join(said)}" for field, said in error.message_dict.items()]
        raise UsageError("; ".join(faults)) from error
