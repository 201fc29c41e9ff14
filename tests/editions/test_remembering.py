"""Story memory: pins, what an editor insists on, what another newsletter had, and why a story is where it is."""

from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter.editions import approve, draft, edit, memory, pins
from newsletter.editions.models import Edition, Pin
from newsletter.errors import Refused, UsageError
from newsletter.feeds.models import Article
from newsletter.newsletters import sections
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def newsletter():
    return builders.make_newsletter()


def sent(newsletter, *titles):
    for title in titles:
        builders.make_article(title, hours_ago=1)
    edition = draft.compose_regular(newsletter).edition
    approve.approve(edition, None)
    Edition.objects.filter(pk=edition.pk).update(status="sent")
    return edition


def places(edition):
    return {item.title: (item.section.slug, item.reason) for item in edition.items.filter(dropped=False)}


def test_a_pinned_story_is_in_whatever_its_age_and_the_caps(newsletter):
    sections.replace_all(newsletter, [sections.read("Lead: lead"), sections.read("Analysis: cap=1")])
    for number in range(4):
        builders.make_article(f"New {number}", hours_ago=number + 1)
    old = builders.make_article("Old", hours_ago=24 * 60)
    pins.pin(newsletter, old, None, None)
    found = places(draft.compose_regular(newsletter).edition)
    assert found["Old"] == ("analysis", "pinned")
    assert len(found) == 2


def test_a_story_pinned_to_the_lead_leads(newsletter):
    builders.make_article("New", hours_ago=1)
    pinned = builders.make_article("Pinned", hours_ago=9)
    pins.pin(newsletter, pinned, newsletter.sections.get(is_lead=True), None)
    assert places(draft.compose_regular(newsletter).edition)["Pinned"] == ("lead", "pinned to Lead")


def test_a_held_story_cannot_be_pinned_and_an_unpinned_one_not_unpinned(newsletter):
    held = builders.make_article("Held", held_at=timezone.now())
    with pytest.raises(Refused, match="is held"):
        pins.pin(newsletter, held, None, None)
    with pytest.raises(UsageError, match="not pinned"):
        pins.unpin(newsletter, held, None)


def test_pinning_again_moves_the_pin(newsletter):
    article = builders.make_article("Story")
    pins.pin(newsletter, article, None, None)
    pins.pin(newsletter, article, newsletter.sections.get(slug="the-rest"), None)
    assert Pin.objects.get().section.slug == "the-rest"
    pins.unpin(newsletter, article, None)
    assert not Pin.objects.exists()


def test_a_story_of_an_earlier_edition_is_refused_unless_an_editor_insists(newsletter):
    sent(newsletter, "Old")
    builders.make_article("New", hours_ago=0.5)
    edition = draft.compose_special(newsletter).edition
    regular = Edition.objects.create(
        newsletter=newsletter, number=9, period_start="2030-01-07", stories_from=timezone.now(),
        stories_until=timezone.now() + timedelta(days=7), subject="x",
    )  # fmt: skip
    old = Article.objects.get(title="Old")
    with pytest.raises(Refused, match="1 had “Old” already"):
        edit.add_article(regular, old)
    item = edit.add_article(regular, old, again=True)
    assert item.reason == "added by hand; The Meridian No. 1 had it too"
    assert approve.approve(regular, None).status == "approved"
    with pytest.raises(Refused, match="in this edition already"):
        edit.add_article(edition, old)  # a special edition took it of itself


def test_a_story_added_by_hand_goes_where_it_fits_and_a_dropped_one_comes_back(newsletter):
    builders.make_article("Lead", hours_ago=1)
    edition = draft.compose_regular(newsletter).edition
    report = builders.make_article("Report", hours_ago=900, kind="Reporting")
    item = edit.add_article(edition, report)
    assert item.section.slug == "the-rest"
    edit.drop_item(item)
    again = edit.add_article(edition, report, newsletter.sections.get(slug="analysis"))
    assert (again.pk, again.section.slug, again.dropped) == (item.pk, "analysis", False)


def test_a_story_added_as_the_lead_sends_the_old_lead_on(newsletter):
    builders.make_article("First", hours_ago=1)
    edition = draft.compose_regular(newsletter).edition
    edit.add_article(edition, builders.make_article("Second", hours_ago=900), newsletter.sections.get(is_lead=True))
    assert [(item.section.slug, item.title) for item in edition.items.all()] == [
        ("lead", "Second"),
        ("analysis", "First"),
    ]
    edition.refresh_from_db()
    assert edition.subject == "Second"  # the suggested subject follows the lead


def test_a_subject_that_an_editor_wrote_does_not_follow(newsletter):
    builders.make_article("First", hours_ago=1)
    edition = draft.compose_regular(newsletter).edition
    edit.edit_words(edition, subject="Mine", preheader="", note="")
    edit.add_article(edition, builders.make_article("Second", hours_ago=900), newsletter.sections.get(is_lead=True))
    edition.refresh_from_db()
    assert edition.subject == "Mine"


def test_what_another_newsletter_had_is_marked_and_a_rule_may_keep_it_out(newsletter):
    # Given a daily that had one of the week's stories
    daily = builders.make_newsletter("The Daily")
    sent(daily, "Both")
    builders.make_article("Ours", hours_ago=2)
    # Then the weekly takes it and says so
    edition = draft.compose_regular(newsletter).edition
    assert places(edition)["Both"][1].endswith("; The Daily No. 1 had it too")
    # unless its sections do not want what another newsletter had
    approve.cancel(edition, None)
    sections.replace_all(newsletter, [sections.read("Analysis: cap=9; not-elsewhere")])
    following = draft.compose_regular(newsletter).edition
    assert list(places(following)) == ["Ours"]
    both = str(Article.objects.get(title="Both").pk)
    assert following.left_out[both] == "The Daily No. 1 had it, and no section takes what another newsletter had"


def test_an_article_knows_what_every_edition_did_with_it(newsletter):
    sections.replace_all(newsletter, [sections.read("Analysis: cap=1")])
    taken, left = builders.make_article("Taken", hours_ago=1), builders.make_article("Left", hours_ago=2)
    edition = draft.compose_regular(newsletter).edition
    (verdict,) = memory.verdicts(taken)
    assert (verdict.edition, verdict.section, verdict.reason) == (edition, "Analysis", "Analysis takes every story")
    (verdict,) = memory.verdicts(left)
    assert (verdict.section, verdict.reason) == (None, "no room: Analysis took newer or more varied stories")


@pytest.mark.parametrize("text", ["Analysis: cap=3; not-elsewhere", "Events: cap=6; by-hand"])
def test_a_sections_flags_are_read_and_written(newsletter, text):
    sections.replace_all(newsletter, [sections.read(text)])
    assert sections.written(newsletter.sections.get(cap__gt=0)) == text
