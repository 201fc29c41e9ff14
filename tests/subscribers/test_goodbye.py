"""The last letter: where the newsletter wants it, to who left without seeing a page, and to nobody else."""

import pytest

from newsletter.letters import render
from newsletter.letters.models import Letter
from newsletter.subscribers import consent
from newsletter.subscribers.models import Consent, Suppression
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
Source = Consent.Source


@pytest.fixture
def reader():
    (made,) = builders.add_readers(builders.make_newsletter(goodbye=True), 1)
    return made


@pytest.mark.parametrize("source", [Source.ONE_CLICK, Source.MAIL, Source.STAFF])
def test_who_saw_no_page_gets_one_and_only_one(reader, source):
    assert consent.unsubscribe(reader, source)
    assert not consent.unsubscribe(reader, source)
    letter = Letter.objects.get()
    mail = render.content_of(letter)
    assert (letter.kind, mail.subject) == ("goodbye", "You have left The Meridian")
    assert "/u/" in mail.text
    assert not any(name.startswith("List-") for name, _ in mail.headers)


def test_who_pressed_the_button_has_seen_the_page(reader):
    consent.unsubscribe(reader, Source.PAGE)
    assert not Letter.objects.exists()


def test_who_complained_or_is_suppressed_gets_none(reader):
    Suppression.objects.create(address_key=reader.subscriber.address_key, reason="complaint")
    consent.unsubscribe(reader, Source.ONE_CLICK)
    assert not Letter.objects.exists()


def test_without_the_setting_nobody_does(reader):
    reader.newsletter.goodbye = False
    consent.unsubscribe(reader, Source.ONE_CLICK)
    assert not Letter.objects.exists()
