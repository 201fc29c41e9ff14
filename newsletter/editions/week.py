"""The newsroom week, computed: when the next runs are, in the newsletter's own zone. Pure; no Celery crontab.

Wall-clock time is meant: 07:00 stays 07:00 across daylight saving. A time that a spring night skips becomes the
first moment after the gap; one that an autumn night has twice is taken the first time.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Schedule:
    """When a newsletter goes out. `weekday` 0 is Monday; `cutoff` is how long before the send stories close."""

    weekday: int
    send_time: time
    zone: ZoneInfo
    cutoff: timedelta
    skip_dates: Collection[date] = ()


@dataclass(frozen=True)
class Run:
    """One run: the Monday of its ISO week, its local date, and the moments of its cut-off and send (UTC).

    `skipped`: the date is one without an edition, so nothing goes out.
    """

    period_start: date
    day: date
    send_at: datetime
    cutoff_at: datetime
    skipped: bool = False


def runs_after(schedule: Schedule, moment: datetime) -> Iterator[Run]:
    """Every run whose send lies after `moment`, in order, without the skipped dates. Endless."""
    return (run for run in slots_after(schedule, moment) if not run.skipped)


def slots_after(schedule: Schedule, moment: datetime) -> Iterator[Run]:
    """As runs_after, the skipped dates among them."""
    local = moment.astimezone(schedule.zone).date()
    day = local - timedelta(days=local.weekday()) + timedelta(days=schedule.weekday)
    while True:
        run = run_on(schedule, day)
        if run.send_at > moment:
            yield run
        day += WEEK


def last_closed(schedule: Schedule, moment: datetime) -> Run:
    """The newest slot whose cut-off has passed, skipped or not. A cut-off lies at most a week before its send."""
    slots = takewhile(lambda run: run.cutoff_at <= moment, slots_after(schedule, moment - 2 * WEEK))
    return list(slots)[-1]


def run_on(schedule: Schedule, day: date) -> Run:
    """The run whose send falls on this local date."""
    send_at = moment_of(day, schedule.send_time, schedule.zone)
    return Run(monday_of(day), day, send_at, send_at - schedule.cutoff, day in schedule.skip_dates)


def moment_of(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The UTC moment of a wall-clock time; see the module's words on daylight saving."""
    wall = datetime.combine(day, at, tzinfo=zone)  # fold=0: the first of two
    there_and_back = wall.astimezone(UTC).astimezone(zone)
    if there_and_back.replace(tzinfo=None) == wall.replace(tzinfo=None):
        return wall.astimezone(UTC)
    return _end_of_gap(wall)


def monday_of(day: date) -> date:
    """The Monday of a date's ISO week."""
    return day - timedelta(days=day.weekday())


def _end_of_gap(wall: datetime) -> datetime:
    # In a gap, fold=0 reads the clock as before the jump and fold=1 as after it: the jump lies between the two
    # readings, and halving finds its minute.
    early = wall.replace(fold=1).astimezone(UTC)
    late = wall.replace(fold=0).astimezone(UTC)
    before = early.astimezone(wall.tzinfo).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) / 2
        if middle.astimezone(wall.tzinfo).utcoffset() == before:
            early = middle
        else:
            late = middle
    return late.replace(microsecond=0)
