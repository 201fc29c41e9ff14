"""What editors write beside the articles: notes, events, outside pieces, promotions; and last week's frame."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from newsletter.editions import approve, draft, edit, freeze, written
from newsletter.editions.edit import Written
from newsletter.editions.models import Item
from newsletter.errors import Refused, UsageError
from newsletter.mail.slots import TOKEN, slots_in
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

FRAMES = ("Lead: lead", "Analysis: kind=Analysis; cap=4", "Around the week: by-hand")
TALK = {"starts": "2026-12-03T13:00", "ends": "2026-12-03T14:30", "place": "The Ropewalk", "url": "https://k.example/t"}
ALL = [
    Written("note", "", "Two evenings *in person*."),
    Written("event", "A talk", "With wine.", TALK),
    Written("outside", "Elsewhere", "", {"outlet": "The Herald", "url": "https://h.example", "date": "2026-11-20"}),
    Written("promotion", "A map", "", {"sponsor": "Harbour Maps", "url": "https://m.example"}),
]


@pytest.fixture(autouse=True)
def november():
    with time_machine.travel("2026-11-24 12:00Z", tick=False):
        yield


@pytest.fixture
def newsletter():
    return builders.make_newsletter(frames=FRAMES)


@pytest.fixture
def edition(newsletter):
    for number in range(3):
        builders.make_article(f"Story {number}", hours_ago=number + 1)
    return draft.compose_regular(newsletter).edition


@pytest.fixture
def section(edition):
    return edition.newsletter.sections.get(slug="around-the-week")


def test_a_section_for_entries_by_hand_takes_no_story_of_itself(edition, section):
    assert not edition.items.filter(section=section).exists()


def test_every_kind_is_printed_in_both_parts_and_frozen_with_the_rest(edition, section):
    for words in ALL:
        edit.add_written(edition, section, words)
    made = approve.approve(edition, None).renderings.get()
    for said in ("in person", "A talk", "The Ropewalk", "Elsewhere", "A map", "Register", "Sponsored · Harbour Maps"):
        assert said in made.html
        assert said in made.text
    assert "Thursday 3 December 2026, 13:00 to 14:30 New York" in made.text
    assert "THE HERALD" in made.text
    assert [item["type"] for item in freeze.snapshot_of(edition)["sections"][-1]["items"]] == [
        "note",
        "event",
        "outside",
        "promotion",
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (Written("event", "A talk", "", {"place": "Hall"}), "needs its start"),
        (Written("event", "A talk", "", {"starts": "2026-12-03T13:00"}), "a place or an address"),
        (Written("event", "A talk", "", {**TALK, "ends": "2026-12-03T12:00"}), "ends before it starts"),
        (Written("event", "A talk", "", {**TALK, "starts": "soon"}), "is no time"),
        (Written("event", "A talk", "", {**TALK, "zone": "New York"}), "no time zone"),
        (Written("event", "A talk", "", {"starts": "2027-03-14T02:30", "place": "Hall"}), "does not exist"),
        (Written("event", " ", "", TALK), "needs a title"),
        (Written("event", "A talk", "", {**TALK, "url": "javascript:alert(1)"}), "no web address"),
        (Written("event", "A talk", "", {**TALK, "outlet": "x"}), "has no outlet"),
        (Written("outside", "Piece", "", {"outlet": "The Herald"}), "needs its address"),
        (Written("outside", "Piece", "", {"outlet": "H", "url": "https://h.example", "date": "May"}), "is no date"),
        (Written("promotion", "Map", "", {"url": "https://m.example"}), "needs its sponsor"),
        (Written("note", "", " "), "A note needs words"),
        (Written("poem", "x"), "no entry called poem"),
    ],
)
def test_what_is_missing_or_cannot_be_read_is_refused_in_plain_words(edition, section, words, said):
    with pytest.raises(UsageError, match=said):
        edit.add_written(edition, section, words)
    assert not edition.items.filter(article=None).exists()


def test_an_event_keeps_its_zone_and_its_wall_clock(edition, section):
    item = edit.add_written(edition, section, Written("event", "A talk", "", {**TALK, "zone": "Europe/London"}))
    assert item.details["starts"] == "2026-12-03T13:00:00+00:00"
    edit.edit_details(item, {"starts": "2026-12-03T12:00", "ends": ""})
    item.refresh_from_db()
    assert (item.details["starts"], item.details.get("ends")) == ("2026-12-03T12:00:00+00:00", None)


def test_a_promotion_always_says_that_it_is_one(edition, section):
    item = edit.add_written(edition, section, Written("promotion", "A map", "", {"sponsor": "Maps", "label": "  "}))
    assert item.details["label"] == "Sponsored"
    edit.edit_details(item, {"label": ""})
    assert item.details["label"] == "Sponsored"


def test_hostile_words_stay_words(edition, section):
    evil = "<script>alert(1)</script>@@TOKEN@@\u202e{{ 7*7 }}"
    for words in ALL:
        details = {
            name: evil if name in ("place", "outlet", "sponsor", "button") else text
            for name, text in words.details.items()
        }
        edit.add_written(edition, section, Written(words.kind, evil, evil, details))
    made = freeze.preview(edition)
    assert "<script" not in made.html
    assert slots_in(made.html) == slots_in(made.text) == [TOKEN, TOKEN]
    assert "{{ 7*7 }}" in made.html


def test_only_a_story_can_lead(edition, section):
    lead = edition.newsletter.sections.get(is_lead=True)
    with pytest.raises(UsageError, match="Only a story can lead"):
        edit.add_written(edition, lead, ALL[0])
    item = edit.add_written(edition, section, ALL[0])
    with pytest.raises(UsageError, match="Only a story can lead"):
        edit.move_item(item, lead, 1)


def test_entries_are_moved_dropped_and_put_back_as_stories_are(edition, section):
    first, second = (edit.add_written(edition, section, words) for words in ALL[1:3])
    edit.move_item(second, section, 1)
    assert [item.title for item in edition.items.filter(section=section)] == ["Elsewhere", "A talk"]
    edit.drop_item(first)
    assert [item["title"] for item in freeze.snapshot_of(edition)["sections"][-1]["items"]] == ["Elsewhere"]
    edit.drop_item(first, dropped=False)
    assert edition.items.filter(section=section, dropped=False).count() == 2


def test_a_picture_is_chosen_taken_away_and_brought_back_for_this_edition_only(edition):
    item = edition.items.first()
    own = {"url": "https://p.example/own.jpg", "width": 900, "height": 600, "alt": "", "credit": "Ada"}
    type(item.article).objects.update(image=own)
    item.refresh_from_db()
    edit.choose_image(item, written.image("https://p.example/other.jpg", "A quay", "Jun"))
    assert "other.jpg" in freeze.preview(edition).html
    edit.choose_image(item, {})
    item.article.refresh_from_db()
    assert item.picture is None
    edit.choose_image(item, None)
    assert item.picture == own
    assert item.article.image == own
    with pytest.raises(UsageError):
        written.image("data:image/png;base64,xx", "", "")


def test_last_weeks_frame_is_taken_over_without_what_is_past(edition, section, newsletter):
    for words in (*ALL, Written("event", "Last night", "", {"starts": "2026-11-25T20:00", "place": "Hall"})):
        edit.add_written(edition, section, words)
    approve.approve(edition, None)
    type(edition).objects.update(status="sent")
    with time_machine.travel(timezone.now() + timedelta(days=7)):
        builders.make_article("New", hours_ago=1)
        following = draft.compose_regular(newsletter).edition
        copies = edit.copy_frame(following)
        assert [item.title for item in copies] == ["", "A talk", "Elsewhere", "A map"]
        assert {item.reason for item in copies} == {"as in No. 1"}
        assert edit.copy_frame(following) == []  # twice takes nothing twice
        assert Item.objects.filter(edition=following, article=None, section=section).count() == 4


def test_there_is_no_frame_before_the_first_edition(edition):
    with pytest.raises(Refused, match="no earlier edition"):
        edit.copy_frame(edition)
