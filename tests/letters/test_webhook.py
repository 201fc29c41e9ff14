"""The webhook: signed, repeated until it is taken, and no way into somebody's network (T-01)."""

import hashlib
import hmac
import json

import pytest

from newsletter.letters import send, writing
from newsletter.letters.models import Letter
from tests.letters.samples import FACTS

pytestmark = pytest.mark.django_db


@pytest.fixture
def call(newsletter, webhook):
    writing.write("edition-held", writing.WEBHOOK, "once", newsletter=newsletter, **FACTS["edition-held"])


def test_a_call_says_what_the_letter_says_and_is_signed(call, webhook, gate, only_letter):
    send.send_next(gate)
    assert only_letter().status == "accepted"
    (made,) = webhook.calls
    said = json.loads(made.body)
    assert said["kind"] == "edition-held"
    assert said["newsletter"] == "the-meridian"
    assert said["id"] == only_letter().public
    assert said["facts"]["edition"] == 12
    assert said["link"] == "https://news.example.org/desk/editions/12"
    at, _, digest = made.headers["newsletter-signature"].partition(",v1=")
    signed = f"{at.removeprefix('t=')}.".encode() + made.body
    assert hmac.compare_digest(digest, hmac.new(b"between us", signed, hashlib.sha256).hexdigest())


def test_a_call_that_is_refused_is_made_again_with_the_same_id(call, webhook, gate, only_letter):
    webhook.answers = [503]
    send.send_next(gate)
    assert (only_letter().status, only_letter().reason) == ("pending", "The webhook answered 503.")
    Letter.objects.update(not_before=None)
    send.send_next(gate)
    assert only_letter().status == "accepted"
    assert len({json.loads(each.body)["id"] for each in webhook.calls}) == 1


def test_a_redirect_is_not_followed(call, webhook, gate, only_letter):
    webhook.answers, webhook.location = [302], webhook.url + "/elsewhere"
    send.send_next(gate)
    assert len(webhook.calls) == 1
    assert only_letter().status == "pending"


def test_a_webhook_on_a_private_address_is_called_only_where_that_is_allowed(
    call, webhook, gate, only_letter, configure
):
    configure(NEWSLETTER_ALLOW_PRIVATE_HOSTS="0")
    send.send_next(gate)
    assert webhook.calls == []
    assert "private address" in only_letter().reason


def test_a_server_that_is_not_there_is_a_reason_to_wait_without_the_secret_address(call, gate, configure, only_letter):
    configure(NEWSLETTER_WEBHOOK_URL="http://127.0.0.1:1/hooks/secret-path")
    send.send_next(gate)
    assert only_letter().status == "pending"
    assert "refused the connection" in only_letter().reason
    assert "secret-path" not in only_letter().reason
