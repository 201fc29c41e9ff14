"""Looking ahead: a newsletter's next runs by the clock on its wall, and who and what would be in them today."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from newsletter import clock
from newsletter.deliveries import plan
from newsletter.editions import draft, week
from newsletter.editions.models import Edition
from newsletter.editions.week import Run, Schedule
from newsletter.newsletters.models import Newsletter

RUNS = 4
TO_COMPOSE, SKIPPED = "to compose", "skipped"


@dataclass(frozen=True)
class Upcoming:
    """One run ahead. `state` is its edition's status, "to compose" or "skipped"; `stories` and `readers` are today's.

    `clocks` is what daylight saving does to it, in words, or "".
    """

    newsletter: Newsletter
    run: Run
    edition: Edition | None
    state: str
    stories: int
    readers: int
    clocks: str = ""

    @property
    def send_at(self) -> datetime:
        """When it goes out: the run's time, unless somebody chose another for its edition."""
        return self.edition.send_at if self.edition and self.edition.send_at else self.run.send_at

    def as_json(self) -> dict[str, Any]:
        zone = self.newsletter.zone
        return {
            "newsletter": self.newsletter.slug,
            "day": self.run.day.isoformat(),
            "local": self.send_at.astimezone(ZoneInfo(zone)).isoformat(),
            "utc": self.send_at.isoformat(),
            "zone": zone,
            "cutoff": self.run.cutoff_at.isoformat(),
            "state": self.state,
            "edition": self.edition.pk if self.edition else None,
            "stories": self.stories,
            "readers": self.readers,
            "clocks": self.clocks or None,
        }


def forecast(newsletter: Newsletter, now: datetime, runs: int = RUNS) -> Iterator[Upcoming]:
    """The next runs in order, the dates that are skipped among them; before them what a change of the day left."""
    yield from _upcoming(newsletter, now, runs, plan.audience(Edition(newsletter=newsletter)))


def runs(newsletter: Newsletter, now: datetime, count: int = RUNS) -> Iterator[Upcoming]:
    """The same without its readers, who take a while to be counted where there are many."""
    return _upcoming(newsletter, now, count, 0)


def _upcoming(newsletter: Newsletter, now: datetime, runs: int, readers: int) -> Iterator[Upcoming]:
    schedule = draft.schedule_of(newsletter)
    yield from _out_of_line(newsletter, schedule, now, readers)
    is_next = True
    for run in islice(_ahead(schedule, now, runs), 2 * week.WEEK.days * runs):
        if run.skipped:
            yield Upcoming(newsletter, run, None, SKIPPED, 0, 0)
            continue
        edition = draft.of_run(newsletter, run)
        stories = draft.stories_so_far(newsletter, run, edition, now) if edition or is_next else 0
        state = edition.status if edition else TO_COMPOSE
        yield Upcoming(newsletter, run, edition, state, stories, readers, _clocks(schedule, run))
        is_next = False


def _out_of_line(newsletter: Newsletter, schedule: Schedule, now: datetime, readers: int) -> Iterator[Upcoming]:
    """Editions that are still to go out though their week's run is over: the newsletter's day was changed since."""
    status = Edition.Status
    first = next(week.slots_after(schedule, now)).period_start
    waiting = newsletter.editions.filter(kind=Edition.Kind.REGULAR, period_start__lt=first, send_at__gt=now)
    for edition in waiting.filter(status__in=[status.DRAFT, status.APPROVED, status.SCHEDULED]).order_by("send_at"):
        if edition.send_at and edition.period_start:
            day = edition.send_at.astimezone(schedule.zone).date()
            run = Run(edition.period_start, day, edition.send_at, edition.stories_until)
            stories = draft.stories_so_far(newsletter, run, edition, now)
            yield Upcoming(newsletter, run, edition, edition.status, stories, readers)


def _ahead(schedule: Schedule, now: datetime, runs: int) -> Iterator[Run]:
    """Slots until `runs` of them are not skipped."""
    for run in week.slots_after(schedule, now):
        yield run
        runs -= not run.skipped
        if not runs:
            return


def _clocks(schedule: Schedule, run: Run) -> str:
    """Whether the clocks change in the week before a run, or over its very hour."""
    wall = run.send_at.astimezone(schedule.zone)
    if wall.time() != schedule.send_time:
        return f"{schedule.send_time:%H:%M} does not exist that day: the clocks go forward over it"
    if wall.utcoffset() == wall.replace(fold=1).utcoffset():
        before = (wall - timedelta(days=7)).utcoffset()
        if before == wall.utcoffset():
            return ""
        was = week.run_on(schedule, run.day - week.WEEK).send_at
        return f"the clocks change before it: {run.send_at:%H:%M} UTC, the week before {was:%H:%M}"
    return f"{wall:%H:%M} comes twice that day; the first is meant"


def words(each: Upcoming) -> str:
    """Such as "Thursday 26 November, 07:00 New York"."""
    return clock.local(each.send_at, each.newsletter.zone)
