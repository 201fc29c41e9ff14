"""Character references that name no character, in the bytes of a feed. Pure.

Plugins write an emoji as the two halves of UTF-16 ("&#55357;&#56832;"), and others write nonsense. feedparser fails on
either (OverflowError, UnicodeEncodeError) and with it the whole feed.
"""

import re

_RUN = re.compile(rb"(?:&#(?:[0-9]+|x[0-9a-f]+);?)+", re.IGNORECASE)
_EACH = re.compile(rb"&#(?:([0-9]+)|x([0-9a-f]+));?", re.IGNORECASE)
_LONGEST = 8  # digits that a character's number can have, in either way of writing it
_FIRST, _LAST = 0x20, 0x10FFFF
_HIGH, _LOW, _AFTER = 0xD800, 0xDC00, 0xE000  # the halves of UTF-16


def mended(body: bytes) -> bytes:
    """The bytes with halves joined, and references to nothing gone; all others stay as they are written."""
    return _RUN.sub(_mended, body) if b"&#" in body else body


def _mended(run: re.Match[bytes]) -> bytes:
    made, half = [], 0
    for each in _EACH.finditer(run[0]):
        number = _number(each)
        if half and _LOW <= number < _AFTER:
            made.append(b"&#%d;" % (0x10000 + (half - _HIGH) * 0x400 + number - _LOW))
        elif _is_character(number):
            made.append(each[0])
        half = number if _HIGH <= number < _LOW else 0
    return b"".join(made)


def _number(reference: re.Match[bytes]) -> int:
    """What it names; -1 where it has too many digits to name anything."""
    digits = (reference[1] or reference[2]).lstrip(b"0") or b"0"
    return int(digits, 10 if reference[1] else 16) if len(digits) <= _LONGEST else -1


def _is_character(number: int) -> bool:
    """As XML has them (1.0, 2.2): without most controls, without halves."""
    return number in (9, 10, 13) or _FIRST <= number < _HIGH or _AFTER <= number <= _LAST
