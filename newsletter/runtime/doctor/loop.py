"""The webhook's signature, tried from end to end with a key of our own making."""

import base64
import time

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

from newsletter.webhooks import signature

BODY = b'[{"event":"delivered"}]\r\n'


def believed() -> bool:
    """Whether what is signed correctly is believed, and what was changed by one byte is not."""
    key = generate_private_key(SECP256R1())
    timestamp = str(int(time.time()))
    signed = base64.b64encode(key.sign(timestamp.encode("ascii") + BODY, ECDSA(SHA256()))).decode("ascii")
    keys = (key.public_key(),)
    forged = BODY.replace(b"delivered", b"Delivered")
    return signature.verifies(keys, timestamp, BODY, signed) and not signature.verifies(keys, timestamp, forged, signed)
