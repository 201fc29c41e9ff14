"""A set of topics that enough readers chose gets a copy of its own; everybody else gets the full edition."""

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter import config
from newsletter.deliveries import plan
from newsletter.deliveries.models import Delivery
from newsletter.editions import approve, draft, edit, freeze, variants
from newsletter.editions.models import Edition
from newsletter.newsletters.models import Newsletter
from newsletter.subscribers import topics
from newsletter.subscribers.models import Subscription
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

STORIES = {"Africa": 4, "Europe": 3}
TITLES = [f"{topic} {number}" for topic, count in STORIES.items() for number in range(count)]


@pytest.fixture
def newsletter():
    made = builders.make_newsletter(min_items=3)
    for topic, count in STORIES.items():
        for number in range(count):
            builders.make_article(f"{topic} {number}", topics=[topic], hours_ago=number + 1)
    return made


@pytest.fixture
def edition(newsletter):
    return draft.compose_special(newsletter).edition


def choose(newsletter, count, chosen, first=0):
    """So many readers who chose these topics; the key of their set."""
    key = topics.key_of(chosen)
    readers = builders.add_readers(newsletter, count, first=first)
    Subscription.objects.filter(pk__in=[each.pk for each in readers]).update(topic_set=key)
    return key


def renderings(edition):
    return {each.topic_set: each for each in edition.renderings.all()}


def test_who_chose_a_topic_gets_the_lead_and_the_stories_about_it(newsletter, edition):
    key = choose(newsletter, variants.ENOUGH, ["Europe"])
    lead = edition.items.get(section__is_lead=True).title
    approved = approve.approve(edition, None)
    own = renderings(approved)[key]
    printed = {title for title in TITLES if f">{title}</a>" in own.html}  # the preheader is the editor's, in every copy
    assert printed == {lead, "Europe 0", "Europe 1", "Europe 2"}
    assert all(title in renderings(approved)[""].text for title in TITLES)
    assert freeze.is_intact(approved)


def test_each_reader_is_planned_the_copy_of_their_set(newsletter, edition):
    key = choose(newsletter, variants.ENOUGH, ["Europe"])
    choose(newsletter, variants.ENOUGH - 1, ["Africa"], first=100)
    builders.add_readers(newsletter, 5, first=200)
    approve.schedule(approve.approve(edition, None), timezone.now(), None)
    plan.begin_due()
    while plan.plan_next(10):
        pass
    planned = Counter(Delivery.objects.values_list("batch__rendering__topic_set", flat=True))
    assert planned == {key: variants.ENOUGH, "": variants.ENOUGH - 1 + 5}


@pytest.mark.parametrize("status", ["pending", "paused", "unsubscribed"])
def test_readers_who_get_no_copy_do_not_count(newsletter, edition, status):
    choose(newsletter, variants.ENOUGH, ["Europe"])
    Subscription.objects.filter(pk=Subscription.objects.first().pk).update(status=status)
    assert set(renderings(approve.approve(edition, None))) == {""}


def test_a_set_that_leaves_too_few_stories_gets_the_full_edition(newsletter, edition):
    choose(newsletter, variants.ENOUGH, ["Europe"])
    lead_is_counted = 1
    Newsletter.objects.update(min_items=3 + lead_is_counted + 1)
    edition.refresh_from_db()
    assert set(renderings(approve.approve(edition, None))) == {""}


def test_the_sets_of_most_readers_come_first_and_no_more_than_twelve(newsletter, edition, monkeypatch):
    monkeypatch.setenv("NEWSLETTER_MOST_VARIANTS", "2")
    config.current.cache_clear()
    choose(newsletter, variants.ENOUGH, ["Asia"])
    many = choose(newsletter, variants.ENOUGH + 2, ["Europe"], first=100)
    more = choose(newsletter, variants.ENOUGH + 1, ["Africa", "Europe"], first=200)
    assert variants.wanted(variants.counts(newsletter)) == [many, more]
    config.current.cache_clear()


def test_what_editors_wrote_by_hand_is_in_every_copy_and_empty_sections_vanish(newsletter, edition):
    section = newsletter.sections.get(name="The rest")
    edit.add_written(edition, section, edit.Written("note", title="A word on the strait", dek="Ships wait."))
    snapshot = freeze.snapshot_of(edition)
    europe = variants.cut(snapshot, ["Europe"])
    assert "A word on the strait" in [item["title"] for each in europe["sections"] for item in each["items"]]
    nowhere = variants.cut(snapshot, ["Antarctica"])
    assert [section["name"] for section in nowhere["sections"]] == ["Lead", "The rest"]
    assert variants.stories(nowhere) == 1


def test_dated_anew_the_same_sets_have_copies_whoever_changed_their_mind(newsletter, edition):
    key = choose(newsletter, variants.ENOUGH, ["Europe"])
    approved = approve.approve(edition, None)
    Subscription.objects.update(topic_set="")
    dated = approve.schedule(approved, timezone.now() + timedelta(days=3), None)
    assert set(renderings(dated)) == {"", key}
    assert freeze.is_intact(dated)


def test_a_correction_says_the_same_to_everybody(newsletter, edition):
    choose(newsletter, variants.ENOUGH, ["Europe"])
    approve.approve(edition, None)
    Edition.objects.update(started_at=timezone.now(), status="sent")
    edition.refresh_from_db()
    correction = draft.start_correction(edition, "Where the bridge is", "In Port Ellis.")
    assert set(renderings(approve.approve(correction, None))) == {""}


def test_where_the_newsletter_wants_that_chosen_topics_come_first_and_nothing_is_missing(newsletter, edition):
    newsletter.topic_copies = "first"
    newsletter.save()
    edition.refresh_from_db()
    key = choose(newsletter, variants.ENOUGH, ["Europe"])
    text = renderings(approve.approve(edition, None))[key].text
    lead = edition.items.get(section__is_lead=True).title
    chosen, others = [t for t in TITLES if "Europe" in t], [t for t in TITLES if "Africa" in t and t != lead]
    places = {title: text.rindex(title) for title in TITLES}
    for section in ("== Analysis", "== The rest"):  # first within each section
        inside = text[text.index(section) :].split("\n== ")[0]
        first = [title for title in chosen if title in inside]
        assert all(inside.index(a) < inside.index(b) for a in first for b in others if b in inside)
    assert len(places) == len(TITLES)
    assert places[lead] < min(places[title] for title in TITLES if title != lead)


def test_sections_with_chosen_stories_come_before_the_others():
    from tests.mail.samples import sample_week

    week = sample_week()
    topic = week["sections"][-1]["items"][0]["topics"]
    sorted_ = variants.sorted_by(week, ["Nowhere", *topic])
    assert sorted_["sections"][0]["is_lead"]
    assert sum(len(section["items"]) for section in sorted_["sections"]) == 14
    names = [section["name"] for section in sorted_["sections"]]
    assert names.index(week["sections"][-1]["name"]) < len(names)
    assert variants.sorted_by(week, ["Nowhere"]) == week
