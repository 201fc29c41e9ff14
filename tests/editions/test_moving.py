"""Moving stories: a mail has one lead, and nobody's story is lost on the way."""

import pytest

from newsletter.editions import draft, edit
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def edition():
    newsletter = builders.make_newsletter()
    for number in range(4):
        builders.make_article(f"Story {number}", hours_ago=number + 1)
    return draft.compose_special(newsletter).edition


def places(edition):
    kept = edition.items.filter(dropped=False).select_related("section", "article")
    return [(item.section.slug, item.position, item.title) for item in kept]


def move(edition, title, section, position):
    item = edition.items.get(article__title=title)
    edit.move_item(item, edition.newsletter.sections.get(slug=section), position)


def test_a_new_lead_sends_the_old_one_to_the_place_it_came_from(edition):
    assert places(edition) == [
        ("lead", 1, "Story 0"),
        ("analysis", 1, "Story 1"),
        ("analysis", 2, "Story 2"),
        ("analysis", 3, "Story 3"),
    ]
    move(edition, "Story 2", "lead", 1)
    assert places(edition) == [
        ("lead", 1, "Story 2"),
        ("analysis", 1, "Story 1"),
        ("analysis", 2, "Story 0"),
        ("analysis", 3, "Story 3"),
    ]


@pytest.mark.parametrize("position", [0, 2, 99])
def test_whatever_place_is_asked_for_there_is_one_lead(edition, position):
    move(edition, "Story 3", "lead", position)
    assert [title for slug, _, title in places(edition) if slug == "lead"] == ["Story 3"]
    assert sorted(title for *_, title in places(edition)) == [f"Story {number}" for number in range(4)]


def test_the_lead_moved_onto_itself_changes_nothing(edition):
    before = places(edition)
    move(edition, "Story 0", "lead", 1)
    assert places(edition) == before


def test_the_lead_may_leave_its_section_empty_and_come_back(edition):
    move(edition, "Story 0", "the-rest", 1)
    assert "lead" not in [slug for slug, *_ in places(edition)]
    move(edition, "Story 0", "lead", 1)
    assert places(edition)[0] == ("lead", 1, "Story 0")


def test_a_dropped_lead_does_not_come_back_by_a_move(edition):
    edit.drop_item(edition.items.get(article__title="Story 0"))
    move(edition, "Story 1", "lead", 1)
    assert [title for *_, title in places(edition)] == ["Story 1", "Story 2", "Story 3"]


def test_a_lead_that_was_dropped_and_put_back_leaves_one_lead(edition):
    old = edition.items.get(article__title="Story 0")
    edit.drop_item(old)
    move(edition, "Story 1", "lead", 1)
    edit.drop_item(old, dropped=False)
    assert [title for slug, _, title in places(edition) if slug == "lead"] == ["Story 1"]
    assert sorted(title for *_, title in places(edition)) == [f"Story {number}" for number in range(4)]
