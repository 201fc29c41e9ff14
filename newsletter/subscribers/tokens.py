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
    public_id = _public_id_in(token)
    if public_id is None:
        return None
    return Subscription.objects.select_related("subscriber", "newsletter").filter(public_id=public_id).first()


def _public_id_in(token: str) -> int | None:
    """What a token names, if we made it; no database is asked about any other."""
    if len(token) != _LENGTH or not token.isascii():
        return None
    try:
        body = base64.b64decode(token[:12], altchars=b"-_", validate=True)
    except binascii.Error:
        return None
    public_id = int.from_bytes(body[1:], "big")
    # The texts are compared, not the bytes: four spare bits at the end would make one token many.
    return public_id if hmac.compare_digest(token_for(public_id), token) else None


def _mac(body: bytes) -> bytes:
    # The purpose is in the key, so that no other token of this installation can be taken for this one.
    secret = hashlib.sha256(b"newsletter.subscription-token:" + settings.SECRET_KEY.encode()).digest()
    return hmac.digest(secret, body, hashlib.sha256)[:16]
