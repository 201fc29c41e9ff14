"""Reports by mail: after an hour, a day and a week, each once, to staff who want them."""

from datetime import timedelta

import pytest
from django.db import transaction

from newsletter.editions.models import Edition
from newsletter.letters import render
from newsletter.letters.models import Letter
from newsletter.newsletters.models import Role, Staff
from newsletter.tracking import report_letters
from newsletter.transports.memory import MemoryTransport
from tests import builders
from tests.deliveries.conftest import planned, sent
from tests.tracking.told import happens, told

__all__ = ["planned", "sent"]
pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)


@pytest.fixture
def edition(newsletter, sent):
    """Sent to three readers; one copy bounced, two arrived. A viewer is on the staff."""
    Staff.objects.create(email="ada@meridian.example", role=Role.VIEWER)
    builders.add_readers(newsletter, 3)
    made = sent(builders.scheduled_edition(newsletter), MemoryTransport())
    copies = list(made.deliveries.order_by("pk"))
    words = "550 5.1.1 <reader0@example.org>: nobody here"
    happens(told(copies[0], "bounce", "hard", status="5.1.1", words=words))
    happens(told(copies[1], "delivered"), told(copies[2], "delivered"))
    made.refresh_from_db()
    return made


def look(edition, after):
    """Somebody looks so long after it was sent."""
    return report_letters.tell_due(edition.finished_at + after)


def reports():
    return [letter.payload["after"] for letter in Letter.objects.filter(kind="edition-report").order_by("pk")]


def test_each_goes_once_however_often_somebody_looks(edition):
    for after in (HOUR - timedelta(seconds=1), HOUR, HOUR, DAY, DAY + HOUR, WEEK, WEEK, WEEK + DAY):
        look(edition, after)
    assert reports() == ["hour", "day", "week"]


def test_after_a_pause_only_the_newest_that_is_due_goes(edition):
    for woke, newest in ((HOUR * 5, ["hour"]), (DAY * 3, ["day"]), (WEEK + DAY, ["week"]), (WEEK * 5, [])):
        look(edition, woke)
        look(edition, woke)
        assert reports() == newest
        Letter.objects.all().delete()
        Edition.objects.update(reports_told=0)


def test_who_looks_at_the_same_moment_writes_none_again(edition):
    stale = Edition.objects.get(pk=edition.pk)
    look(edition, DAY)
    Letter.objects.all().delete()
    assert report_letters._tell(stale, edition.finished_at + DAY) == 0
    assert reports() == []


def test_who_dies_while_writing_has_written_nothing_and_the_next_writes_it(edition):
    with transaction.atomic():
        look(edition, DAY)
        transaction.set_rollback(True)
    assert reports() == []
    assert look(edition, DAY) == 1


def test_nothing_is_reported_of_an_edition_that_still_goes_out(edition):
    Edition.objects.update(status="paused")
    assert look(edition, DAY) == 0


def test_it_says_what_the_report_says_and_leads_there_without_any_reader(edition):
    look(edition, DAY)
    letter = Letter.objects.get(kind="edition-report")
    text = " ".join(render.content_of(letter).text.split())
    assert text.startswith("A day later, 2 of 3 copies of The Meridian No. 1 are delivered.")
    assert "bounced: hard − 1 no such mailbox" in text
    assert f"/desk/editions/{edition.pk}/report" in text
    assert "reader0@" not in text + str(letter.payload)


def test_who_stopped_them_in_the_desk_gets_no_more(edition, client):
    ada = Staff.objects.get()
    client.force_login(ada)
    look(edition, HOUR)
    client.post("/desk/me/reports", {"reports": "no"})
    look(edition, DAY)
    assert reports() == ["hour"]
    client.post("/desk/me/reports", {"reports": "yes"})
    look(edition, WEEK)
    assert reports() == ["hour", "week"]
