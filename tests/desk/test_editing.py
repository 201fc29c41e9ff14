"""What an editor does to a draft, through the forms of its page; what is refused is said there."""

import pytest
import time_machine
from django.urls import reverse

from newsletter.editions import approve as steps
from newsletter.editions import draft, edit
from newsletter.editions.models import Item
from newsletter.newsletters import sections
from tests import builders
from tests.desk.conftest import messages_on

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def item(edition):
    return edition.items.get(section__slug="analysis", position=1)


def places(edition):
    kept = edition.items.filter(dropped=False).select_related("section", "article")
    return [(item.section.slug, item.position, item.title) for item in kept]


def test_words_are_saved_on_one_line_each(press, edition):
    assert (
        press("desk-words", subject=" This\r\n week ", preheader="Read\x00 on\x1b", note="Dear **reader**\r\n\r\nyes")
        == []
    )
    assert (edition.subject, edition.preheader) == ("This week", "Read on")
    assert edition.note == "Dear **reader**\n\nyes"


def test_a_story_gets_its_own_headline_for_this_edition(press, edition, item):
    press("desk-item-edit", item, headline="Better\x00", dek="Shorter")
    item.refresh_from_db()
    assert (item.headline, item.dek) == ("Better", "Shorter")
    assert item.article.title == "Analysis 1"


def test_a_story_moves_down_and_into_another_section(press, edition, item):
    press("desk-item-move", item, section=item.section_id, position=2)
    assert places(edition)[1:3] == [("analysis", 1, "Analysis 2"), ("analysis", 2, "Analysis 1")]
    rest = edition.newsletter.sections.get(slug="the-rest")
    press("desk-item-move", item, section=rest.pk, position=1)
    assert places(edition)[1:] == [
        ("analysis", 1, "Analysis 2"),
        ("the-rest", 1, "Analysis 1"),
        ("the-rest", 2, "Report"),
    ]


def test_a_story_is_dropped_and_put_back(press, edition, item, sender):
    press("desk-item-drop", item, dropped="1")
    assert "Analysis 1" not in [title for *_, title in places(edition)]
    page = sender.get(reverse("desk-edition", args=[edition.pk])).text
    assert "Put back: Analysis 1" in page
    press("desk-item-drop", item, dropped="0")
    assert ("analysis", 1, "Analysis 1") in places(edition)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"section": "", "position": "1"}, "section has to be a whole number."),
        ({"section": "lead", "position": "1"}, "section has to be a whole number."),
        ({"section": "9" * 20, "position": "1"}, "section has to be a whole number."),
        ({"section": "-1", "position": "1"}, "section has to be a whole number."),
        ({"position": "1"}, "section has to be a whole number."),
        ({"section": "HERE", "position": "x"}, "position has to be a whole number."),
        ({"section": "HERE", "position": "1.5"}, "position has to be a whole number."),
    ],
)
def test_a_move_to_nowhere_is_refused_on_the_page(press, edition, item, fields, said):
    before = places(edition)
    fields = {name: item.section_id if value == "HERE" else value for name, value in fields.items()}
    assert press("desk-item-move", item, **fields) == [said]
    assert places(edition) == before


@pytest.mark.parametrize("position", ["0", "99", "999999999"])
def test_a_place_beyond_the_section_is_its_first_or_last(press, edition, item, position):
    assert press("desk-item-move", item, section=item.section_id, position=position) == []
    assert [place for slug, place, _ in places(edition) if slug == "analysis"] == [1, 2]


def test_a_section_of_another_newsletter_is_refused(press, edition, item):
    other = builders.make_newsletter("Another").sections.first()
    before = places(edition)
    assert press("desk-item-move", item, section=other.pk, position=1) == [
        "That section belongs to another newsletter."
    ]
    assert places(edition) == before


def test_a_story_of_another_edition_is_not_reached_through_this_ones_address(sender, edition):
    other = draft.compose_special(edition.newsletter).edition
    stranger = other.items.first()
    before = places(other)
    for name in ("desk-item-edit", "desk-item-move", "desk-item-drop"):
        fields = {"headline": "X", "dropped": "1", "section": stranger.section_id, "position": 1}
        assert sender.post(reverse(name, args=[edition.pk, stranger.pk]), fields).status_code == 404
    assert places(other) == before


