"""Ten weeks in fast motion, with the real steps and two beats."""

from datetime import timedelta

import pytest
import time_machine

from newsletter.deliveries import plan
from newsletter.editions import draft, rhythm
from newsletter.editions.models import Edition
from newsletter.letters.models import Letter
from newsletter.newsletters.models import AuditEntry, Role, Staff
from tests import builders
from tests.builders import at

pytestmark = pytest.mark.django_db


def test_ten_weeks_with_two_beats_make_ten_editions_and_no_story_twice():
    # Given a newsletter without review and two beats that ring at every hour, over New York's clock change in March
    Staff.objects.create(email="editor@example.org", role=Role.SENDER)
    newsletter = builders.make_newsletter(review="auto")
    builders.add_readers(newsletter, 2)
    start = at("2027-02-01 00:00")
    type(newsletter).objects.update(rhythm_from=start)
    with time_machine.travel(start, tick=False) as clock:
        for hour in range(10 * 7 * 24):
            clock.move_to(start + hour * timedelta(hours=1))
            if hour % 24 == 0:
                builders.make_article(f"Story {hour}", hours_ago=1)
            if hour % 24 and not (hour // 24 % 7 in (2, 3) and hour % 24 in (10, 11, 12, 13, 19, 20, 21)):
                continue  # every hour around cut-off and send, else once a day will do
            for _ in range(2):
                rhythm.keep()
                plan.begin_due()
            Edition.objects.filter(status="planning").update(status="sent")
    editions = Edition.objects.order_by("pk")
    assert [edition.status for edition in editions] == ["sent"] * 10
    assert len({edition.period_start for edition in editions}) == 10
    # Then each went out at seven on the wall, and every story stands in one of them
    walls = {edition.started_at.astimezone(draft.schedule_of(newsletter).zone).hour for edition in editions}
    assert walls == {7}
    articles = [item.article_id for edition in editions for item in edition.items.filter(dropped=False)]
    assert len(articles) == len(set(articles)) >= 65
    assert list(Letter.objects.values_list("kind", flat=True)) == ["draft-ready"] * 10
    assert AuditEntry.objects.filter(verb="hold").count() == 0
