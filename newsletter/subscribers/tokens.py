"""The mail's one token: it names a subscription, proves that we made it, and never expires.

Layout, base64url without padding, 34 characters: 1 byte key version, 8 bytes public id, 16 bytes HMAC-SHA256.
It allows leaving and non-personal preferences; everything else asks for a fresh link.
"""

import base64
import binascii
import hashlib
import hmac

from django.conf import settings

from newsletter.subscribers.models import Subscription

KEY_VERSION = 1
_LENGTH = 34


def token_for(public_id: int) -> str:
    """The token of the subscription with this public id."""
    body = bytes([KEY_VERSION]) + public_id.to_bytes(8, "big")
    return base64.urlsafe_b64encode(body + _mac(body)).rstrip(b"=").decode("ascii")


def subscription_for(token: str) -> Subscription | None:
    """The subscription a token names; None for a forged, damaged or stale one, which all look alike."""
    if len(token) != _LENGTH:
        return None
    try:
        raw = base64.b64decode(token + "==", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    body, mac = raw[:9], raw[9:]
    if body[0] != KEY_VERSION or not hmac.compare_digest(_mac(body), mac):
        return None
    found = Subscription.objects.select_related("subscriber", "newsletter")
    return found.filter(public_id=int.from_bytes(body[1:], "big")).first()


def _mac(body: bytes) -> bytes:
    # The purpose is in the key, so that no other token of this installation can be taken for this one.
    secret = hashlib.sha256(b"newsletter.subscription-token:" + settings.SECRET_KEY.encode()).digest()
    return hmac.digest(secret, body, hashlib.sha256)[:16]
