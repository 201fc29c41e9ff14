"""What a message of the bounce mailbox turned out to be."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """hard: the address is dead; soft: not now; block: not us (policy, content, reputation), which says nothing about
    the reader; none: nothing that we act on, such as a reply by a person or a delay that may still end well."""

    HARD = "hard"
    SOFT = "soft"
    BLOCK = "block"
    COMPLAINT = "complaint"
    UNSUBSCRIBE = "unsubscribe"
    AUTOREPLY = "autoreply"
    NONE = "none"


BOUNCES = (Kind.HARD, Kind.SOFT, Kind.BLOCK)


@dataclass(frozen=True)
class Reading:
    """`address` is whom it is about, as the message says (anybody may have written it); `status` the enhanced code
    (RFC 3463) or None; `words` the server's own, on one line; `reason` our word for them, "" when there is none;
    `by_person` that somebody may have written it, who may want an answer.
    """

    kind: Kind
    address: str | None = None
    status: str | None = None
    words: str = ""
    reason: str = ""
    by_person: bool = False


NOTHING = Reading(Kind.NONE)
