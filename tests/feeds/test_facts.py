"""Feed and page together: the feed's word first, the page's where the feed is silent or poorer."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from newsletter.feeds.facts import FeedFacts, merge, needs_page
from newsletter.feeds.values import Entry, Image, PageFacts, Person

NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)
ENTRY = Entry("g1", "https://x.example/a", "A story")
PAGE = PageFacts(url="https://x.example/a", site_name="The X")
FEED = FeedFacts("The X")


def image(name: str, width: int | None = None, alt: str = "", credit: str = "") -> Image:
    return Image(f"https://x.example/{name}.jpg", width, None, alt, credit)


def test_the_feeds_own_dek_stands_and_a_cut_one_gives_way() -> None:
    page = replace(PAGE, dek="The page's dek.")
    assert merge(replace(ENTRY, dek="The feed's dek."), page, FEED).dek == "The feed's dek."
    assert merge(replace(ENTRY, dek="It began on", dek_is_cut=True), page, FEED).dek == "The page's dek."
    assert merge(replace(ENTRY, dek="It began on", dek_is_cut=True), PAGE, FEED).dek == "It began on"


def test_a_dek_that_repeats_the_title_is_none() -> None:
    assert merge(ENTRY, replace(PAGE, dek="A STORY"), FEED).dek == ""


@pytest.mark.parametrize(
    ("fed", "shown", "people"),
    [
        (["Jane Doe"], ["Jane Doe", "Bo Ek"], ["Jane Doe", "Bo Ek"]),
        (["Jane Doe"], ["Somebody Else", "Bo Ek"], ["Jane Doe"]),
        (["The X"], ["Jane Doe"], ["Jane Doe"]),
        (["The X"], [], ["The X"]),
        ([], ["Jane Doe"], ["Jane Doe"]),
    ],
)
def test_every_author_is_named_and_the_publication_only_for_want_of_one(
    fed: list[str], shown: list[str], people: list[str]
) -> None:
    entry = replace(ENTRY, byline=tuple(map(Person, fed)))
    page = replace(PAGE, byline=tuple(map(Person, shown)))
    assert [person.name for person in merge(entry, page, FEED).byline] == people


def test_the_page_knows_an_authors_role() -> None:
    entry, page = replace(ENTRY, byline=(Person("Jane Doe"),)), replace(PAGE, byline=(Person("Jane Doe", "fellow"),))
    assert merge(entry, page, FEED).byline == (Person("Jane Doe", "fellow"),)


@pytest.mark.parametrize(
    ("fed", "shown", "taken"),
    [
        (image("a", 1200, credit="Bo Ek"), image("b", 1600), image("a", 1200, credit="Bo Ek")),
        (image("a", 150), image("b"), image("b")),
        (image("a"), image("b", credit="Bo Ek"), image("b", credit="Bo Ek")),
        (image("a-300x200", 300), image("a", 1600, "A dam", "Bo Ek"), image("a", 1600, "A dam", "Bo Ek")),
        (image("a", 1200), image("a", 800, "A dam", "Bo Ek"), image("a", 1200, "A dam", "Bo Ek")),
        (image("a", 1200, alt="A story"), None, image("a", 1200)),
        (None, None, None),
    ],
    ids=["the feed's", "thumbnail", "credit", "same but larger", "same, completed", "title as alt", "none"],
)
def test_the_better_picture_is_taken(fed: Image | None, shown: Image | None, taken: Image | None) -> None:
    assert merge(replace(ENTRY, image=fed), replace(PAGE, image=shown), FEED).image == taken


def test_kind_and_topics_come_from_the_entry_the_page_and_the_feed_in_this_order() -> None:
    feed = FeedFacts("The X", "Reporting", ("Water",))
    page = replace(PAGE, categories=("Analysis", "Africa"))
    assert merge(ENTRY, None, feed).kind == "Reporting"
    assert merge(ENTRY, page, feed).kind == "Analysis"
    made = merge(replace(ENTRY, categories=("Opinion", "Asia-Pacific")), page, feed)
    assert (made.kind, made.topics) == ("Opinion", ("Asia-Pacific", "Water"))


def test_the_sites_name_goes_from_the_title() -> None:
    assert merge(replace(ENTRY, title="A story | The X"), None, FEED).title == "A story"


def test_a_change_within_minutes_of_publishing_is_no_update() -> None:
    entry = replace(ENTRY, published_at=NOON, updated_at=NOON + timedelta(minutes=3))
    assert merge(entry, None, FEED).updated_at is None
    later = replace(entry, updated_at=NOON + timedelta(hours=3))
    assert merge(later, None, FEED).updated_at == NOON + timedelta(hours=3)


def test_a_complete_entry_needs_no_page() -> None:
    full = Entry(
        "g1", "https://x.example/a", "A story", "A dek.", byline=(Person("Jane Doe"),),
        categories=("Analysis", "Africa"), image=image("a", 1200, "A dam", "Bo Ek"), published_at=NOON,
    )  # fmt: skip
    assert not needs_page(full, FEED)
    assert needs_page(replace(full, image=image("a", 1200, "A dam")), FEED)
    assert needs_page(replace(full, dek_is_cut=True), FEED)


def test_a_sites_own_initials_are_no_topic() -> None:
    made = merge(replace(ENTRY, categories=("TC", "Mobile")), None, FeedFacts(title="TechCrunch"))
    assert made.topics == ("Mobile",)
    # But what a section's feed is called is what its stories are about
    for title in ("UN", "Africa"):
        made = merge(replace(ENTRY, categories=(title,)), None, FeedFacts(title=title))
        assert made.topics == (title,)


@pytest.mark.parametrize(
    ("title", "categories", "kind", "printed"),
    [
        ("Opinion | The port that waits", ("Africa",), "Opinion", "The port that waits"),
        ("Analysis: The port that waits", ("Analysis",), "Analysis", "The port that waits"),
        ("Analysis: a word and its history", ("Essay",), "Essay", "Analysis: a word and its history"),
        ("Breaking | The port that waits", (), "", "Breaking | The port that waits"),
        ("Opinion |", ("Opinion",), "Opinion", "Opinion |"),
    ],
)
def test_a_title_does_not_repeat_its_kind(title: str, categories: tuple[str, ...], kind: str, printed: str) -> None:
    made = merge(replace(ENTRY, title=title, categories=categories), None, FeedFacts("The X"))
    assert (made.kind, made.title) == (kind, printed)


def test_of_a_topics_name_and_its_slug_the_name_is_printed() -> None:
    for categories in (("middle-east", "Middle East"), ("Middle East", "middle-east")):
        assert merge(replace(ENTRY, categories=categories), None, FeedFacts()).topics == ("Middle East",)
