"""DKIM signatures (RFC 6376) over finished messages: rsa-sha256, relaxed/relaxed.

The body is hashed as it is. Relaxed canonicalisation (§3.4.4) removes white space at line ends, makes one space of
several and drops empty lines at the end; transports/merge.py writes none of these, so there is nothing to do, and a
digest of 56 kB takes 0.35 ms instead of 1.8. A body from elsewhere would get a signature that does not verify.
"""

import re
from base64 import b64encode
from collections import defaultdict
from functools import cache
from hashlib import sha256

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from newsletter import config
from newsletter.errors import ConfigError

# Each is listed once more than it occurs, so that nobody can add another one (§8.15). RFC 8058 §4 asks for both
# List-Unsubscribe headers.
SIGNED = (
    "From", "Subject", "To", "Date", "Message-ID", "MIME-Version", "Content-Type", "Reply-To", "List-Unsubscribe",
    "List-Unsubscribe-Post", "List-Id", "Feedback-ID",
)  # fmt: skip
LEAST_BITS, GOOD_BITS = 1024, 2048  # RFC 8301 §3.2

_NAMES = [name.lower().encode("ascii") for name in SIGNED]
_FIELD_END = re.compile(rb"\r\n(?![ \t])")
_WHITE = re.compile(rb"[ \t\r\n]+")
_LINE = 72


class Signer:
    """Signs for a domain with one key. `sign(message)` wants CRLF line ends and a body as merge makes it."""

    def __init__(self, domain: str, selector: str, key: RSAPrivateKey) -> None:
        self.bits = key.key_size
        self._key = key
        self._opening = f" v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n d={domain};\r\n s={selector};\r\n bh=".encode(
            "ascii"
        )

    def sign(self, message: bytes) -> bytes:
        """The message with its DKIM-Signature on top."""
        head, _, body = message.partition(b"\r\n\r\n")
        names, lines = _chosen(head)
        tags = self._opening + b64encode(sha256(body).digest()) + b";\r\n h=" + b":\r\n ".join(names) + b";\r\n b="
        signed = b"".join(lines) + b"dkim-signature:" + _relaxed(tags)
        signature = b64encode(self._key.sign(signed, PKCS1v15(), SHA256()))
        folded = b"\r\n ".join(signature[at : at + _LINE] for at in range(0, len(signature), _LINE))
        return b"DKIM-Signature:" + tags + folded + b"\r\n" + message


@cache
def current() -> Signer | None:
    """This process's signer, None when mail is not signed. Raises ConfigError."""
    return made_from(config.current())


def made_from(settings: config.Config) -> Signer | None:
    """The signer of these settings. Raises ConfigError for half of them, and for a key that is no good RSA key."""
    names = ("dkim_domain", "dkim_selector", "dkim_key")
    missing = [name for name in names if not getattr(settings, name)]
    if len(missing) == len(names):
        return None
    if missing:
        raise ConfigError(f"Mail cannot be signed without {', '.join(missing)}.", hint="Set all three, or none.")
    hint = "Make one: openssl genrsa -out dkim.pem 2048. Then set NEWSLETTER_DKIM_KEY_FILE."
    try:
        key = load_pem_private_key(settings.dkim_key.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):  # TypeError: it wants a password
        raise ConfigError("NEWSLETTER_DKIM_KEY is no private key in PEM form without a password.", hint=hint) from None
    if not isinstance(key, RSAPrivateKey):
        raise ConfigError("NEWSLETTER_DKIM_KEY is no RSA key.", hint=hint)
    if key.key_size < LEAST_BITS:
        raise ConfigError(f"The DKIM key has {key.key_size} bits; receivers ignore it below {LEAST_BITS}.", hint=hint)
    return Signer(settings.dkim_domain, settings.dkim_selector, key)


def _chosen(head: bytes) -> tuple[list[bytes], list[bytes]]:
    """The names for h=, and the canonical lines they stand for (§3.4.2); several of a name from the last one up."""
    values: dict[bytes, list[bytes]] = defaultdict(list)
    for field in _FIELD_END.split(head):
        name, _, value = field.partition(b":")
        values[name.strip().lower()].append(value)
    names, lines = [], []
    for name in _NAMES:
        found = values.get(name, [])
        names.append(b":".join([name] * (len(found) + 1)))
        lines += [name + b":" + _relaxed(value) + b"\r\n" for value in reversed(found)]
    return names, lines


def _relaxed(value: bytes) -> bytes:
    return _WHITE.sub(b" ", value).strip(b" ")
