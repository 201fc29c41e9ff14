"""Moments as people read them: wall-clock time with its zone, written once."""

import calendar
import time
from datetime import datetime
from zoneinfo import ZoneInfo


def local(moment: datetime, zone: str) -> str:
    """Such as "Thursday 26 November, 07:00 New York"."""
    there = moment.astimezone(ZoneInfo(zone))
    return f"{there:%A} {there.day} {there:%B}, {there:%H:%M} {place(zone)}"


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


def months_before(moment: datetime, months: int) -> datetime:
    """The same day and time, so many calendar months earlier; where that month has no such day, its last."""
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


def wall(moment: datetime, zone: str) -> str:
    """The wall-clock time as a form's datetime-local field wants it."""
    return moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M")


WORDS = {"local": local, "place": place, "duration": duration, "wall": wall}  # what templates may call


def ticking() -> float:
    """Seconds that pass also while the machine sleeps, where the system can tell; only differences mean anything."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()
