"""What stands between a worker and a batch: the limits, and the epoch."""

from newsletter.deliveries import epoch, limits
from newsletter.deliveries.limits import Turn
from newsletter.deliveries.models import Attempt, Batch
from newsletter.transports.base import Transport


class Open:
    """Lets everything pass: for tests of the ledger itself."""

    def turn(self, _transport: Transport) -> Turn | None:
        """A turn to claim, None when nothing may be claimed now."""
        return Turn()

    def unused(self, transport: Transport, batch: Batch, copies: int) -> None:
        """Called when fewer copies of a claimed batch are handed over than it held, before the first byte."""

    def note(self, attempt: Attempt) -> None:
        """Called when the attempt is committed, before its first byte."""


class Watchful(Open):
    """What workers use."""

    def __init__(self) -> None:
        self._database: epoch.Note | None = None  # as it was before the claim

    def turn(self, transport: Transport) -> Turn | None:
        fault, self._database = epoch.look()
        if fault:
            epoch.lock()
            return None
        return limits.turn(transport)

    def unused(self, transport: Transport, batch: Batch, copies: int) -> None:
        limits.unused(transport.name, batch, copies)

    def note(self, attempt: Attempt) -> None:
        epoch.note(attempt, self._database)


OPEN, WATCHFUL = Open(), Watchful()
