"""The token in a reader's mail: made by us, or worth nothing."""

import base64
import hashlib
import hmac
import secrets
import string

import pytest
from django.core.signing import Signer
from django.test import override_settings

from newsletter.subscribers import tokens
from newsletter.subscribers.models import Subscription
from tests import builders

ALPHABET = string.ascii_letters + string.digits + "-_"


@pytest.fixture
def subscription(db):
    return builders.add_readers(builders.make_newsletter(), 1)[0]


@pytest.mark.postgres
def test_a_token_names_its_subscription_and_no_other(subscription):
    builders.add_readers(subscription.newsletter, 3, first=10)
    found = tokens.subscription_for(tokens.token_for(subscription.public_id))
    assert found == subscription


@pytest.mark.parametrize("public_id", [0, 1, 2**31, 2**63 - 1])
@pytest.mark.django_db
def test_every_public_id_has_a_token_of_the_same_form(public_id):
    newsletter = builders.make_newsletter()
    (reader,) = builders.add_readers(newsletter, 1)
    Subscription.objects.filter(pk=reader.pk).update(public_id=public_id)
    token = tokens.token_for(public_id)
    assert len(token) == 34
    assert set(token) <= set(ALPHABET)
    assert tokens.subscription_for(token) == reader


def test_every_change_of_a_single_character_is_refused(subscription):
    token = tokens.token_for(subscription.public_id)
    for place, right in enumerate(token):
        for wrong in (ALPHABET + "+/=. é\0").replace(right, ""):
            assert tokens.subscription_for(token[:place] + wrong + token[place + 1 :]) is None, (place, wrong)


def test_other_lengths_are_refused(subscription):
    token = tokens.token_for(subscription.public_id)
    for other in (
        "",
        token[:-1],
        token[1:],
        token + "=",
        token + "==",
        token + "A",
        token * 2,
        f" {token}",
        f"{token}\n",
    ):
        assert tokens.subscription_for(other) is None


def test_what_was_signed_for_another_purpose_is_refused(subscription, settings):
    body = bytes([tokens.KEY_VERSION]) + subscription.public_id.to_bytes(8, "big")
    salts = [b"", b"newsletter.login-link", b"newsletter.confirm"]
    secret = settings.SECRET_KEY.encode()
    keys = [secret, settings.ADDRESS_KEY.encode(), *(hashlib.sha256(salt + secret).digest() for salt in salts)]
    for key in keys:
        mac = hmac.digest(key, body, hashlib.sha256)[:16]
        assert tokens.subscription_for(base64.urlsafe_b64encode(body + mac).rstrip(b"=").decode()) is None
    assert tokens.subscription_for(Signer().sign(str(subscription.public_id))[:34]) is None


def test_another_key_version_is_refused(subscription, settings):
    body = bytes([2]) + subscription.public_id.to_bytes(8, "big")
    forged = base64.urlsafe_b64encode(body + tokens._mac(body)).rstrip(b"=").decode()
    assert tokens.subscription_for(forged) is None


def test_another_installations_token_is_refused(subscription):
    with override_settings(SECRET_KEY="another installation's key"):
        stranger = tokens.token_for(subscription.public_id)
    assert tokens.subscription_for(stranger) is None


def test_a_hundred_thousand_random_tokens_hit_nobody_and_ask_no_database(subscription, django_assert_num_queries):
    with django_assert_num_queries(0):
        hits = [
            token for token in (secrets.token_urlsafe(25) for _ in range(100_000)) if tokens.subscription_for(token)
        ]
    assert hits == []


def test_a_true_token_of_a_deleted_subscription_is_refused(subscription):
    token = tokens.token_for(subscription.public_id)
    subscription.delete()
    assert tokens.subscription_for(token) is None
