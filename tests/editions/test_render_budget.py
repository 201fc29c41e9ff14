"""A mail that Gmail would cut off is not made."""

import pytest

from newsletter.editions.render import HTML_LIMIT, TooLarge, render
from tests.mail.samples import sample_week


def size(articles: int) -> int:
    return len(render(sample_week(articles)).html.encode())


def test_fourteen_stories_fit_in_45_kilobytes():
    assert size(14) <= 45_000


def test_each_further_story_costs_at_most_3_kilobytes():
    assert (size(40) - size(14)) / 26 <= 3_000


def test_forty_stories_stay_below_the_limit():
    assert size(40) <= HTML_LIMIT


def test_a_mail_over_the_limit_is_refused_with_what_to_do():
    with pytest.raises(TooLarge) as refused:
        render(sample_week(90))
    assert "90,000" in str(refused.value)
    assert "Take out stories" in refused.value.hint
