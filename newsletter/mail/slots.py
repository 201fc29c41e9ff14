"""The places in a finished mail where something of one reader's is put in: words that survive inlining and URLs."""

import re

TOKEN = "@@TOKEN@@"  # noqa: S105 - the name of a place, not a secret
"""The reader's token, inside addresses."""
NAME = "@@NAME@@"
"""The reader's name in plain text."""
NAME_HTML = "@@NAME_HTML@@"
"""The reader's name, escaped for HTML."""
CLICK = "@@CLICK@@"
"""The token where the reader agreed to counted links, else 0."""

PIXEL = "@@PIXEL@@"
"""A picture of one pixel for readers who agreed that their opening is counted, else nothing."""

LEAVE = "@@LEAVE@@"
"""The token as it stands in a mail address, in the header for leaving by mail."""

SLOTS = (TOKEN, NAME, NAME_HTML, CLICK, PIXEL, LEAVE)

_SLOT = re.compile("|".join(map(re.escape, SLOTS)))
# Word joiner: no width, no break, and unlike the zero-width joiner it never changes how its neighbours look.
_APART = "\u2060"


def slots_in(text: str) -> list[str]:
    """The slots in `text`, in order, each as often as it occurs.

    >>> slots_in("https://news.example.org/u/@@TOKEN@@")
    ['@@TOKEN@@']
    """
    return _SLOT.findall(text)


def neutralise(text: str) -> str:
    """The same words, but no two @ stand side by side: content can never look like a slot."""
    return re.sub("@(?=@)", "@" + _APART, text)
