"""What stands between a worker and a batch: the limits, and the epoch."""

from newsletter.deliveries import epoch, limits
from newsletter.deliveries.models import Attempt
from newsletter.transports.base import Transport


class Open:
    """Lets everything pass: for tests of the ledger itself."""

    def permit(self, _transport: Transport) -> bool:
        """Whether a batch may be claimed now."""
        return True

    def note(self, attempt: Attempt) -> None:
        """Called when the attempt is committed, before its first byte."""


class Watchful(Open):
    """What workers use."""

    def permit(self, transport: Transport) -> bool:
        return not epoch.fault() and limits.permit(transport)

    def note(self, attempt: Attempt) -> None:
        epoch.note(attempt)


OPEN, WATCHFUL = Open(), Watchful()