@pytest.mark.parametrize("number", [0, 2**31, 2**63, 10**30])
def test_ids_that_nothing_has_are_not_found(sender, edition, number):
    for name in ("desk-edition", "desk-counts"):
        assert sender.get(reverse(name, args=[number])).status_code == 404
    for name in ("desk-words", "desk-approve", "desk-cancel"):
        assert sender.post(reverse(name, args=[number])).status_code == 404
    assert sender.post(reverse("desk-item-drop", args=[edition.pk, number])).status_code == 404
    assert sender.post(reverse("desk-item-drop", args=[number, edition.items.first().pk])).status_code == 404


def test_what_is_approved_cannot_be_changed_and_the_page_says_so(press, edition, item):
    steps.approve(edition, None)
    before = places(edition)
    said = ["The edition is approved; only a draft can be changed."]
    assert press("desk-words", subject="Other") == said
    assert press("desk-item-edit", item, headline="Other") == said
    assert press("desk-item-drop", item, dropped="1") == said
    assert press("desk-item-move", item, section=item.section_id, position=2) == said
    assert places(edition) == before
    assert edition.subject != "Other"


def test_hostile_words_are_shown_as_words(press, edition, item, sender):
    evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7*7 }}"
    press("desk-words", subject=evil, preheader=evil, note=evil)
    press("desk-item-edit", item, headline=evil, dek=evil)
    page = sender.get(reverse("desk-edition", args=[edition.pk])).text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "{{ 7*7 }}" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_a_section_that_only_old_editions_use_is_offered_no_more(edition, newsletter, sender):
    # Given a newsletter whose section was taken away after the edition was composed
    sections.replace_all(newsletter, [sections.read("Lead: lead"), sections.read("The rest: cap=9")])
    # Then its stories are still there to be moved, and a new edition does not show it
    page = sender.get(reverse("desk-edition", args=[edition.pk])).text
    assert "<h2>Analysis <" in page
    Item.objects.all().delete()
    page = sender.get(reverse("desk-edition", args=[edition.pk])).text
    assert "<h2>Analysis <" not in page
    assert "<h2>The rest <" in page


def test_fields_that_no_form_has_change_nothing(press, edition):
    hash_before = edition.content_hash
    press("desk-words", subject="S", status="sent", content_hash="x", approved_by="1", number="99", planned="5", id="7")
    assert (edition.status, edition.content_hash, edition.approved_by, edition.planned) == (
        "draft",
        hash_before,
        None,
        0,
    )
    assert edition.number == 1


def test_an_entry_written_by_hand_is_on_the_page_and_edited_there(press, edition, sender):
    details = {"starts": "2026-12-03T13:00", "place": "The Ropewalk"}
    written = edit.Written("event", "A talk", "With wine.", details)
    with time_machine.travel("2026-11-24 12:00Z", tick=False):
        entry = edit.add_written(edition, edition.newsletter.sections.get(slug="the-rest"), written)
    page = sender.get(reverse("desk-edition", args=[edition.pk])).text
    assert "The Ropewalk" in page
    press("desk-item-edit", entry, headline="A better talk", dek="With water.")
    entry.refresh_from_db()
    assert (entry.title, entry.dek) == ("A better talk", "With water.")
    refused = sender.post(reverse("desk-item-edit", args=[edition.pk, entry.pk]), {"headline": " ", "dek": "Much work"})
    assert refused.status_code == 422
    assert messages_on(refused.text) == ["It needs a title. Nothing was saved yet."]
    assert ">Much work</textarea>" in refused.text
    lead = edition.newsletter.sections.get(is_lead=True)
    assert press("desk-item-move", entry, section=lead.pk, position=1) == ["Only a story can lead."]


def test_a_regular_edition_that_is_approved_on_its_page_goes_out_at_its_own_time(sender, newsletter):
    builders.make_article("Story")
    regular = draft.compose_regular(newsletter).edition
    response = sender.post(reverse("desk-approve", args=[regular.pk]), follow=True)
    assert "It goes out on " in response.text
    regular.refresh_from_db()
    assert regular.status == "scheduled"
