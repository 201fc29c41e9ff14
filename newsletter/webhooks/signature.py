"""SendGrid's signature: ECDSA over P-256 and SHA-256, of the timestamp's text and the raw body, line end included.

Its own package decodes the body first, raises on what is malformed and checks no time; this works on bytes and answers
yes or no. https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features
"""

import base64
import binascii
import re
from collections.abc import Sequence
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

SIGNATURE = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP = "X-Twilio-Email-Event-Webhook-Timestamp"
# It tries again for 24 hours, and whether each try is signed anew is not documented; repetition does no harm.
OLDEST = 24 * 3600 + 600
NEWEST = 600  # clocks differ
LONGEST = 200  # characters of a signature; a real one has 96
_SECONDS = re.compile(r"[0-9]{10}")


@lru_cache(maxsize=4)
def keys_in(text: str) -> tuple[EllipticCurvePublicKey, ...]:
    """The keys of the setting, one or two. Raises ValueError for what is no P-256 key."""
    keys = [load_der_public_key(base64.b64decode(each, validate=True)) for each in text.replace(",", " ").split()]
    return tuple(key for key in keys if isinstance(key, EllipticCurvePublicKey))


def verifies(keys: Sequence[EllipticCurvePublicKey], timestamp: str, body: bytes, signature: str) -> bool:
    """Whether one of the keys signed this body at this time."""
    raw = _decoded(signature)
    # Ten digits and no other: else bytes could slide from the body into the timestamp.
    if raw is None or not _SECONDS.fullmatch(timestamp):
        return False
    return any(_signed(key, raw, timestamp.encode("ascii") + body) for key in keys)


def is_fresh(timestamp: str, now: float) -> bool:
    """Whether a verified timestamp is one that SendGrid may still send."""
    return -NEWEST <= now - int(timestamp) <= OLDEST


def _signed(key: EllipticCurvePublicKey, signature: bytes, message: bytes) -> bool:
    try:
        key.verify(signature, message, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def _decoded(text: str) -> bytes | None:
    """Bytes of base64 in its one canonical form: spare bits would make one signature many."""
    if len(text) > LONGEST or not text.isascii():
        return None
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error:
        return None
    return raw if base64.b64encode(raw).decode("ascii") == text else None
