"""Enhanced status codes as kinds of bounces: one table for SendGrid's events and for returned mail. Pure."""

import re
from collections.abc import Mapping

from newsletter.tracking.bounces.reading import Kind

CODE = re.compile(r"(?<![\d.])([245])[.](\d{1,3})[.](\d{1,3})(?![\d.])")

# RFC 3463, the registry of RFC 5248 and what providers document for theirs; the longest beginning that fits decides.
# By subject: 1 addressing, 2 mailbox, 3 mail system, 4 network, 5 protocol, 6 content, 7 security or policy.
_KINDS: Mapping[str, Kind] = {
    "5.1": Kind.HARD, "5.1.7": Kind.BLOCK, "5.1.8": Kind.BLOCK, "5.1.9": Kind.BLOCK,
    "5.2": Kind.SOFT, "5.2.3": Kind.BLOCK,
    "5.3": Kind.SOFT, "5.3.4": Kind.BLOCK,
    "5.4": Kind.SOFT, "5.4.4": Kind.HARD, "5.4.310": Kind.HARD,
    "5.5": Kind.SOFT,
    "5.6": Kind.BLOCK,
    "5.7": Kind.BLOCK, "5.7.13": Kind.SOFT,
    "4": Kind.SOFT, "4.6": Kind.BLOCK, "4.7": Kind.BLOCK,
}  # fmt: skip


def found_in(text: str, classes: str = "245") -> str:
    """The enhanced code in a server's words: the first that says something, else the first, else ""."""
    found = [match[0] for match in CODE.finditer(text) if match[1] in classes]
    return next((code for code in found if not is_generic(code)), found[0] if found else "")


def is_generic(code: str) -> bool:
    """5.0.0 and 4.0.0 say no more than their first digit; "" says nothing."""
    return not code or code.endswith(".0.0")


def kind_of(code: str) -> Kind:
    """What a code says about a copy that did not arrive; NONE where it says nothing or is none."""
    match = CODE.fullmatch(code)
    if match is None or is_generic(code):
        return Kind.NONE
    beginnings = (code, f"{match[1]}.{match[2]}", match[1])
    return next((_KINDS[each] for each in beginnings if each in _KINDS), Kind.NONE)
