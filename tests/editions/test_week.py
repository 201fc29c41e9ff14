"""When the next runs are: wall-clock time in the newsletter's own zone, once a week, whatever the clocks do."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.editions.week import WEEK, Schedule, last_closed, moment_of, runs_after, slots_after
from tests.builders import at

NEW_YORK = ZoneInfo("America/New_York")
ZONES = ["America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Cairo", "Pacific/Apia"]


def weekly(zone: str, weekday: int = 3, at: time = time(7), skip: tuple[date, ...] = ()) -> Schedule:
    return Schedule(weekday, at, ZoneInfo(zone), timedelta(hours=16), skip)


def test_a_thursday_at_seven_stays_at_seven_when_the_clocks_change():
    # Given the two Thursdays around New York's autumn change
    runs = list(islice(runs_after(weekly("America/New_York"), at("2026-10-27 00:00")), 2))
    # Then the wall clock says seven on both, and UTC differs by the hour
    assert [run.send_at.astimezone(NEW_YORK).time() for run in runs] == [time(7), time(7)]
    assert [run.send_at.hour for run in runs] == [11, 12]


def test_a_time_that_the_spring_night_skips_becomes_the_first_moment_after():
    assert moment_of(date(2026, 3, 8), time(2, 30), NEW_YORK) == at("2026-03-08 07:00")  # 03:00 in New York


def test_a_time_that_the_autumn_night_has_twice_is_taken_the_first_time():
    assert moment_of(date(2026, 11, 1), time(1, 30), NEW_YORK) == at("2026-11-01 05:30")  # 01:30 before the change


def test_the_period_is_the_monday_of_the_sends_own_week_in_its_own_zone():
    # Given a send on Monday 00:30 in Auckland, which is still Sunday in UTC
    run = next(runs_after(weekly("Pacific/Auckland", weekday=0, at=time(0, 30)), at("2026-11-20 00:00")))
    assert run.period_start == date(2026, 11, 23)
    assert run.send_at.date() == date(2026, 11, 22)


def test_skipped_dates_have_no_run():
    christmas = date(2026, 12, 24)
    runs = islice(runs_after(weekly("America/New_York", skip=(christmas,)), at("2026-12-14 00:00")), 3)
    assert [run.send_at.date() for run in runs] == [date(2026, 12, 17), date(2026, 12, 31), date(2027, 1, 7)]


def test_the_cut_off_lies_before_the_send():
    run = next(runs_after(weekly("UTC"), at("2026-11-23 00:00")))
    assert run.send_at - run.cutoff_at == timedelta(hours=16)


FORTY = [
    "Africa/Cairo", "Africa/Casablanca", "Africa/Johannesburg", "Africa/Lagos", "Africa/Nairobi", "America/Anchorage",
    "America/Argentina/Buenos_Aires", "America/Bogota", "America/Chicago", "America/Denver", "America/Halifax",
    "America/Havana", "America/Los_Angeles", "America/Mexico_City", "America/New_York", "America/Santiago",
    "America/Sao_Paulo", "America/St_Johns", "Antarctica/Troll", "Asia/Beirut", "Asia/Dhaka", "Asia/Dubai", "Asia/Gaza",
    "Asia/Jerusalem", "Asia/Kathmandu", "Asia/Kolkata", "Asia/Shanghai", "Asia/Tehran", "Asia/Tokyo",
    "Atlantic/Azores", "Australia/Adelaide", "Australia/Lord_Howe", "Australia/Sydney", "Europe/Dublin",
    "Europe/Lisbon", "Europe/London", "Pacific/Apia", "Pacific/Auckland", "Pacific/Chatham", "Pacific/Kiritimati",
]  # fmt: skip


@pytest.mark.parametrize("zone", FORTY)
@pytest.mark.parametrize("at", [time(0, 0), time(2, 30), time(7), time(23, 59)], ids=str)
def test_in_three_years_every_week_has_one_slot_at_its_wall_clock_time(zone, at):
    # Given a send on Sundays, when the clocks change, over three years
    schedule = weekly(zone, weekday=6, at=at)
    start = datetime(2025, 1, 1, tzinfo=UTC)
    runs = list(islice(runs_after(schedule, start), 157))
    # Then each of the 157 weeks has one slot, in order, none missing
    assert [later.period_start - earlier.period_start for earlier, later in pairwise(runs)] == [WEEK] * 156
    assert all(earlier.send_at < later.send_at for earlier, later in pairwise(runs))
    # and each is at its time on the wall: only where a spring night skips that time, later, at the end of the gap
    for run in runs:
        meant = datetime.combine(run.day, at)
        wall, before = (
            moment.astimezone(schedule.zone).replace(tzinfo=None)
            for moment in (run.send_at, run.send_at - timedelta(seconds=1))
        )
        assert wall.date() == run.day
        assert wall == meant or before < meant < wall
    # and a clock that ticks by the minute around each of them finds it closed once
    for run in runs[::13]:
        assert last_closed(schedule, run.cutoff_at - timedelta(seconds=1)).day == run.day - WEEK
        assert last_closed(schedule, run.cutoff_at) == run


def test_the_week_of_a_skipped_date_is_told_by_the_slots_and_left_out_by_the_runs():
    schedule = weekly("UTC", skip=(date(2026, 11, 26),))
    slots = list(islice(slots_after(schedule, at("2026-11-23 00:00")), 2))
    assert [(slot.day, slot.skipped) for slot in slots] == [(date(2026, 11, 26), True), (date(2026, 12, 3), False)]
    assert last_closed(schedule, at("2026-11-26 00:00")).skipped


@pytest.mark.parametrize("zone", ZONES)
@given(days=st.integers(0, 1100), minute=st.integers(0, 24 * 60 - 1), weekday=st.integers(0, 6))
def test_every_week_has_one_run(zone, days, minute, weekday):
    # Whatever zone, time of day and moment, five runs in a row are five weeks in a row
    schedule = weekly(zone, weekday, time(minute // 60, minute % 60))
    moment = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=days)
    runs = list(islice(runs_after(schedule, moment), 5))
    assert all(run.send_at > moment for run in runs)
    weeks = [run.period_start for run in runs]
    assert [later - earlier for earlier, later in pairwise(weeks)] == [timedelta(days=7)] * 4
