"""What can be had of a feed that breaks its reader: everything but the entries that break it. Pure.

A fault in feedparser must cost an entry, not the feed.
"""

import re
from collections.abc import Callable
from typing import Any

# feedparser's one fault that we know: the end of a width or height that was never begun. Nobody here reads either.
_STRAY = re.compile(rb"</?(?:width|height)\b[^<>]{0,200}>?", re.IGNORECASE)
_ITEM = re.compile(rb"<((?:\w+:)?(?:item|entry))\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_OPENING = re.compile(rb".*?<(?:channel|feed|(?:\w+:)?RDF)\b[^>]*>", re.DOTALL | re.IGNORECASE)
TOO_MUCH = (MemoryError, RecursionError)
"""What is no fault in a reader but too much for its limits."""


def parsed(body: bytes, parse: Callable[[bytes], Any]) -> tuple[Any, int]:
    """What `parse` makes of the body, and how many of its entries it failed on.

    What it raised comes through where not even the feed without its entries can be read.
    """
    try:
        return parse(body), 0
    except TOO_MUCH:
        raise
    except Exception as error:  # noqa: BLE001 # raised again where nothing can be had
        body = _STRAY.sub(b"", body)
        made = _tried(body, parse)
        return (made, 0) if made is not None else _in_pieces(body, parse, error)


def _in_pieces(body: bytes, parse: Callable[[bytes], Any], error: Exception) -> tuple[Any, int]:
    spans = [found.span() for found in _ITEM.finditer(body)]
    if not spans:
        raise error
    head, tail = body[: spans[0][0]], body[spans[-1][1] :]
    frame = _tried(head + tail, parse)
    if frame is None:  # the fault is in what the feed says of itself
        opening = _OPENING.match(head)
        head, tail = opening[0] if opening else b"", b""
        frame = parse(head)
    items = [body[start:end] for start, end in spans]
    frame.entries, lost = _entries(items, lambda some: _tried(head + b"".join(some) + tail, parse))
    return frame, lost


def _entries(items: list[bytes], read: Callable[[list[bytes]], Any]) -> tuple[list[Any], int]:
    """By halves, so that one bad entry of 2,000 costs a dozen readings and not 2,000."""
    made = read(items)
    if made is not None:
        return list(made.entries), 0
    if len(items) == 1:
        return [], 1
    middle = len(items) // 2
    first, lost = _entries(items[:middle], read)
    second, more = _entries(items[middle:], read)
    return first + second, lost + more


def _tried(body: bytes, parse: Callable[[bytes], Any]) -> Any:
    try:
        return parse(body)
    except TOO_MUCH:
        raise
    except Exception:  # noqa: BLE001 # what the bytes bring out is what this module is for
        return None
