"""A test mail: a real one with real headers, whose ways out answer as always, say so, and change nothing."""

import email
import re
from email.policy import default

import pytest
from django.test import Client

from newsletter import signing
from newsletter.deliveries.rehearse import rehearse
from newsletter.editions import draft
from newsletter.errors import Refused, UsageError
from newsletter.letters import send, writing
from newsletter.letters.models import Letter
from newsletter.newsletters.models import AuditEntry
from newsletter.subscribers import addresses, topics
from newsletter.subscribers.models import Consent, Subscription, Suppression
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def edition(newsletter):
    for number in range(3):
        builders.make_article(f"Story {number}", hours_ago=number + 1, topics=["Africa" if number else "Europe"])
    return draft.compose_regular(newsletter).edition


@pytest.fixture
def mailed(edition, gate, outbox):
    """The test mail of the edition as it arrived."""
    rehearse(edition, "Ada@Example.org", None)
    assert send.send_next(gate)
    (message,) = outbox()
    return email.message_from_bytes(message.as_bytes(), policy=default)


def way_out(mailed):
    return re.search(r"<https://[^/]+(/u/[^>]+)>", mailed["List-Unsubscribe"])[1]


def test_it_is_the_mail_with_the_headers_of_a_copy(mailed, edition):
    assert mailed["Subject"] == f"[Test] {edition.subject}"
    assert mailed["To"] == "Ada@example.org"
    assert mailed["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for name in ("List-Id", "Feedback-ID", "Auto-Submitted", "Message-ID", "Date"):
        assert mailed[name]
    html = mailed.get_body(("html",)).get_content()
    assert "Story 1" in html
    assert way_out(mailed) in html
    assert "@@" not in html


@pytest.mark.parametrize("form", [{}, {"List-Unsubscribe": "One-Click"}])
def test_its_ways_out_answer_say_so_and_change_nothing(mailed, newsletter, form):
    builders.add_readers(newsletter, 2)
    client, path = Client(enforce_csrf_checks=True), way_out(mailed)
    asked, pressed = client.get(path), client.post(path, form)
    assert (asked.status_code, pressed.status_code) == (200, 200)
    assert "test mail" in asked.content.decode()
    assert "nothing has changed" in pressed.content.decode()
    assert Subscription.objects.filter(status="active").count() == 2
    assert not Consent.objects.exists()


def test_its_way_to_choose_answers_too(mailed):
    path = re.search(r'href="https://[^/]+(/p/[^"]+)"', mailed.get_body(("html",)).get_content())[1]
    assert "test mail" in Client().get(path).content.decode()
    assert Client().post(path, {"do": "topics", "topics": "Africa"}).status_code == 200


@pytest.mark.parametrize("path", ["undo", "why"])
def test_what_follows_leaving_is_not_there(mailed, path):
    assert Client().post(f"{way_out(mailed)}/{path}").status_code == 404


def test_the_token_of_a_test_is_no_readers_and_no_reader_has_one(newsletter):
    token = signing.token_of_test(newsletter.pk)
    assert signing.read(token) is None
    assert signing.read_test(signing.token_for(newsletter.pk)) is None
    assert signing.read_test(token[:-1] + ("A" if token[-1] != "A" else "B")) is None


def test_the_mail_is_forgotten_once_it_is_through(mailed):
    letter = Letter.objects.get()
    assert (letter.status, letter.address, letter.payload["html"], letter.payload["text"]) == ("accepted", "", "", "")
    assert AuditEntry.objects.filter(verb="test").exists()


def test_a_suppressed_address_gets_no_test(edition):
    Suppression.objects.create(address_key=addresses.key("gone@example.org"), reason="complaint")
    with pytest.raises(Refused, match="suppressed"):
        rehearse(edition, "gone@example.org", None)
    with pytest.raises(UsageError):
        rehearse(edition, "no address", None)
    assert not Letter.objects.exists()


def test_a_variant_can_be_tested_and_one_that_is_not_there_is_said(edition, newsletter):
    with pytest.raises(UsageError, match="no such variant"):
        rehearse(edition, "ada@example.org", None, topics.key_of(["Asia"]))


def test_hostile_words_of_a_letter_break_no_test(edition, gate, outbox):
    edition.newsletter.sender_name = "Ada\r\nBcc: all@example.org"
    edition.newsletter.save()
    rehearse(edition, "ada@example.org", None)
    assert send.send_next(gate)
    (message,) = outbox()
    assert message["Bcc"] is None


def test_it_is_written_as_every_letter_is(edition):
    rehearse(edition, "ada@example.org", None)
    rehearse(edition, "ada@example.org", None)
    assert Letter.objects.count() == 2  # asked for twice, sent twice
    assert writing.WEBHOOK not in Letter.objects.values_list("address", flat=True)
