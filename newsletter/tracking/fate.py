"""What became of a copy, from everything that was reported about it, in whatever order it came.

The answer depends on the set of events alone, so reports may be late, doubled and shuffled.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from newsletter.tracking.events import Cause, Kind

# Delivery's own words, from nothing to the last; events move a copy to the right only.
ORDER = ("pending", "sending", "unknown", "accepted", "delivered", "dropped", "bounced", "complained")
RANK = {status: rank for rank, status in enumerate(ORDER)}
FAILED = frozenset({"dropped", "bounced", "complained"})

_STATUS: Mapping[str, str] = {
    Kind.DELIVERED: "delivered",
    Kind.DROPPED: "dropped",
    Kind.BOUNCE: "bounced",
    Kind.COMPLAINT: "complained",
}
_WEIGHT: Mapping[str, int] = {Cause.HARD: 3, Cause.COMPLAINT: 3, Cause.UNSUBSCRIBE: 2, Cause.SOFT: 1}
MAX_REASON = 200


class Told(NamedTuple):
    """One stored event, as far as it decides anything."""

    pk: int
    kind: str
    cause: str
    at: datetime
    key: UUID
    delivery_id: int | None
    edition: int | None
    batch: int | None
    request: str
    address_key: str
    status: str
    words: str


@dataclass(frozen=True)
class Fate:
    """Where a copy got to, why, and whether it failed for our sake."""

    status: str
    reason: str = ""
    blocked: bool = False


def of(events: Iterable[Told]) -> Fate | None:
    """The furthest that these events take a copy; None without events. The cause that weighs most gives the reason."""
    furthest = min(events, key=_order, default=None)
    if furthest is None:
        return None
    status = _STATUS.get(furthest.kind, "accepted")
    return Fate(status, _reason(furthest), blocked=status in FAILED and furthest.cause == Cause.BLOCK)


def _order(event: Told) -> tuple[int, int, datetime, UUID]:
    """The furthest first; of equals the earliest, of those the one with the lowest key."""
    rank = RANK[_STATUS.get(event.kind, "accepted")]
    return -rank, -_WEIGHT.get(event.cause, 0), event.at, event.key


def said(status: str, words: str) -> str:
    """The provider's words with the code before them, unless it is in them already."""
    return words if status in words else f"{status} {words}".strip()


def _reason(event: Told) -> str:
    words = said(event.status, event.words)
    if event.kind == Kind.BOUNCE:
        return f"{event.cause} bounce: {words}".rstrip(" :")[:MAX_REASON]
    if event.kind == Kind.DROPPED:
        return f"dropped by the provider: {words}".rstrip(" :")[:MAX_REASON]
    return "the reader called it spam" if event.kind == Kind.COMPLAINT else ""
