"""Moments and durations as people read them."""

import pytest

from newsletter import clock
from tests import builders


@pytest.mark.parametrize(
    ("moment", "zone", "text"),
    [
        ("2026-11-26 12:00", "America/New_York", "Thursday 26 November, 07:00 New York"),
        ("2026-07-02 11:00", "America/New_York", "Thursday 2 July, 07:00 New York"),
        ("2026-11-26 23:30", "Asia/Kathmandu", "Friday 27 November, 05:15 Kathmandu"),
        ("2026-11-26 12:00", "UTC", "Thursday 26 November, 12:00 UTC"),
        ("2026-11-26 12:00", "America/Argentina/Buenos_Aires", "Thursday 26 November, 09:00 Buenos Aires"),
    ],
)
def test_a_moment_is_told_in_its_zone_once(moment, zone, text):
    assert clock.local(builders.at(moment), zone) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (45.4, "45 s"), (59.6, "1 min 0 s"), (61, "1 min 1 s"), (3600, "1 h 0 min"), (12_000, "3 h 20 min")],
)
def test_a_duration_is_told_in_two_units(seconds, text):
    assert clock.duration(seconds) == text


def test_a_form_gets_the_wall_clock_time():
    assert clock.wall(builders.at("2026-11-26 12:00"), "America/New_York") == "2026-11-26T07:00"
