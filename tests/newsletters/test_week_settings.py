"""What a newsletter may be told about its week, and that a new clock makes up for no run that is over."""

from datetime import timedelta

import pytest
import time_machine

from newsletter.editions import rhythm
from newsletter.editions.models import Edition
from newsletter.errors import UsageError
from newsletter.newsletters import setup
from newsletter.newsletters.models import Newsletter
from tests import builders
from tests.builders import at

pytestmark = pytest.mark.django_db


@pytest.fixture
def newsletter():
    return builders.make_newsletter(rhythm_from=at("2026-11-02 12:00"))


@pytest.mark.parametrize(
    ("day", "made"),
    [
        (0, 0),  # Monday: this week's run would have been over
        (2, 1),  # Wednesday 07:00 is ahead, and its cut-off has passed: it is composed at once
        (4, 0),  # Friday: its cut-off is ahead
    ],
)
def test_a_new_weekday_makes_up_for_no_run_that_is_over(newsletter, day, made):
    with time_machine.travel("2026-11-24 22:00Z", tick=False):  # Tuesday evening in New York
        for number in range(4):
            builders.make_article(f"Story {number}", hours_ago=number + 1)
        setup.change(newsletter, {"weekday": day}, [], None)
        rhythm.keep()
    assert Edition.objects.count() == made


def test_other_settings_leave_the_rhythm_alone(newsletter):
    before = Newsletter.objects.get().rhythm_from
    setup.change(newsletter, {"review": "auto", "max_lateness": timedelta(hours=1)}, [], None)
    assert Newsletter.objects.get().rhythm_from == before


def test_a_phrase_with_an_unknown_name_is_refused_with_the_nearest(newsletter):
    with pytest.raises(UsageError, match="Did you mean lead"):
        setup.change(newsletter, {"subject_template": "{newsletter}: {laed}"}, [], None)
