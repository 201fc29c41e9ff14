"""Showing that a sign-up cost something: a little work for a browser, or a little patience for a person. Pure.

Asked for only while sign-ups are being abused. A ticket is signed, good for one address and for an hour, and says how
hard it is. With JavaScript the browser looks for a number whose hash with the ticket begins with so many zero bits
(hashcash, http://www.hashcash.org/hashcash.pdf); without it, the ticket is good after a wait.
"""

import hashlib
from dataclasses import dataclass

from django.core.signing import BadSignature, Signer

BITS, WAIT = 15, 20  # 33,000 hashes, about a second of a phone; seconds
HARDER_BITS, LONGER_WAIT = 17, 60  # for forms that were filled in faster than people do
TICKET_LIFE = 60 * 60  # seconds
CLOCK_LIFE = 24 * 60 * 60  # seconds; a program that keeps one clock for ever is taken for one that has none
FASTEST = 3.0  # seconds in which a person fills in a form
_HASH_BITS = 256

_tickets = Signer(salt="newsletter.sign-up.ticket")
_clocks = Signer(salt="newsletter.sign-up.clock")


@dataclass(frozen=True)
class Ticket:
    """A question to a browser: `text` is what it hashes."""

    text: str
    bits: int
    wait: int


def began(now: float) -> str:
    """What a form carries to tell later when it was shown; seconds since 1970."""
    return _clocks.sign(str(int(now)))


def seconds_since(text: str, now: float) -> float | None:
    """How long ago a form was shown; None where that is not known, or was so long ago that it tells nothing."""
    try:
        passed = max(0.0, now - int(_clocks.unsign(text)))
    except (BadSignature, ValueError):
        return None
    return passed if passed <= CLOCK_LIFE else None


def ticket(key: str, seconds: float | None, now: float) -> Ticket:
    """A new question for this address; harder for whoever was too fast, or cannot tell."""
    hard = seconds is None or seconds < FASTEST
    bits, wait = (HARDER_BITS, LONGER_WAIT) if hard else (BITS, WAIT)
    return Ticket(_tickets.sign(f"{key}.{bits}.{wait}.{int(now)}"), bits, wait)


def read(text: str, key: str, now: float) -> Ticket | None:
    """The ticket, if we wrote it for this address within the hour."""
    try:
        whose, bits, wait, at = _tickets.unsign(text).split(".")
    except (BadSignature, ValueError):
        return None
    return Ticket(text, int(bits), int(wait)) if whose == key and 0 <= now - int(at) <= TICKET_LIFE else None


def shown(text: str, number: str, key: str, now: float) -> str:
    """What was shown: "work", "wait", or "" for neither."""
    found = read(text, key, now)
    if found is None:
        return ""
    digest = hashlib.sha256(f"{found.text}:{number[:20]}".encode(errors="replace")).digest()
    if number and int.from_bytes(digest) >> (_HASH_BITS - found.bits) == 0:
        return "work"
    return "wait" if now - time_of(text) >= found.wait else ""


def time_of(text: str) -> int:
    """When one of our tickets was written; seconds since 1970. Raises BadSignature."""
    return int(_tickets.unsign(text).rpartition(".")[2])
