"""Adding and changing newsletters, and finding the one that a command means."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from newsletter.config_sources import nearest
from newsletter.errors import UsageError
from newsletter.newsletters import audit, phrases, sections
from newsletter.newsletters.models import Newsletter, Staff

LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z")  # the common part of BCP 47
COLOUR = re.compile(r"#[0-9a-fA-F]{6}\Z")
RHYTHM = frozenset(("weekday", "send_time", "zone", "cutoff"))
ONE_LINE = ("name", "tagline", "mission", "sender_name", "language", "home_url", "privacy_url")
WEEK = 7 * 24  # hours
DAY = 24 * 60  # minutes
MOST_STORIES = 99
MOST_READERS = 100_000_000
MOST_GROWTH = 100.0
MOST_FIRST = 50.0  # percent; a larger share would be no sample any more
FARTHEST = timedelta(days=366)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@transaction.atomic
def add(
    name: str,
    values: Mapping[str, Any],
    frames: list[sections.Frame],
    staff: Staff | None,
    later: Collection[str] = (),
) -> Newsletter:
    """Make a newsletter with its sections; columns named in `later` may still be empty.

    Raises UsageError for a taken name or a value that cannot be used.
    """
    newsletter = Newsletter(name=name, slug=sections.slug(name), **values)
    if Newsletter.objects.filter(slug=newsletter.slug).exists():
        raise UsageError(f"There is a newsletter {newsletter.slug} already.", hint="newsletter set changes it.")
    _check(newsletter, later)
    newsletter.save()
    sections.replace_all(newsletter, frames or list(sections.DEFAULT))
    audit.record(staff, "add", f"newsletter {newsletter.slug}", **_policy(values))
    return newsletter


@transaction.atomic
def change(
    newsletter: Newsletter, values: Mapping[str, Any], frames: list[sections.Frame], staff: Staff | None
) -> None:
    """Change some of a newsletter's columns, and all its sections when any are given. Raises UsageError."""
    if RHYTHM & values.keys():  # a run that would have been over by the new clock is not made up for
        values = {**values, "rhythm_from": timezone.now() - values.get("cutoff", newsletter.cutoff)}
    before = {field: getattr(newsletter, field) for field in values}
    for field, value in values.items():
        setattr(newsletter, field, value)
    _check(newsletter)
    newsletter.save(update_fields=list(values))  # the others may change meanwhile, as the ramp's cap does
    changes = audit.changes(before, values)
    if frames:
        standing = newsletter.sections.filter(cap__gt=0).order_by("position")
        was = [sections.written(each) for each in standing]
        sections.replace_all(newsletter, frames)
        changes |= audit.changes({"sections": was}, {"sections": [sections.written(each) for each in standing.all()]})
    changes.pop("rhythm_from", None)
    audit.record(staff, "set", f"newsletter {newsletter.slug}", changes=changes, **_policy(values))


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
    return timedelta(hours=_number(text, "hours", 0, WEEK))


def minutes(text: str) -> timedelta:
    """A number of minutes, a day's at most. Raises UsageError."""
    return timedelta(minutes=_number(text, "minutes", 0, DAY))


def share(text: str) -> float:
    """A share of the readers from its percentage, 0 to 50, with or without its sign. Raises UsageError."""
    return _number(text.removesuffix("%").strip(), "percent", 0, MOST_FIRST) / 100


def growth(text: str) -> float:
    """What a cap is multiplied by. Raises UsageError."""
    return _number(text, "times", 1, MOST_GROWTH)


def cap(text: str) -> int | None:
    """How many readers at most; "none" lifts the cap. Raises UsageError."""
    return None if text.lower() == "none" else _whole(text, "readers", 1, MOST_READERS)


def yes(text: str) -> bool:
    """Whether; "yes" or "no". Raises UsageError."""
    return one_of(("yes", "no"))(text) == "yes"


def stories(text: str) -> int:
    """A number of stories. Raises UsageError."""
    return _whole(text, "stories", 0, MOST_STORIES)


def one_of(known: Iterable[str]) -> Callable[[str], str]:
    """A reader of words that lets only these through. What it returns raises UsageError with the nearest."""
    words = list(known)

    def read(text: str) -> str:
        if text not in words:
            raise UsageError(f"{text!r} is none of {', '.join(words)}.{nearest(text, words)}")
        return text

    return read


def skip_dates(newsletter: Newsletter, more: Iterable[str], fewer: Iterable[str]) -> list[str]:
    """The newsletter's dates without an edition after adding and removing some; those that are past are dropped.

    Raises UsageError for what is no date, lies in the past or more than a year away, or is not there to be removed.
    """
    today = datetime.now(ZoneInfo(newsletter.zone)).date()
    kept = {date.fromisoformat(text) for text in newsletter.skip_dates}
    for text in fewer:
        if _day(text) not in kept:
            listed = ", ".join(map(str, sorted(kept))) or "none"
            raise UsageError(f"{text} is no skipped date of {newsletter}.", hint=f"They are: {listed}.")
        kept.remove(_day(text))
    for text in more:
        if not timedelta() <= _day(text) - today <= FARTHEST:
            raise UsageError(f"{text} is past or more than a year away.", hint="A date is written as 2026-12-24.")
        kept.add(_day(text))
    return [day.isoformat() for day in sorted(kept) if day >= today]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise UsageError(f"{text!r} is no date.", hint="Write it as 2026-12-24.") from error


def _whole(text: str, unit: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise UsageError(f"{text!r} is no whole number of {unit}.")
    return int(_number(text, unit, least, most))


def _number(text: str, unit: str, least: float, most: float) -> float:
    try:
        number = float(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no number of {unit}.") from error
    if not least <= number <= most:  # what is no number at all ("nan") is refused here too
        raise UsageError(f"{text} {unit} cannot be; use {least:g} to {most:,.0f}.")
    return number


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


def _policy(values: Mapping[str, Any]) -> dict[str, str]:
    """What the record keeps by value: by this entry it is known who chose the policy for unknown copies."""
    return {"on_unknown": str(values["on_unknown"])} if "on_unknown" in values else {}


def _check(newsletter: Newsletter, later: Collection[str] = ()) -> None:
    phrases.check(newsletter.subject_template)
    phrases.check(newsletter.preheader_template)
    try:
        newsletter.full_clean(exclude=[each for each in later if not getattr(newsletter, each)])
    except ValidationError as error:
        faults = [
            f"{field.replace('_', ' ')}: {' '.join(said).rstrip('.')}" for field, said in error.message_dict.items()
        ]
        raise UsageError("; ".join(faults)) from error
    if newsletter.utm and not newsletter.home_url:
        raise UsageError("utm: it stands on links into the own site, and nobody said which that is.", hint="--home-url")
    broken = [field for field in ONE_LINE if not getattr(newsletter, field).isprintable()]
    if broken:  # a line break in a name would break the head of every mail
        raise UsageError(f"{broken[0].replace('_', ' ')}: it has to be one line of text.")
    if any(not char.isprintable() and char != "\n" for char in newsletter.postal_address):
        raise UsageError("postal address: it has to be plain text.")
    if not LANGUAGE.match(newsletter.language):
        raise UsageError(f"language: {newsletter.language!r} is no language tag such as en or pt-BR.")
    if not COLOUR.match(newsletter.accent):
        raise UsageError(f"accent: {newsletter.accent!r} is no colour such as #9b1c1f.")
