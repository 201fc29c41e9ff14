"""Moments as people read them: wall-clock time with its zone, written once."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from newsletter.errors import UsageError

FARTHEST = timedelta(days=366)


def local(moment: datetime, zone: str) -> str:
    """Such as "Thursday 26 November, 07:00 New York"."""
    there = moment.astimezone(ZoneInfo(zone))
    return f"{there:%A} {there.day} {there:%B}, {there:%H:%M} {place(zone)}"


def read(text: str, zone: str) -> datetime:
    """The moment that somebody wrote, such as 2026-11-26T07:00: wall-clock time of the zone unless it names its offset.

    Raises UsageError for what is no time, or lies more than a year away (a slip in the year).
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise UsageError(f"{text!r} is no time.", hint="Write it as 2026-11-26T07:00.") from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))
    if abs(moment - datetime.now(UTC)) > FARTHEST:
        raise UsageError(f"{text!r} is more than a year away.", hint="Write it as 2026-11-26T07:00.")
    return moment


def place(zone: str) -> str:
    """The city of an IANA zone name."""
    return zone.rpartition("/")[2].replace("_", " ")


def duration(seconds: float) -> str:
    """In words, to two units: "3 h 20 min", "45 s"."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def wall(moment: datetime, zone: str) -> str:
    """The wall-clock time as a form's datetime-local field wants it."""
    return moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M")


WORDS = {"local": local, "place": place, "duration": duration, "wall": wall}  # what templates may call
