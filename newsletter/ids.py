"""Ids that outsiders see: random, so that they tell nothing and survive a restored backup."""

import secrets
from string import hexdigits

DIGITS = 16


def random_id() -> int:
    """A random 63-bit number: fits a signed BIGINT."""
    return secrets.randbits(63)


def as_text(public_id: int) -> str:
    """The form in addresses and headers: 16 lower-case hexadecimal digits."""
    return f"{public_id:016x}"


def from_text(text: str) -> int | None:
    """The id that `as_text` wrote; None for anything else."""
    return int(text, 16) if len(text) == DIGITS and set(text) <= set(hexdigits.lower()) else None
