"""Events from a file, as the webhook would have taken them: what a proxy kept while we were away, or an export.

Events that are known already have no effect, so a file may be replayed as often as one likes.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from newsletter.errors import UsageError
from newsletter.tracking import sendgrid_events, store

AT_ONCE = 1_000
LONGEST_LINE = 8 * 1024 * 1024  # bytes


@dataclass
class Replayed:
    """How many events were new, known, about nothing of ours; and how many lines or elements could not be read."""

    new: int = 0
    known: int = 0
    foreign: int = 0
    unreadable: int = 0


def from_file(file: Path) -> Iterator[Replayed]:
    """Keep a file's events, yielding the sums as they grow. JSON: one list, or a list or an event on each line.

    Raises UsageError when nothing of it can be read.
    """
    sums, read_any = Replayed(), False
    for body in _bodies(file):
        try:
            read = sendgrid_events.read(body)
        except sendgrid_events.MalformedError:
            sums.unreadable += 1
            continue
        read_any = True
        kept = store.keep(read.events)
        sums.new, sums.known, sums.foreign = sums.new + kept.new, sums.known + kept.known, sums.foreign + kept.foreign
        sums.unreadable += read.unreadable
        yield sums
    if not read_any:
        raise UsageError(
            f"{file} holds no events.", hint="It takes SendGrid's JSON: a list, or one list or event a line."
        )


def _bodies(file: Path) -> Iterator[bytes]:
    """Pieces that are lists of events. A file that is one list is read whole, any other line by line."""
    with file.open("rb") as lines:
        waiting: list[bytes] = []
        while line := lines.readline(LONGEST_LINE):
            if not line.strip():
                continue
            if line.lstrip().startswith(b"{") and line.rstrip().endswith(b"}"):
                waiting.append(line.strip())
                if len(waiting) == AT_ONCE:
                    yield _listed(waiting)
                    waiting = []
            elif _is_whole(line):
                yield line
            else:
                yield line + lines.read()
                return
        if waiting:
            yield _listed(waiting)


def _listed(events: list[bytes]) -> bytes:
    return b"[" + b",".join(event for event in events if _is_whole(event)) + b"]"


def _is_whole(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True
