"""Whom we forgot, SendGrid is asked to forget: until it takes it, safely after a crash, and its state is shown."""

import pytest
from django.utils import timezone

from newsletter import config, faults
from newsletter.deliveries.models import Attempt, Delivery
from newsletter.subscribers.models import Subscriber
from newsletter.tracking import address as known
from newsletter.tracking import erase, provider_erasure
from newsletter.tracking.models import Erasure
from tests import builders
from tests.fakes.sendgrid import SendGridServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def sendgrid():
    with SendGridServer() as server:
        yield server


@pytest.fixture
def settings_for(sendgrid):
    return config.load(
        {"SENDGRID_API_KEY": sendgrid.key, "SENDGRID_API_URL": sendgrid.url, "NEWSLETTER_ALLOW_PRIVATE_HOSTS": "1"}
    )


@pytest.fixture
def reader(db):
    """One whose copy went through SendGrid."""
    newsletter = builders.make_newsletter()
    (subscription,) = builders.add_readers(newsletter, 1)
    went_through(builders.scheduled_edition(newsletter), subscription.subscriber, "sendgrid")
    return subscription.subscriber


def went_through(edition, subscriber, transport):
    batch = edition.batches.create(rendering=edition.renderings.get(), number=1, size=1, status="done")
    Attempt.objects.create(batch=batch, number=1, fence=1, transport=transport, started_at=timezone.now())
    Delivery.objects.create(
        edition=edition, subscriber=subscriber, batch=batch, address_key=subscriber.address_key, status="accepted",
        updated_at=timezone.now(),
    )  # fmt: skip


def test_sendgrid_is_asked_and_the_job_is_shown(reader, sendgrid, settings_for):
    erase.erase(reader)
    assert known.of("reader0@example.org")["erasure"]["provider"] == "pending"
    assert provider_erasure.ask_next(settings_for)
    assert not provider_erasure.ask_next(settings_for)
    assert sendgrid.forgotten == ["reader0@example.org"]
    row = Erasure.objects.get()
    assert (row.status, row.job, row.address) == ("asked", "12a975bd-c742-4713-8f47-cb3ae4e56c74", "")
    assert "SendGrid took the request" in known.sentences(known.of("reader0@example.org"))[-1]


def test_of_whom_nothing_went_through_sendgrid_it_is_told_nothing(sendgrid, settings_for):
    newsletter = builders.make_newsletter()
    (subscription,) = builders.add_readers(newsletter, 1)
    went_through(builders.scheduled_edition(newsletter), subscription.subscriber, "smtp")
    erase.erase(subscription.subscriber)
    assert not provider_erasure.ask_next(settings_for)
    assert (Erasure.objects.get().status, Erasure.objects.get().address) == ("none", "")
    assert sendgrid.forgotten == []


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("401", "recipients.erasejob.create"),
        ("403", "recipients.erasejob.create"),
        ("404", "recipients.erasejob.create"),
        ("429", "asked for a pause"),
        ("500", "SendGrid answered 500"),
        ("silent", "did not answer"),
    ],
)
def test_what_sendgrid_does_not_take_is_asked_again_and_says_why(reader, sendgrid, settings_for, word, said):
    erase.erase(reader)
    sendgrid.behave(word)
    assert provider_erasure.ask_next(settings_for)
    row = Erasure.objects.get()
    assert (row.status, row.address) == ("pending", "reader0@example.org")
    assert said in row.reason
    assert row.not_before > timezone.now()
    # When its time has come
    Erasure.objects.update(not_before=None)
    assert provider_erasure.ask_next(settings_for)
    assert Erasure.objects.get().status == "asked"


def test_an_address_that_sendgrid_takes_for_none_is_not_asked_for_ever(reader, sendgrid, settings_for):
    erase.erase(reader)
    Erasure.objects.update(address="reader0@")
    assert provider_erasure.ask_next(settings_for)
    row = Erasure.objects.get()
    assert (row.status, row.address, sendgrid.forgotten) == ("refused", "", [])


def test_without_a_key_it_waits_and_the_watchdog_tells_after_a_day(reader):
    from datetime import timedelta

    from newsletter.tracking import surroundings

    erase.erase(reader)
    assert provider_erasure.ask_next(config.load({}))
    now = timezone.now()
    assert list(surroundings.erasures(now)) == []
    (finding,) = surroundings.erasures(now + timedelta(hours=25))
    assert "forget 1 person. There is no SENDGRID_API_KEY" in finding.words


def test_a_worker_that_dies_in_the_middle_has_it_asked_again(reader, sendgrid, settings_for, monkeypatch):
    # Given a worker that dies after it wrote down that it asks
    erase.erase(reader)

    def die(name):
        raise KeyboardInterrupt(name)

    monkeypatch.setattr(faults, "hook", die)
    with pytest.raises(KeyboardInterrupt):
        provider_erasure.ask_next(settings_for)
    monkeypatch.undo()
    assert not provider_erasure.ask_next(settings_for)
    # When its lease is over, another asks
    Erasure.objects.update(lease_until=timezone.now() - timezone.timedelta(hours=1))
    assert provider_erasure.ask_next(settings_for)
    assert sendgrid.forgotten == ["reader0@example.org"]


def test_two_workers_do_not_ask_at_once(reader, sendgrid, settings_for):
    erase.erase(reader)
    row = Erasure.objects.get()
    assert provider_erasure._claim(Erasure.objects.get())
    assert not provider_erasure._claim(row)


def test_the_stand_in_refuses_what_sendgrid_documents_as_wrong(sendgrid):
    from newsletter.transports.sendgrid_client import client_for

    client = client_for(sendgrid.key, sendgrid.url)
    assert client.forget(["ada@example.org"] * 5001, 5).status == 400
    assert client.forget([], 5).status == 400
    assert client.forget(["ada@example.org"] * 5000, 5).status == 202
    assert client_for("SG.wrong", sendgrid.url).forget(["ada@example.org"], 5).status == 401
    assert Subscriber.objects.count() == 0
