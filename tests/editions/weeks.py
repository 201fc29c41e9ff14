"""A week of a newsletter by the clock, for tests: what is published in it, and the bell."""

from datetime import timedelta

import time_machine

from newsletter.deliveries import plan
from newsletter.editions import rhythm
from newsletter.editions.models import Edition
from newsletter.letters.models import Letter
from tests import builders
from tests.builders import at

# In New York it is 15:00 on Wednesday 25 November, then 07:00 on Thursday 26.
MONDAY, CUTOFF, SEND = at("2026-11-23 12:00"), at("2026-11-25 20:00"), at("2026-11-26 12:00")
MINUTE, HOUR, WEEK = timedelta(minutes=1), timedelta(hours=1), timedelta(days=7)


def weekly(name="The Meridian", **values):
    return builders.make_newsletter(name, rhythm_from=MONDAY, **values)


def beat(moment, times=2):
    """The bell, rung more than once."""
    with time_machine.travel(moment, tick=False):
        for _ in range(times):
            rhythm.keep()
            plan.begin_due()


def publish(count, moment, first=0):
    with time_machine.travel(moment, tick=False):
        for number in range(first, first + count):
            builders.make_article(f"Story {number}", hours_ago=2 + number / 10)


def told():
    """What staff were told, in order."""
    return list(Letter.objects.order_by("pk").values_list("kind", flat=True))


def the_edition():
    return Edition.objects.select_related("newsletter").get()
