"""Events from a file, as the webhook would have taken them: what a proxy kept while we were away, or an export.

Events that are known already have no effect, so a file may be replayed as often as one likes. What cannot be read is
counted and costs nothing else: such files are cut by a full disk, and begin with what a proxy wrote of itself.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from newsletter.errors import UsageError
from newsletter.tracking import sendgrid_events, store

AT_ONCE = 1_000
LONGEST_LINE = 8 * 1024 * 1024  # bytes
_BROKEN = object()
_BETWEEN = " \t\r\n,]\0\ufeff"  # what parts documents, and what is left of a list that is broken


@dataclass
class Replayed:
    """How many events were new, known, about nothing of ours; and how many lines or elements could not be read."""

    new: int = 0
    known: int = 0
    foreign: int = 0
    unreadable: int = 0


def from_file(file: Path) -> Iterator[Replayed]:
    """Keep a file's events, yielding the sums as they grow. JSON: lists, or events, one a line or over many lines.

    Raises UsageError when nothing of it can be read.
    """
    sums, read_any = Replayed(), False
    everything = _said(file)
    while said := list(islice(everything, AT_ONCE)):
        events = [sendgrid_events.event_of(each) for each in said]
        kept = store.keep(event for event in events if event)
        sums.new, sums.known, sums.foreign = sums.new + kept.new, sums.known + kept.known, sums.foreign + kept.foreign
        sums.unreadable += events.count(None)
        read_any = read_any or any(isinstance(each, dict) for each in said)
        yield sums
    if not read_any:
        raise UsageError(
            f"{file} holds no events.", hint="It takes SendGrid's JSON: a list, or one list or event a line."
        )


def _said(file: Path) -> Iterator[Any]:
    """Whatever stands for an event; what cannot be read is _BROKEN."""
    for document in _documents(file):
        if isinstance(document, list):
            yield from document
        else:
            yield document


def _documents(file: Path) -> Iterator[Any]:
    """Line by line; from the first that begins what it does not end, the rest of the file at once."""
    with file.open("rb") as lines:
        while line := lines.readline(LONGEST_LINE):
            text = line.strip()
            document = _loaded(text) if text else []
            if document is _BROKEN and (text[:1] == b"[" or (text[:1] == b"{" and text[-1:] != b"}")):
                yield from _scanned((line + lines.read()).decode("utf-8", "replace"))
            else:
                yield document


def _scanned(text: str) -> Iterator[Any]:
    """Documents that may go over many lines. Of a broken list the events are found one by one."""
    decoder, at = json.JSONDecoder(), 0
    while (at := _after(text, at)) < len(text):
        try:
            document, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            document, end = _BROKEN, text.find("\n", at)
            at = at + 1 if text[at] == "[" else end if end >= 0 else len(text)
        yield document


def _after(text: str, at: int) -> int:
    while at < len(text) and text[at] in _BETWEEN:
        at += 1
    return at


def _loaded(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return _BROKEN
