"""Ids that outsiders see: random, so that they tell nothing and survive a restored backup."""

import secrets


def random_id() -> int:
    """A random 63-bit number: fits a signed BIGINT."""
    return secrets.randbits(63)


def as_text(public_id: int) -> str:
    """The form in addresses and headers: 16 lower-case hexadecimal digits."""
    return f"{public_id:016x}"
