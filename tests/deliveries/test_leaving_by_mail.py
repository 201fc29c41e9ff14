"""A mail to a copy's own address ends the subscription, whatever it says; copies offer it only while somebody reads."""

import email
import email.policy
import re
from datetime import timedelta

import pytest
from django.test import override_settings
from django.utils import timezone

from newsletter import config
from newsletter.deliveries import send
from newsletter.subscribers import by_mail, tokens
from newsletter.subscribers.models import Consent, Subscription
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture(autouse=True)
def bounce_address(monkeypatch):
    monkeypatch.setenv("NEWSLETTER_BOUNCE_ADDRESS", "abcdefghijklmnop@mail.meridian.example")  # the longest
    config.current.cache_clear()
    yield
    monkeypatch.undo()
    config.current.cache_clear()


def ways_out(transport):
    messages = [email.message_from_bytes(copy.message, policy=email.policy.default) for copy in transport.copies]
    return {
        copy.reader.address: each["List-Unsubscribe"] for copy, each in zip(transport.copies, messages, strict=True)
    }


def address_of(subscription):
    return by_mail.address_with_slot(timezone.now()).replace(
        "@@LEAVE@@", by_mail.letters_of(tokens.token_for(subscription.public_id))
    )


@pytest.fixture
def reader(newsletter):
    by_mail.mailbox_was_read(timezone.now())
    return builders.add_readers(newsletter, 1)[0]


def test_each_copy_offers_its_own_readers_address_while_the_mailbox_is_read(newsletter, transport, sent, reader):
    builders.add_readers(newsletter, 2, first=5)
    sent(builders.scheduled_edition(newsletter), transport)
    for address, header in ways_out(transport).items():
        page, by_letter = re.fullmatch(r"<(https://\S+)>, <mailto:(\S+)\?subject=unsubscribe>", header).groups()
        assert tokens.subscription_for(page.rpartition("/")[2]).subscriber.email == address
        assert len(by_letter.partition("@")[0]) <= 64  # RFC 5321 §4.5.3.1.1
        assert by_mail.leave(by_letter)
        assert Subscription.objects.get(subscriber__email=address).status == "unsubscribed"


@pytest.mark.parametrize("minutes", [None, 61])
def test_while_nobody_reads_the_mailbox_only_the_page_is_offered(newsletter, transport, sent, minutes):
    builders.add_readers(newsletter, 1)
    if minutes:
        by_mail.mailbox_was_read(timezone.now() - timedelta(minutes=minutes))
    sent(builders.scheduled_edition(newsletter), transport)
    assert "mailto:" not in ways_out(transport)["reader0@example.org"]


def test_the_header_follows_the_mailbox_in_mid_send(newsletter, transport, planned):
    builders.add_readers(newsletter, 6)
    planned(builders.scheduled_edition(newsletter))
    send.send_next(transport)
    by_mail.mailbox_was_read(timezone.now())
    send.send_next(transport)
    assert ["mailto:" in header for header in ways_out(transport).values()] == [False] * 3 + [True] * 3


def test_repeating_is_harmless_and_leaves_one_evidence(reader):
    address = address_of(reader)
    assert [by_mail.leave(address) for _ in range(3)] == [True] * 3
    assert list(Consent.objects.values_list("status", "source")) == [("unsubscribed", "mail")]


def test_servers_may_change_the_case_of_an_address(reader):
    assert by_mail.leave(f"<{address_of(reader).upper()}>")


def test_no_letter_of_an_address_can_be_changed(reader):
    local, _, domain = address_of(reader).partition("@")
    start = local.index("leave.")
    for at in range(start, len(local)):
        for letter in "a2z.+-é0".replace(local[at], ""):
            assert not by_mail.leave(f"{local[:at]}{letter}{local[at + 1 :]}@{domain}")
    assert Subscription.objects.get().status == "active"


@pytest.mark.parametrize(
    "address",
    ["", "@", "x", "<>", "leave@x", "bounces+leave.@x", "bounces+leave." + "a" * 40 + "@x", "\0@\0", "é" * 99],
)
def test_what_we_did_not_make_moves_nobody(reader, address):
    assert not by_mail.leave(address)
    assert Subscription.objects.get().status == "active"


def test_a_bounces_address_is_not_taken_for_one_for_leaving():
    assert not by_mail.is_ours("bounces+00000000000000e1.42.abcdefghijklmnop@mail.meridian.example")


def test_what_a_former_key_made_still_leaves(reader):
    with override_settings(SECRET_KEY="the former key"):
        address = address_of(reader)
    assert not by_mail.leave(address)
    with override_settings(SECRET_KEY_FALLBACKS=["the former key"]):
        assert by_mail.leave(address)
