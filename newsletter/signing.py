"""Links that prove something: the mail's one token, and fresh ones that serve a single purpose for a while.

The mail's token names a subscription and never expires; it allows leaving and non-personal preferences. Everything else
takes a fresh token, mailed to the reader, good for one purpose. All look alike when they are forged, stale or damaged.

Layout, base64url without padding: 1 byte form, 8 bytes public id, of a fresh one 4 bytes minutes since 1970, and 16
bytes of HMAC-SHA256 with a key of its own for each purpose. What a former secret key signed stays valid.
"""

import base64
import binascii
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from django.conf import settings

KEY_VERSION = 1
_FRESH, _TEST = 2, 3
_MAC = 16
_LENGTH = 34
_FRESH_LENGTH = 39
_LINK_LENGTH = 44


class Purpose(StrEnum):
    """What a fresh token is good for."""

    CONFIRM = "confirm"  # a sign-up: its request
    PERSONAL = "personal"  # name, address, download, erasure: one of the reader's subscriptions
    ADDRESS = "address"  # the new address is theirs: the request to move to it
    INVITATION = "invitation"  # the first sign-in of a staff member
    LOOK = "look"  # an edition before it goes out, for somebody without an account: the link's row


LIFE = {
    Purpose.CONFIRM: timedelta(days=14),
    Purpose.PERSONAL: timedelta(hours=2),
    Purpose.ADDRESS: timedelta(days=3),
    Purpose.INVITATION: timedelta(days=7),
    Purpose.LOOK: timedelta(days=14),
}


def token_for(public_id: int) -> str:
    """The token of the subscription with this public id, 34 characters."""
    body = bytes([KEY_VERSION]) + public_id.to_bytes(8, "big")
    return _signed(body, "subscription-token", settings.SECRET_KEY)


def read(token: str) -> int | None:
    """The public id of the subscription that the mail's token names; None for any other."""
    body = _body(token, _LENGTH, "subscription-token")
    return int.from_bytes(body[1:], "big") if body and body[0] == KEY_VERSION else None


def token_of_test(newsletter: int) -> str:
    """What stands for the reader's token in a test mail of the newsletter with this primary key: it changes nothing."""
    return _signed(bytes([_TEST]) + newsletter.to_bytes(8, "big"), "test-token", settings.SECRET_KEY)


def read_test(token: str) -> int | None:
    """The primary key of the newsletter whose test mail this token is from; None for any other."""
    body = _body(token, _LENGTH, "test-token")
    return int.from_bytes(body[1:], "big") if body and body[0] == _TEST else None


def fresh(purpose: Purpose, public_id: int, now: datetime) -> str:
    """A token that names a row by its public id for one purpose, for as long as LIFE says; 39 characters."""
    minutes = int(now.timestamp()) // 60
    return _signed(
        bytes([_FRESH]) + public_id.to_bytes(8, "big") + minutes.to_bytes(4, "big"), purpose, settings.SECRET_KEY
    )


def read_fresh(purpose: Purpose, token: str, now: datetime) -> int | None:
    """The public id that a fresh token of this purpose names; None for any other, and for one that is too old."""
    body = _body(token, _FRESH_LENGTH, purpose)
    if body is None or body[0] != _FRESH:
        return None
    made = datetime.fromtimestamp(int.from_bytes(body[9:], "big") * 60, UTC)
    return int.from_bytes(body[1:9], "big") if now - made <= LIFE[purpose] else None


def link_for(edition: int, item: int) -> str:
    """What stands for an edition's entry in a counted link, by public id and item; the same for every reader."""
    body = bytes([KEY_VERSION]) + edition.to_bytes(8, "big") + item.to_bytes(8, "big")
    return _signed(body, "counted-link", settings.SECRET_KEY)


def read_link(token: str) -> tuple[int, int] | None:
    """The edition's public id and the item that a counted link stands for; None for any other text."""
    body = _body(token, _LINK_LENGTH, "counted-link")
    return (int.from_bytes(body[1:9], "big"), int.from_bytes(body[9:], "big")) if body else None


def _signed(body: bytes, purpose: str, secret: str) -> str:
    mac = hmac.digest(_purpose_key(purpose, secret), body, hashlib.sha256)[:_MAC]
    return base64.urlsafe_b64encode(body + mac).rstrip(b"=").decode("ascii")


def _body(token: str, length: int, purpose: str) -> bytes | None:
    """What a token says, if we signed it for this purpose."""
    if len(token) != length or not token.isascii():
        return None
    try:
        body = base64.b64decode(token + "=" * (-length % 4), altchars=b"-_", validate=True)[:-_MAC]
    except binascii.Error:
        return None
    # The texts are compared, not the bytes: spare bits at the end would make one token many.
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return body if any(hmac.compare_digest(_signed(body, purpose, key), token) for key in keys) else None


@lru_cache(maxsize=32)  # a batch makes a token for each of its readers
def _purpose_key(purpose: str, secret: str) -> bytes:
    # The purpose is in the key, so that no other token of this installation can be taken for this one.
    return hashlib.sha256(f"newsletter.{purpose}:{secret}".encode()).digest()
