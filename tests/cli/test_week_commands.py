"""What an editor types in a week: the forecast, pins, entries by hand, what changed, and a mark afterwards."""

import pytest

from newsletter.editions import draft
from newsletter.editions.models import Edition
from newsletter.errors import Exit
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def week(newsletter):
    """A regular draft of three stories, for two readers."""
    builders.add_readers(newsletter, 2)
    for number in range(3):
        builders.make_article(f"Story {number}", hours_ago=number + 1)
    return draft.compose_regular(newsletter).edition


def test_forecast_prints_four_runs_with_stable_keys(terminal, week):
    assert terminal("forecast", "--json") == 0
    assert len(terminal.objects) == 4
    assert set(terminal.objects[0]) == {
        "newsletter", "day", "local", "utc", "zone", "cutoff", "state", "edition", "stories", "readers", "clocks",
    }  # fmt: skip
    first = terminal.objects[0]
    assert (first["state"], first["edition"], first["stories"], first["readers"]) == ("draft", week.pk, 3, 2)
    assert terminal("forecast") == 0
    assert "07:00 New York" in terminal.out


def test_forecast_without_a_newsletter_says_what_to_do(terminal, db):
    assert terminal("forecast") == 0
    assert "newsletter add" in terminal.err
    assert terminal("forecast", "--newsletter", "nobody") == Exit.USAGE


def test_approving_schedules_a_regular_edition_for_its_own_time(terminal, week):
    assert terminal("edition", "approve", week.pk) == 0
    assert "It goes out on " in terminal.err
    week.refresh_from_db()
    assert week.status == "scheduled"


def test_approving_without_a_time_leaves_it_open(terminal, week):
    assert terminal("edition", "approve", week.pk, "--no-schedule") == 0
    assert f"Next: newsletter edition schedule {week.pk}" in terminal.err
    week.refresh_from_db()
    assert week.status == "approved"


def test_approving_again_says_what_changed_since(terminal, week):
    terminal("edition", "approve", week.pk)
    terminal("edition", "reopen", week.pk)
    item = week.items.get(article__title="Story 1")
    terminal("edition", "set", week.pk, "--preheader", "All about one story, which is long enough.")
    terminal("edition", "approve", week.pk)
    terminal("edition", "reopen", week.pk)
    assert terminal("edition", "item", "set", item.pk, "--title", "Another") == 0
    assert terminal("edition", "diff", week.pk, "--json") == 0
    assert terminal.object["differences"] == ["Retitled: “Story 1” is now “Another”."]
    assert terminal("edition", "approve", week.pk) == 0
    assert "Since the approval before:\n  Retitled: “Story 1” is now “Another”." in terminal.err


def test_an_entry_is_written_changed_moved_and_dropped(terminal, week):
    added = terminal(
        "edition", "item", "add", week.pk, "event", "--title", "A talk", "--place", "Hall", "--zone", "Europe/London",
        "--starts", week.send_at.strftime("%Y-%m-%dT19:00"), "--section", "the-rest",
    )  # fmt: skip
    assert added == 0
    item = terminal.out.strip()
    assert terminal("edition", "item", "set", item, "--place", "The Ropewalk") == 0
    assert terminal("edition", "item", "move", item, "--section", "analysis", "--position", 1) == 0
    assert "Analysis, place 1" in terminal.err
    assert terminal("edition", "preview", week.pk, "--text") == 0
    assert "The Ropewalk" in terminal.out
    assert terminal("edition", "item", "drop", item) == 0
    assert terminal("edition", "preview", week.pk, "--text") == 0
    assert "The Ropewalk" not in terminal.out
    assert terminal("edition", "show", week.pk, "--json") == 0
    shown = next(each for each in terminal.object["items"] if each["id"] == int(item))
    assert (shown["type"], shown["dropped"], shown["details"]["zone"]) == ("event", True, "Europe/London")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("item", "add", "ID", "event", "--title", "x"), "needs its start"),
        (("item", "add", "ID", "note", "--dek", "x", "--section", "analisis"), "Did you mean analysis"),
        (("item", "set", "999", "--title", "x"), "There is no entry 999"),
        (("add", "ID", "999"), "There is no article 999"),
        (("mark", "ID", "--text", "x"), "was not sent yet"),
        (("diff", "ID"), "nothing to compare with"),
        (("frame", "ID"), "no earlier edition"),
    ],
)
def test_what_cannot_be_done_is_said_plainly(terminal, week, words, said):
    assert terminal("edition", *(str(week.pk) if word == "ID" else word for word in words)) in (
        Exit.USAGE,
        Exit.REFUSED,
    )
    assert said in terminal.err


def test_a_pin_brings_an_old_story_in_and_is_taken_back(terminal, newsletter):
    old = builders.make_article("Old", hours_ago=900)
    assert terminal("article", "pin", old.pk, "--section", "analysis") == 0
    assert terminal("edition", "compose") == 0
    assert Edition.objects.get().items.get().reason == "pinned to Analysis"
    assert terminal("article", "unpin", old.pk) == 0
    assert terminal("article", "unpin", old.pk) == Exit.USAGE


def test_a_correction_is_marked_and_links_are_said_to_stay(terminal, week):
    terminal("edition", "approve", week.pk)
    Edition.objects.update(status="sent", started_at=week.stories_from)
    assert terminal("edition", "mark", week.pk, "--text", "It was Tuesday.") == 0
    assert "cannot be pointed elsewhere" in terminal.err
    assert terminal("edition", "show", week.pk) == 0
    assert "It was Tuesday." in terminal.out


def test_what_is_held_is_not_composed_over(terminal, week):
    Edition.objects.update(status="held", status_reason="A thin week.")
    assert terminal("edition", "compose") == Exit.REFUSED
    assert f"newsletter edition reopen {week.pk}" in terminal.err


def test_a_subject_that_inboxes_cut_off_is_said_when_it_is_written(terminal, week):
    assert terminal("edition", "set", week.pk, "--subject", "A subject " * 8) == 0
    assert "Note: The subject has 79 characters; most inboxes show 60 or fewer." in terminal.err


def test_what_is_held_and_was_never_approved_is_to_be_reopened(terminal, week):
    Edition.objects.update(status="held", status_reason="A thin week.")
    assert terminal("status") == 0
    assert f"Next: newsletter edition reopen {week.pk}" in terminal.out
