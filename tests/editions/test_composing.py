"""Which story goes where, and why: pure decisions."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from newsletter.editions.compose import Candidate, Rules, compose

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
LEAD = Rules(1, "Lead", 1, is_lead=True)


def story(
    number: int, *, kind: str = "Analysis", topic: str = "Africa", author: str = "", image: bool = True
) -> Candidate:
    return Candidate(
        article_id=number,
        published_at=NOW - timedelta(hours=number),
        kind=kind,
        topics=frozenset({topic}),
        feeds=frozenset({1}),
        authors=frozenset({author or f"Author {number}"}),
        has_image=image,
    )


def placed(choices, section_id):
    return [
        choice.article_id for choice in sorted(choices, key=lambda c: c.position) if choice.section_id == section_id
    ]


def test_the_newest_story_with_a_photo_leads():
    choices = compose([story(1, image=False), story(2), story(3)], [LEAD, Rules(2, "All", 9)])
    assert placed(choices, 1) == [2]


def test_without_any_photo_the_newest_leads():
    assert placed(compose([story(1, image=False), story(2, image=False)], [LEAD]), 1) == [1]


def test_sections_choose_in_their_order_and_take_no_story_twice():
    sections = [Rules(2, "Analysis", 9, kinds=frozenset({"analysis"})), Rules(3, "All", 9)]
    choices = compose([story(1), story(2, kind="Reporting"), story(3)], sections)
    assert (placed(choices, 2), placed(choices, 3)) == ([1, 3], [2])


def test_kind_and_topic_are_two_axes_and_both_must_fit():
    rules = Rules(2, "African analysis", 9, kinds=frozenset({"Analysis"}), topics=frozenset({"africa"}))
    stories = [story(1), story(2, topic="Europe"), story(3, kind="Reporting")]
    assert placed(compose(stories, [rules]), 2) == [1]


def test_a_story_without_a_kind_fits_no_section_that_asks_for_one():
    assert placed(compose([story(1, kind="")], [Rules(2, "Analysis", 9, kinds=frozenset({"Analysis"}))]), 2) == []


def test_a_full_section_prefers_other_authors_and_topics():
    # Given three stories of one author, newer than one of another
    stories = [story(n, author="Same") for n in (1, 2, 3)] + [story(4, author="Other", topic="Europe")]
    assert placed(compose(stories, [Rules(2, "All", 2)]), 2) == [1, 4]


def test_what_is_left_out_says_why():
    stories = [story(1), story(2), story(3, kind="Reporting")]
    choices = compose(stories, [Rules(2, "Analysis", 1, kinds=frozenset({"Analysis"}))])
    reasons = {choice.article_id: choice.reason for choice in choices}
    assert reasons[1] == "Analysis takes it for kind Analysis"
    assert reasons[2] == "no room: Analysis took newer or more varied stories"
    assert reasons[3] == "no section takes its feed, kind and topics"


stories_ = st.lists(
    st.builds(
        story,
        st.integers(1, 500),
        kind=st.sampled_from(["Analysis", "Reporting", ""]),
        topic=st.sampled_from(["Africa", "Europe"]),
        author=st.sampled_from(["A", "B", "C"]),
        image=st.booleans(),
    ),
    unique_by=lambda each: each.article_id,
    max_size=30,
)


@given(stories_, st.integers(1, 6))
def test_every_story_is_placed_once_or_left_out_and_caps_hold(stories, cap):
    sections = [LEAD, Rules(2, "Analysis", cap, kinds=frozenset({"Analysis"})), Rules(3, "All", cap)]
    choices = compose(stories, sections)
    assert sorted(choice.article_id for choice in choices) == sorted(each.article_id for each in stories)
    for rules in sections:
        assert len(placed(choices, rules.section_id)) <= rules.cap
    # and the same stories in another order give the same edition
    assert compose(list(reversed(stories)), sections) == choices
