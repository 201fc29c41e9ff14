"""Envelope senders that tell whose copy bounced (VERP): bounces+EDITION.DELIVERY.PROOF@domain.

A bounce names the failed copy in the one place that every mail server copies unchanged. The proof keeps strangers from
bouncing other readers' copies; all is lower case, because some servers lower the part before the @. The longest is 64
octets (RFC 5321 §4.5.3.1.1) as long as delivery ids have 13 digits.
"""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass

from django.conf import settings

from newsletter import config

_PROOF_BYTES = 10  # 16 letters
_LOCAL = re.compile(r"[a-z0-9._-]+\+(?P<edition>[0-9a-f]{16})\.(?P<delivery>[0-9]{1,19})\.(?P<proof>[a-z2-7]{16})")


@dataclass(frozen=True)
class Reference:
    """What a bounce is about: an edition by its public id, and a delivery."""

    edition: str
    delivery_id: int


def address_for(reference: str) -> str:
    """The envelope sender of a copy ("<edition public id>.<delivery id>"); "" when no bounce address is set."""
    local, _, domain = config.current().bounce_address.partition("@")
    return f"{local}+{reference}.{_proof(reference, settings.SECRET_KEY)}@{domain}" if local else ""


def read(address: str) -> Reference | None:
    """Whose copy this address stands for, whatever its case; None for what we did not make.

    What a former secret key made is still ours.
    """
    local = address.strip().strip("<>").rpartition("@")[0].lower()
    match = _LOCAL.fullmatch(local)
    if match is None:
        return None
    reference = f"{match['edition']}.{match['delivery']}"
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    if not any(hmac.compare_digest(_proof(reference, key), match["proof"]) for key in keys):
        return None
    return Reference(match["edition"], int(match["delivery"]))


def _proof(reference: str, secret: str) -> str:
    key = f"verp:{secret}".encode()
    mac = hmac.digest(key, reference.encode("ascii"), hashlib.sha256)[:_PROOF_BYTES]
    return base64.b32encode(mac).decode("ascii").lower()
