"""What becomes of a person in a file, given what is known of them here. Pure: nobody who left comes back by this.

The file's word counts against being mailed at once, and for being mailed only where nothing here speaks against it.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from newsletter.subscribers.files.lines import Line
from newsletter.subscribers.files.sources import SUPPRESSED, Standing


class Outcome(StrEnum):
    """Every line that is no refusal has one of these; together with the refused they are all lines."""

    ADDED = "added"  # a new subscription
    PRESENT = "present"  # had one before; nothing is changed
    LEFT = "left"  # left here before, and stays gone
    SUPPRESSED = "suppressed"  # must not be mailed here before, whatever the file says
    UNSUBSCRIBED = "unsubscribed"  # left there: kept as somebody who left
    BARRED = "barred"  # must not be mailed there: suppressed here from now on
    NEVER = "never"  # never subscribed there: nothing is kept of them


# Whoever signs up here afterwards has shown that the mailbox works, or wants to be mailed after all. Nobody takes back
# a complaint or a person's decision like that.
OUTLIVED = frozenset((Standing.HARD_BOUNCE, Standing.SOFT_BOUNCES, Standing.ERASED, Standing.UNSUBSCRIBED))


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an address here. `own_since`: when its owner last signed up here, or came back, themselves."""

    subscriber: int | None = None
    subscription: int | None = None
    status: str = ""
    suppressed: str = ""
    own_since: datetime | None = None


STRANGER = Known()


def decide(line: Line, known: Known) -> Outcome:
    """The outcome for one line."""
    if line.standing in SUPPRESSED:
        return _barred(line, known)
    if line.standing == Standing.NEVER:
        return Outcome.NEVER
    if known.suppressed:
        return Outcome.SUPPRESSED
    if known.status == "unsubscribed":
        return Outcome.LEFT
    if line.standing == Standing.UNSUBSCRIBED:
        return Outcome.PRESENT if _came_later(line, known) else Outcome.UNSUBSCRIBED
    return Outcome.PRESENT if known.status else Outcome.ADDED


def _barred(line: Line, known: Known) -> Outcome:
    if known.suppressed:
        return Outcome.SUPPRESSED
    return Outcome.PRESENT if _came_later(line, known) else Outcome.BARRED


def _came_later(line: Line, known: Known) -> bool:
    """Whether the reader came here of their own accord after what the file tells. Without its time, the file counts."""
    if line.standing not in OUTLIVED or line.left_at is None or known.own_since is None:
        return False
    return known.own_since > line.left_at
