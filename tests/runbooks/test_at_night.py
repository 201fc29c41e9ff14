"""The runbooks that alerts lead to: each is gone through, command by command, from the trouble to its end."""

from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter.deliveries import send
from newsletter.deliveries.models import Delivery
from newsletter.editions.models import Edition
from newsletter.feeds.models import Feed
from newsletter.letters import writing
from newsletter.letters.models import Letter
from newsletter.newsletters.models import Staff
from newsletter.subscribers.models import Subscriber
from newsletter.tracking import erase, life, returned, watchdog
from newsletter.tracking.models import ReturnedMail
from newsletter.transports.memory import MemoryTransport
from tests import builders
from tests.fakes.feed_site import FeedSite
from tests.fakes.sendgrid_webhook import SENDER
from tests.feeds.feeds import item, rss
from tests.feeds.test_collect import PAGE
from tests.letters.samples import FACTS
from tests.tracking.bounces import shapes
from tests.tracking.test_erasing_at_the_provider import went_through
from tests.transports.conftest import sendgrid

__all__ = ["sendgrid"]
pytestmark = pytest.mark.django_db


def test_nothing_goes_out_because_nobody_works(newsletter, planned, runbook):
    # Given an edition on its way, and nobody who works
    builders.add_readers(newsletter, 3)
    edition = planned(builders.scheduled_edition(newsletter))
    book = runbook("nobody-works")
    assert "No worker gives a sign of life" in book.next()
    assert "redis" in book.next(code=1)
    # When what is missing is started
    assert send.send_next(MemoryTransport())
    life.sign()
    assert "done" in book.next(EDITION=edition.pk)
    assert "3 accepted" in book.next(EDITION=edition.pk)
    # Then there is nothing that cannot wait
    assert book.next().startswith("OK: nothing is wrong.")


def test_a_week_without_a_draft_is_saved_at_night(newsletter, runbook):
    for number in range(4):
        builders.make_article(f"Story {number}", hours_ago=number + 1)
    builders.add_readers(newsletter, 2)
    book = runbook("missed-step")
    assert "to compose" in book.next()
    pk = book.next().splitlines()[0]
    assert "Story 0" in book.next(EDITION=pk)
    book.next(EDITION=pk)
    book.next(EDITION=pk)
    assert "2 readers" in book.next(EDITION=pk)
    assert "scheduled" in book.next()
    assert Edition.objects.get(pk=pk).send_at <= timezone.now()


@pytest.mark.django_db(transaction=True)  # a backup waits for whoever is writing
def test_an_edition_that_does_not_add_up_is_stopped_and_kept_as_it_is(newsletter, planned, runbook, tmp_path):
    # Given a copy that is gone from the ledger
    builders.add_readers(newsletter, 3)
    edition = planned(builders.scheduled_edition(newsletter))
    Delivery.objects.filter(pk=Delivery.objects.latest("pk").pk).delete()
    book = runbook("does-not-add-up")
    book.next(EDITION=edition.pk)
    book.next(FILE=tmp_path / "evidence")
    # Then audit says so, and nothing is sent
    assert '"balanced": false' in book.next(code=1, EDITION=edition.pk)
    book.next(EDITION=edition.pk)
    book.next()
    assert not send.send_next(MemoryTransport())
    assert (tmp_path / "evidence").exists()


def test_reports_that_stay_away_are_fetched(newsletter, sent, runbook, setting, sendgrid):
    setting(
        NEWSLETTER_TRANSPORT="sendgrid", SENDGRID_API_URL=sendgrid.url, SENDGRID_API_KEY=sendgrid.key,
        SENDGRID_WEBHOOK_PUBLIC_KEY=SENDER.public_key,
    )  # fmt: skip
    builders.add_readers(newsletter, 2)
    edition = sent(builders.scheduled_edition(newsletter), MemoryTransport())
    address = str(Subscriber.objects.earliest("pk").email)
    sendgrid.asked.lists["bounces"] = [{"email": address, "created": 1_700_000_000, "reason": "550 5.1.1 unknown"}]
    book = runbook("reports-stay-away")
    assert "None ever came" in book.next()
    book.next()
    assert "accepted" in book.next(EDITION=edition.pk)
    assert "1 entry we did not know" in book.next()
    book.next(EDITION=edition.pk)


def test_returned_mail_is_looked_at_and_put_away(newsletter, runbook):
    returned.take(shapes.postfix("550 5.1.1 User unknown", "5.1.1").encode())
    book = runbook("returned-mail")
    assert "No mailbox is set" in book.next(code=3)
    assert "no such returned mail" in book.next()
    assert "quarantined" in book.next()
    assert "User unknown" in book.next(NUMBER=ReturnedMail.objects.get().pk)
    assert "1 returned mail dismissed" in book.next()
    assert "bounces-quarantined" not in {each.key for each in watchdog.look()}


def test_letters_that_did_not_arrive_name_the_reason(newsletter, runbook):
    editor = Staff.objects.get()
    writing.write("edition-held", editor, "1", newsletter=newsletter, **FACTS["edition-held"])
    Letter.objects.update(status="rejected", reason="550 no such person", finished_at=timezone.now())
    book = runbook("letters")
    assert "no such letter" in book.next()
    assert "550 no such person" in book.next()
    assert "550 no such person" in book.next(NUMBER=Letter.objects.get().pk)
    assert editor.email in book.next()


def test_a_feed_that_moved_is_replaced_and_its_story_taken_in(newsletter, runbook):
    with FeedSite() as site:
        url = site.put("/feed.xml", rss(item(link=site.put("/a", PAGE))))
        feed = Feed.objects.create(url="https://gone.example/feed", failures=9, last_error="404 Not Found")
        book = runbook("feeds")
        assert "404 Not Found" in book.next()
        assert "A story" in book.next(URL=url)
        book.next(FEED=feed.pk)
        book.next(FEED=feed.pk)
        assert "added" in book.next(STORY=site.url("/a"))
    assert not Feed.objects.filter(pk=feed.pk).exists()


def test_a_person_whom_sendgrid_has_not_forgotten_is_seen(newsletter, runbook, setting):
    # Given somebody who got a copy through SendGrid and asked to be forgotten
    setting(SENDGRID_API_KEY="SG.may-not")
    (reader,) = (each.subscriber for each in builders.add_readers(newsletter, 1))
    went_through(builders.scheduled_edition(newsletter), reader, "sendgrid")
    address = str(reader.email)
    erase.erase(reader)
    assert "erasures" in {each.key for each in watchdog.look(timezone.now() + timedelta(days=2))}
    book = runbook("erasures")
    assert "SG.may-not" not in book.next()
    assert "still to be asked" in book.next(ADDRESS=address)
