"""The in-memory twin of a transport, for tests."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from newsletter.transports.base import Accepted, Mailing, Outcome, Reader


@dataclass(frozen=True)
class Copy:
    """What a reader was offered."""

    reader: Reader
    mailing: Mailing

    @property
    def message(self) -> bytes:
        """Made when somebody looks: most tests only count."""
        return self.mailing.message(self.reader)


def accepted(reader: Reader) -> Outcome:
    """The answer of a transport that takes everything."""
    return Accepted(reader.delivery_id)


class MemoryTransport:
    """Keeps every accepted copy in `copies`; `answer` decides on each reader."""

    name = "memory"

    def __init__(self, *, batch_size: int = 500, answer: Callable[[Reader], Outcome] = accepted) -> None:
        self.batch_size = batch_size
        self.answer = answer
        self.copies: list[Copy] = []

    def hand_over(self, mailing: Mailing, readers: Sequence[Reader]) -> list[Outcome]:
        """Answer for every reader as `answer` says; keep the copies it accepts."""
        outcomes = [self.answer(reader) for reader in readers]
        for reader, outcome in zip(readers, outcomes, strict=True):
            if isinstance(outcome, Accepted):
                self.copies.append(Copy(reader, mailing))
        return outcomes

    def close(self) -> None:
        """Nothing is kept but the copies."""
