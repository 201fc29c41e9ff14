"""The week's draft: made once, refilled, and no story in two regular editions."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from newsletter.editions import approve, draft, edit, week, words
from newsletter.editions.models import Edition, Item
from newsletter.errors import Refused
from newsletter.feeds.models import Article
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def newsletter():
    return builders.make_newsletter()


def titles(edition: Edition) -> list[str]:
    return [item.title for item in edition.items.filter(dropped=False)]


def test_composing_twice_makes_one_edition_and_takes_nothing_twice(newsletter):
    for number in range(4):
        builders.make_article(f"Story {number}", hours_ago=number)
    first = draft.compose_regular(newsletter)
    again = draft.compose_regular(newsletter)
    assert (first.taken, again.taken) == (4, 0)
    assert Edition.objects.get() == again.edition


def test_composing_again_adds_what_was_collected_since(newsletter):
    builders.make_article("Early", hours_ago=3)
    draft.compose_regular(newsletter)
    builders.make_article("Late", hours_ago=1)
    made = draft.compose_regular(newsletter)
    assert made.taken == 1
    assert set(titles(made.edition)) == {"Early", "Late"}


def test_a_dropped_story_stays_dropped_when_composing_again(newsletter):
    builders.make_article("Kept", hours_ago=1)
    builders.make_article("Dropped", hours_ago=2)
    made = draft.compose_regular(newsletter)
    edit.drop_item(Item.objects.get(article__title="Dropped"))
    draft.compose_regular(newsletter)
    assert titles(made.edition) == ["Kept"]


def test_a_story_is_never_in_two_regular_editions(newsletter):
    # Given an edition with all of this week's stories, sent
    builders.make_article("Old", hours_ago=1)
    first = draft.compose_regular(newsletter).edition
    Edition.objects.filter(pk=first.pk).update(status="sent")
    # When the next one is composed a week later
    with time_machine.travel(timezone.now() + timedelta(days=7)):
        builders.make_article("New", hours_ago=1)
        second = draft.compose_regular(newsletter).edition
    # Then it follows on where the first one closed, without its story
    assert titles(second) == ["New"]
    assert second.stories_from == first.composed_at  # it was composed before its cut-off, and not again
    assert second.number == first.number + 1


def test_what_is_published_after_an_early_approval_is_in_the_next_edition(newsletter):
    # Given an edition that was composed, approved and sent a day before its cut-off
    builders.make_article("Early", hours_ago=1)
    first = approve.approve(draft.compose_regular(newsletter).edition, None)
    Edition.objects.filter(pk=first.pk).update(status="sent", stories_until=timezone.now() + timedelta(days=1))
    # When a story appears before that cut-off
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        builders.make_article("In between", hours_ago=1)
        # Then the next edition has it
        assert titles(draft.compose_regular(newsletter).edition) == ["In between"]


def test_what_is_published_between_composing_and_approval_is_in_the_next_edition(newsletter):
    builders.make_article("Early", hours_ago=1)
    first = draft.compose_regular(newsletter).edition
    with time_machine.travel(timezone.now() + timedelta(hours=5)):
        builders.make_article("Between", hours_ago=1)
        approve.approve(first, None)
        Edition.objects.update(status="sent")
    with time_machine.travel(timezone.now() + timedelta(days=7)):
        assert titles(draft.compose_regular(newsletter).edition) == ["Between"]


def test_a_story_that_was_collected_late_is_in_the_next_edition(newsletter):
    # Given an edition that was composed while a feed did not answer
    builders.make_article("Early", hours_ago=1)
    approve.approve(draft.compose_regular(newsletter).edition, None)
    Edition.objects.update(status="sent")
    # When the feed is back, with a story from before
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        builders.make_article("Late", hours_ago=3)
        assert titles(draft.compose_regular(newsletter).edition) == ["Late"]


def test_a_draft_that_nobody_approved_gives_its_stories_to_the_next_week(newsletter):
    builders.make_article("Story", hours_ago=1)
    missed = draft.compose_regular(newsletter).edition
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        builders.make_article("New", hours_ago=1)
        following = draft.compose_regular(newsletter).edition
        assert "New" in titles(following)
        # and once one of the two is approved, the other cannot repeat it
        draft.compose_regular(newsletter)
        Item.objects.get_or_create(
            edition=following,
            article=missed.items.get().article,
            defaults={"section": missed.items.get().section, "position": 9, "reason": "by hand"},
        )
        approve.approve(following, None)
        with pytest.raises(Refused, match="is in another edition already"):
            approve.approve(missed, None)


def test_a_cancelled_edition_gives_its_stories_back(newsletter):
    builders.make_article("Story", hours_ago=1)
    approve.cancel(draft.compose_regular(newsletter).edition, None)
    assert titles(draft.compose_regular(newsletter).edition) == ["Story"]


def test_a_special_edition_may_repeat_stories_and_any_number_may_exist(newsletter):
    builders.make_article("Story", hours_ago=1)
    draft.compose_regular(newsletter)
    one, two = draft.compose_special(newsletter).edition, draft.compose_special(newsletter).edition
    assert titles(one) == titles(two) == ["Story"]
    assert one.period_start is None


def test_a_held_article_stays_out(newsletter):
    builders.make_article("Story", hours_ago=1)
    builders.make_article("Held", hours_ago=1, held_at=timezone.now())
    assert titles(draft.compose_regular(newsletter).edition) == ["Story"]


def test_a_story_dated_in_the_future_waits(newsletter):
    builders.make_article("Story", hours_ago=1)
    builders.make_article("Embargoed", hours_ago=-2)
    assert titles(draft.compose_regular(newsletter).edition) == ["Story"]


def test_an_empty_week_is_refused_in_plain_words_and_leaves_no_edition(newsletter):
    with pytest.raises(Refused, match="No new story was published"):
        draft.compose_regular(newsletter)
    assert not Edition.objects.exists()


def test_the_weeks_approved_edition_is_not_composed_over(newsletter):
    builders.make_article("Story", hours_ago=1)
    edition = draft.compose_regular(newsletter).edition
    approve.approve(edition, None)
    with pytest.raises(Refused, match="approved already"):
        draft.compose_regular(newsletter)


def test_the_subject_is_suggested_from_the_lead_and_cut_at_a_word(newsletter):
    builders.make_article("A headline " * 12, hours_ago=1, url_key="a", url="https://meridian.example/a")
    edition = draft.compose_regular(newsletter).edition
    assert edition.subject.endswith("headline…")
    assert len(edition.subject) <= words.SUBJECT_LENGTH


def test_an_edited_headline_is_for_this_edition_only(newsletter):
    article = builders.make_article("On the site", hours_ago=1)
    draft.compose_regular(newsletter)
    item = Item.objects.get()
    edit.edit_item(item, headline="In the mail", dek=article.dek)
    assert (item.title, item.dek) == ("In the mail", "")
    assert Article.objects.get().title == "On the site"


def test_only_a_draft_can_be_changed(newsletter):
    builders.make_article("Story", hours_ago=1)
    edition = draft.compose_regular(newsletter).edition
    approve.approve(edition, None)
    with pytest.raises(Refused, match="only a draft"):
        edit.edit_words(edition, subject="x", preheader="", note="")
    with pytest.raises(Refused, match="only a draft"):
        edit.drop_item(Item.objects.get())


def test_a_story_under_embargo_waits_for_the_first_edition_that_may_have_it(newsletter):
    # Given two stories of this week, one of them free only after this week's edition goes out
    builders.make_article("Free", hours_ago=1)
    secret = builders.make_article("Secret", hours_ago=1)
    run = next(week.runs_after(draft.schedule_of(newsletter), timezone.now()))
    Article.objects.filter(pk=secret.pk).update(embargo_until=run.send_at + timedelta(hours=1))
    assert draft.stories_so_far(newsletter, run, None, timezone.now()) == 1
    first = draft.compose_regular(newsletter).edition
    assert titles(first) == ["Free"]
    Edition.objects.filter(pk=first.pk).update(status="sent")
    # Then the next one has it
    with time_machine.travel(run.send_at + timedelta(days=2)):
        builders.make_article("New", hours_ago=1)
        following = next(week.runs_after(draft.schedule_of(newsletter), timezone.now()))
        assert draft.stories_so_far(newsletter, following, None, timezone.now()) == 2
        assert set(titles(draft.compose_regular(newsletter).edition)) == {"New", "Secret"}
