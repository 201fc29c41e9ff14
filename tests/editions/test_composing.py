"""Which story goes where, and why: pure decisions."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from newsletter.editions.compose import Candidate, Rules, compose

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
LEAD = Rules(1, "Lead", 1, is_lead=True)


def story(
    number: int,
    *,
    kind: str = "Analysis",
    topic: str = "Africa",
    author: str = "",
    image: bool = True,
    pinned: bool = False,
    pinned_to: int | None = None,
    carried: str = "",
) -> Candidate:
    return Candidate(
        article_id=number,
        published_at=NOW - timedelta(hours=number),
        kind=kind,
        topics=frozenset({topic}),
        feeds=frozenset({1}),
        authors=frozenset({author or f"Author {number}"}),
        has_image=image,
        pinned=pinned,
        pinned_to=pinned_to,
        carried=carried,
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


def test_pinned_stories_are_in_above_the_cap_and_the_others_make_room():
    stories = [story(n) for n in (1, 2)] + [story(n, pinned=True) for n in (8, 9)]
    assert placed(compose(stories, [Rules(2, "All", 1)]), 2) == [8, 9]
    assert placed(compose(stories, [Rules(2, "All", 3)]), 2) == [1, 8, 9]


def test_of_two_stories_pinned_to_the_lead_the_newest_leads():
    stories = [story(1), story(5, pinned=True, pinned_to=1, image=False), story(6, pinned=True, pinned_to=1)]
    choices = compose(stories, [LEAD, Rules(2, "All", 2)])
    assert (placed(choices, 1), placed(choices, 2)) == ([5], [1, 6])


def test_a_pin_to_a_section_beats_its_rules_and_a_section_by_hand_takes_nothing_else():
    sections = [Rules(2, "Events", 9, by_hand=True), Rules(3, "Analysis", 9, kinds=frozenset({"Analysis"}))]
    choices = compose([story(1), story(2, pinned=True, pinned_to=2), story(3, kind="QiOSK", pinned=True)], sections)
    assert (placed(choices, 2), placed(choices, 3)) == ([2], [1, 3])


def test_what_another_newsletter_had_is_told_and_a_section_may_refuse_it():
    stories = [story(1, carried="The Daily No. 3"), story(2)]
    (first, _) = compose(stories, [Rules(2, "All", 9)])
    assert first.reason == "All takes every story; The Daily No. 3 had it too"
    choices = compose(stories, [Rules(2, "All", 9, not_elsewhere=True)])
    assert placed(choices, 2) == [2]
    assert choices[-1].reason == "The Daily No. 3 had it, and no section takes what another newsletter had"


stories_ = st.lists(
    st.builds(
        story,
        st.integers(1, 500),
        kind=st.sampled_from(["Analysis", "Reporting", ""]),
        topic=st.sampled_from(["Africa", "Europe"]),
        author=st.sampled_from(["A", "B", "C"]),
        image=st.booleans(),
        pinned=st.booleans(),
        pinned_to=st.none() | st.integers(1, 4),
        carried=st.sampled_from(["", "The Daily No. 3"]),
    ),
    unique_by=lambda each: each.article_id,
    max_size=30,
)


@given(stories_, st.integers(1, 6))
def test_every_story_is_placed_once_or_left_out_and_caps_hold(stories, cap):
    analysis = Rules(2, "Analysis", cap, kinds=frozenset({"Analysis"}), not_elsewhere=True)
    sections = [LEAD, analysis, Rules(3, "All", cap), Rules(4, "By hand", cap, by_hand=True)]
    choices = compose(stories, sections)
    assert sorted(choice.article_id for choice in choices) == sorted(each.article_id for each in stories)
    assert all(choice.reason for choice in choices)
    pinned = {each.article_id for each in stories if each.pinned}
    for rules in sections:
        here = placed(choices, rules.section_id)
        assert len(here) <= max(rules.cap, 0 if rules.is_lead else len(pinned & set(here)))
    # what is pinned is in
    assert pinned <= {choice.article_id for choice in choices if choice.section_id is not None}
    # and the same stories in another order give the same edition
    assert compose(list(reversed(stories)), sections) == choices
