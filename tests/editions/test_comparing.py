"""What changed since an approval, in words: stories added, removed, moved and retitled, subject and note."""

import copy

import pytest

from newsletter.editions import approve, draft, edit, mark
from newsletter.editions.compare import differences
from newsletter.editions.models import Edition, Item
from newsletter.errors import Refused, UsageError
from newsletter.feeds.models import Article
from tests import builders
from tests.mail.samples import everything, sample_week


def changed(change):
    before = sample_week()
    after = copy.deepcopy(before)
    change(after)
    return differences(before, after)


def test_the_same_edition_has_no_differences():
    assert changed(lambda week: None) == []


def test_subject_preheader_and_note_are_named():
    def rewrite(week):
        week["edition"]["subject"] = "Another subject"
        week["note"] = ""

    assert changed(rewrite) == [
        "Subject: “The ceasefire that nobody will call a ceasefire” is now “Another subject”.",
        "The editor's note was removed.",
    ]


def test_a_story_that_came_went_or_was_retitled_is_named():
    def edit_week(week):
        gone = week["sections"][2]["items"].pop()
        week["sections"][1]["items"].append({**gone, "id": 99, "title": "Brand new"})
        everything(week)[0]["title"] = "Another headline"

    assert changed(edit_week) == [
        "Retitled: “The ceasefire that nobody will call a ceasefire” is now “Another headline”.",
        "Added to Analysis: “Brand new”.",
        "Removed from Reporting: “Baltic cable repaired before the storms”.",
    ]


def test_of_stories_that_changed_places_as_few_as_possible_are_named():
    def move_last_to_front(week):
        items = week["sections"][1]["items"]
        items.insert(0, items.pop())

    assert changed(move_last_to_front) == ["Moved within Analysis: “Bases are not friendships”."]


def test_a_story_in_another_section_is_moved_and_not_removed():
    def move(week):
        week["sections"][2]["items"].append(week["sections"][1]["items"].pop())

    assert changed(move) == ["Moved from Analysis to Reporting: “Bases are not friendships”."]


def test_another_dek_or_picture_is_named():
    def change(week):
        everything(week)[1].update(dek="Else", image=None)

    assert changed(change) == ["Changed, dek and picture: “Rice, rivers and the limits of alignment”."]


def test_another_sender_is_named():
    said = changed(lambda week: week["newsletter"].update(sender_email="new@keel.example"))
    assert said == ["The newsletter's sender email: “roundup@keel.example” is now “new@keel.example”."]


@pytest.fixture
def edition(db):
    newsletter = builders.make_newsletter()
    for number in range(3):
        builders.make_article(f"Story {number}", hours_ago=number + 1)
    return draft.compose_regular(newsletter).edition


def test_reopening_keeps_what_had_been_approved_for_the_comparison(edition):
    approve.approve(edition, None)
    reopened = approve.reopen(edition, None)
    assert mark.differences(reopened) == []
    edit.drop_item(Item.objects.get(article__title="Story 2"))
    assert mark.differences(reopened) == ["Removed from Analysis: “Story 2”."]


def test_a_sent_edition_is_compared_with_what_its_articles_say_now(edition):
    approve.approve(edition, None)
    Article.objects.filter(title="Story 1").update(title="Story one")
    assert mark.differences(Edition.objects.select_related("newsletter").get()) == [
        "Retitled: “Story 1” is now “Story one”."
    ]


def test_what_was_never_approved_cannot_be_compared(edition):
    with pytest.raises(Refused, match="nothing to compare with"):
        mark.differences(edition)


def test_a_correction_is_marked_on_the_archive_copy_with_its_time_and_the_rendering_stays(edition):
    approved = approve.approve(edition, None)
    with pytest.raises(Refused, match="not sent yet"):
        mark.mark(approved, "It was Tuesday.", None)
    Edition.objects.update(status="sent", started_at=approved.approved_at)
    mark.mark(approved, " It was Tuesday. ", None)
    mark.mark(approved, "And in Accra.", None)
    stored = Edition.objects.get()
    assert [each["text"] for each in stored.marks] == ["It was Tuesday.", "And in Accra."]
    assert all(each["at"].endswith("+00:00") for each in stored.marks)
    assert stored.content_hash == approved.content_hash
    with pytest.raises(UsageError):
        mark.mark(approved, "  ", None)
