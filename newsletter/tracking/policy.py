"""What we do about each thing that a provider reports: one table. The same table stands in docs/events.md."""

from collections.abc import Mapping
from dataclasses import dataclass

from newsletter.tracking.events import Cause, Kind


@dataclass(frozen=True)
class Rule:
    """`suppress`: no more mail to this address, for this reason, once it happened in so many editions in a row.

    `leaves`: the reader's subscription to the newsletter ends, `leaves_all`: to every one. `ours`: the reader is not
    blamed, the breaker counts it and stops the edition. `doubted`: many of them at once are held for a person.
    """

    suppress: str = ""
    editions: int = 1
    leaves: bool = False
    leaves_all: bool = False
    ours: bool = False
    doubted: bool = False


NOTHING = Rule()
HARD = Rule(suppress="hard_bounce", doubted=True)
COMPLAINED = Rule(suppress="complaint", leaves=True)

RULES: Mapping[tuple[str, str], Rule] = {
    (Kind.BOUNCE, Cause.HARD): HARD,
    (Kind.BOUNCE, Cause.SOFT): Rule(suppress="soft_bounces", editions=5),
    (Kind.BOUNCE, Cause.BLOCK): Rule(ours=True),
    (Kind.DROPPED, Cause.HARD): HARD,
    (Kind.DROPPED, Cause.BLOCK): Rule(ours=True),
    (Kind.DROPPED, Cause.COMPLAINT): COMPLAINED,
    (Kind.DROPPED, Cause.UNSUBSCRIBE): Rule(leaves=True),
    (Kind.COMPLAINT, Cause.NONE): COMPLAINED,
    (Kind.UNSUBSCRIBE, Cause.NONE): Rule(leaves=True),
    (Kind.UNSUBSCRIBE, Cause.EVERYTHING): Rule(leaves=True, leaves_all=True),
}

# Held for a person when within ten minutes more addresses of an edition's readers are said not to exist than this.
DOUBT_SHARE = 0.05
DOUBT_LEAST = 50
DOUBT_MINUTES = 10


def rule(kind: str, cause: str) -> Rule:
    """What to do about it; nothing, where the table is silent."""
    return RULES.get((kind, cause), NOTHING)
