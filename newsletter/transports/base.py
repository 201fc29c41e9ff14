"""The contract between the ledger and whoever takes the mail."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Reader:
    """One copy's reader: who, and the words that are theirs alone.

    `reference` is "<edition public id>.<delivery id>", the only name of a copy that leaves the house. `slots` maps
    TOKEN, NAME, NAME_HTML and CLICK to what replaces @@TOKEN@@ and so on.
    """

    delivery_id: int
    address: str
    name: str
    reference: str
    slots: Mapping[str, str] = field(repr=False)


class Mailing(Protocol):
    """One batch's frozen content, as a transport sees it. Subject, html, text and headers still hold the slots."""

    @property
    def sender(self) -> tuple[str, str]:
        """Display name and address of From."""

    @property
    def reply_to(self) -> str:
        """An address, or ""."""

    @property
    def subject(self) -> str: ...

    @property
    def html(self) -> str: ...

    @property
    def text(self) -> str: ...

    @property
    def headers(self) -> Mapping[str, str]:
        """List-Unsubscribe and its family, by name."""

    @property
    def batch(self) -> str:
        """The batch's public id."""

    @property
    def attempt(self) -> int:
        """The number of this hand-over within the batch, from 1."""

    def envelope_sender(self, reader: Reader) -> str:
        """Where this copy's bounces go: MAIL FROM, which the receiving server makes the Return-Path."""

    @property
    def is_dot_safe(self) -> bool:
        """Whether no message can have a line that begins with a dot, so that nobody need look for one."""

    def message(self, reader: Reader) -> bytes:
        """The whole message for one reader: CRLF line ends, 7 bit."""


@dataclass(frozen=True)
class Accepted:
    """The transport took this copy; `provider_id` is what the provider calls it.

    `rest_until`: it was the last that the provider takes from anybody before then.
    """

    delivery_id: int
    provider_id: str = ""
    rest_until: datetime | None = None


@dataclass(frozen=True)
class Rejected:
    """The transport surely did not take this copy.

    `stop`: the fault is ours (key, sender, content), not this reader's; the next batch would fare no better, so the
    edition pauses and staff are told. `blocked`: refused for who sends or what is sent (RFC 3463 x.7.x), never for who
    reads: nothing may be concluded about the address.
    """

    delivery_id: int
    reason: str
    not_before: datetime | None = None  # None: never again
    stop: bool = False
    all_wait: bool = False  # the provider wants to be left alone by everybody until not_before
    blocked: bool = False

    @property
    def permanent(self) -> bool:
        return self.not_before is None


@dataclass(frozen=True)
class Unknown:
    """Nobody can tell whether the transport took this copy: never sent again by guess."""

    delivery_id: int
    reason: str


Outcome = Accepted | Rejected | Unknown


class Transport(Protocol):
    """SendGrid, SMTP, outbox, memory."""

    @property
    def name(self) -> str: ...

    @property
    def batch_size(self) -> int:
        """How many readers one hand-over may carry: what one crash can leave unknown."""

    def hand_over(self, mailing: Mailing, readers: Sequence[Reader]) -> list[Outcome]:
        """Offer every reader's copy once and answer for each reader exactly once. Raises nothing: that is a bug."""

    def close(self) -> None:
        """Let go of what is kept between hand-overs; the next one takes it up again."""
