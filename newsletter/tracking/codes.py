"""Enhanced status codes (RFC 3463, with the registry of RFC 5248) as causes. Pure."""

import re
from collections.abc import Mapping

from newsletter.tracking.events import Cause

CODE = re.compile(r"(?<![\d.])([245])[.](\d{1,3})[.](\d{1,3})(?![\d.])")

# Of the permanent ones, those that say that there is nobody: no such mailbox, no such system, moved, a null MX.
_NOBODY = {"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.4.4", "5.2.1"}
# By subject: 1 addressing, 2 mailbox, 3 mail system, 4 network, 5 protocol, 6 content, 7 security or policy.
_BY_SUBJECT: Mapping[str, Cause] = {"6": Cause.BLOCK, "7": Cause.BLOCK}


def found_in(text: str) -> str:
    """The first enhanced code in a server's words, or ""."""
    match = CODE.search(text)
    return match[0] if match else ""


def cause_of(code: str) -> Cause:
    """What a code says about a copy that did not arrive; NONE where it says nothing or is none."""
    match = CODE.fullmatch(code)
    if match is None or match[1] == "2":
        return Cause.NONE
    if code in _NOBODY:
        return Cause.HARD
    return _BY_SUBJECT.get(match[2], Cause.NONE if match[2] == "0" else Cause.SOFT)
