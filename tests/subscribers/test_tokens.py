"""Tokens: made by us for this purpose and in time, or worth nothing."""

import base64
import hashlib
import hmac
import secrets
import string
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from django.core.signing import Signer
from django.test import override_settings

from newsletter import signing
from newsletter.subscribers import tokens
from newsletter.subscribers.models import Subscription
from newsletter.subscribers.tokens import LIFE, Purpose
from tests import builders

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
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
    forged = signing._signed(body, "subscription-token", settings.SECRET_KEY)
    assert tokens.subscription_for(forged) is None


def test_another_installations_token_is_refused(subscription):
    with override_settings(SECRET_KEY="another installation's key"):
        stranger = tokens.token_for(subscription.public_id)
    assert tokens.subscription_for(stranger) is None


def test_a_million_random_tokens_hit_nobody_and_ask_no_database(subscription, django_assert_num_queries):
    mail, fresh_ones = (
        (secrets.token_urlsafe(25) for _ in range(700_000)),
        (secrets.token_urlsafe(29) for _ in range(100_000)),
    )
    with django_assert_num_queries(0):
        assert not any(signing.read(token) is not None for token in mail)
        for token in fresh_ones:
            assert not any(signing.read_fresh(purpose, token, NOW) is not None for purpose in Purpose)
        assert tokens.subscription_for(secrets.token_urlsafe(25)) is None


def test_a_true_token_of_a_deleted_subscription_is_refused(subscription):
    token = tokens.token_for(subscription.public_id)
    subscription.delete()
    assert tokens.subscription_for(token) is None


def test_what_a_former_key_signed_stays_valid_until_that_key_is_dropped(subscription):
    with override_settings(SECRET_KEY="the former key"):
        token, fresh = tokens.token_for(subscription.public_id), tokens.fresh(Purpose.CONFIRM, 7, NOW)
    with override_settings(SECRET_KEY_FALLBACKS=["an older one", "the former key"]):
        assert tokens.subscription_for(token) == subscription
        assert tokens.read_fresh(Purpose.CONFIRM, fresh, NOW) == 7
        assert tokens.token_for(subscription.public_id) != token
    assert tokens.subscription_for(token) is None
    assert tokens.read_fresh(Purpose.CONFIRM, fresh, NOW) is None


@pytest.mark.parametrize("purpose", Purpose)
def test_a_fresh_token_names_its_row_as_long_as_it_lives(purpose):
    token = tokens.fresh(purpose, 2**63 - 1, NOW)
    assert len(token) == 39
    assert set(token) <= set(ALPHABET)
    assert tokens.read_fresh(purpose, token, NOW) == 2**63 - 1
    assert tokens.read_fresh(purpose, token, NOW + LIFE[purpose]) == 2**63 - 1
    assert tokens.read_fresh(purpose, token, NOW + LIFE[purpose] + timedelta(minutes=1)) is None


@pytest.mark.parametrize(("made_for", "tried_for"), list(permutations(Purpose, 2)))
def test_a_fresh_token_is_good_for_no_other_purpose(made_for, tried_for):
    assert tokens.read_fresh(tried_for, tokens.fresh(made_for, 7, NOW), NOW) is None


@pytest.mark.parametrize("purpose", Purpose)
def test_the_mails_token_and_fresh_ones_are_not_taken_for_each_other(subscription, purpose):
    assert tokens.read_fresh(purpose, tokens.token_for(subscription.public_id), NOW) is None
    assert tokens.subscription_for(tokens.fresh(purpose, subscription.public_id, NOW)) is None


def test_every_change_of_a_single_character_of_a_fresh_token_is_refused():
    token = tokens.fresh(Purpose.CONFIRM, 7, NOW)
    for place, right in enumerate(token):
        for wrong in (ALPHABET + "+/=. é\0").replace(right, ""):
            forged = token[:place] + wrong + token[place + 1 :]
            assert tokens.read_fresh(Purpose.CONFIRM, forged, NOW) is None, (place, wrong)
