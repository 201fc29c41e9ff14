"""Looking ahead: the next four runs by the wall clock, with daylight saving, skipped dates, readers and stories."""

import pytest
import time_machine

from newsletter.deliveries.forecast import forecast
from newsletter.editions import approve, draft
from newsletter.newsletters import setup
from tests import builders
from tests.builders import at

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def seen(newsletter, moment):
    with time_machine.travel(moment, tick=False):
        return [each.as_json() for each in forecast(newsletter, moment)]


def test_the_next_four_runs_are_told_in_wall_clock_time_and_utc():
    newsletter = builders.make_newsletter()
    builders.add_readers(newsletter, 5)
    runs = seen(newsletter, at("2026-11-24 12:00"))
    assert [run["local"] for run in runs] == [
        "2026-11-26T07:00:00-05:00",
        "2026-12-03T07:00:00-05:00",
        "2026-12-10T07:00:00-05:00",
        "2026-12-17T07:00:00-05:00",
    ]
    assert runs[0]["utc"] == "2026-11-26T12:00:00+00:00"
    assert {(run["readers"], run["state"], run["clocks"]) for run in runs} == {(5, "to compose", None)}


def test_the_run_after_the_clocks_change_says_so():
    runs = seen(builders.make_newsletter(), at("2027-03-10 12:00"))
    assert [run["clocks"] for run in runs] == [
        None,
        "the clocks change before it: 11:00 UTC, the week before 12:00",
        None,
        None,
    ]
    assert {run["local"][11:16] for run in runs} == {"07:00"}


@pytest.mark.parametrize(
    ("moment", "hour", "said"),
    [
        ("2027-03-12 12:00", 2, "02:30 does not exist that day"),
        ("2026-10-30 12:00", 1, "01:30 comes twice that day; the first is meant"),
    ],
)
def test_a_run_in_the_very_hour_of_the_change_says_so(moment, hour, said):
    newsletter = builders.make_newsletter(weekday=6, send_time=f"{hour:02}:30:00")
    newsletter.refresh_from_db()
    assert said in seen(newsletter, at(moment))[0]["clocks"]


def test_skipped_dates_are_shown_and_four_runs_remain():
    newsletter = builders.make_newsletter(skip_dates=["2026-12-24", "2026-12-31"])
    runs = seen(newsletter, at("2026-12-15 12:00"))
    assert [(run["day"], run["state"]) for run in runs] == [
        ("2026-12-17", "to compose"),
        ("2026-12-24", "skipped"),
        ("2026-12-31", "skipped"),
        ("2027-01-07", "to compose"),
        ("2027-01-14", "to compose"),
        ("2027-01-21", "to compose"),
    ]


def test_stories_so_far_are_those_that_composing_would_take_or_that_the_draft_has():
    newsletter = builders.make_newsletter()
    moment = at("2026-11-24 12:00")
    with time_machine.travel(moment, tick=False):
        for number in range(3):
            builders.make_article(f"Story {number}", hours_ago=number + 1)
        builders.make_article("Held", held_at=moment)
    assert [run["stories"] for run in seen(newsletter, moment)] == [3, 0, 0, 0]
    with time_machine.travel(moment, tick=False):
        edition = draft.compose_regular(newsletter).edition
    first = seen(newsletter, moment)[0]
    assert (first["stories"], first["state"], first["edition"]) == (3, "draft", edition.pk)


def test_an_edition_that_is_still_to_go_out_is_told_though_its_week_has_another_day_now():
    newsletter = builders.make_newsletter(rhythm_from=at("2026-11-20 12:00"))
    with time_machine.travel(at("2026-11-24 12:00"), tick=False):
        builders.make_article("A story")
        edition = approve.approve_for_its_run(draft.compose_regular(newsletter).edition, None)
        setup.change(newsletter, {"weekday": 0}, [], None)
    runs = seen(newsletter, at("2026-11-24 13:00"))
    assert [(run["day"], run["state"], run["edition"]) for run in runs[:2]] == [
        ("2026-11-26", "scheduled", edition.pk),
        ("2026-11-30", "to compose", None),
    ]
    assert len(runs) == 5
