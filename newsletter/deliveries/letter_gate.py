"""What stands between a worker and a letter: the transport's limits, as for a batch, and the epoch."""

from newsletter.deliveries import epoch, limits
from newsletter.transports.base import Outcome, Transport


class LetterGate:
    """The ledger's answer to newsletter.letters.routes.Gate."""

    def permit(self, transport: Transport, *, urgent: bool) -> bool:
        return (urgent or not epoch.fault()) and limits.permit(transport, copies=1)

    def rest(self, transport: str, outcome: Outcome) -> None:
        limits.heed(transport, [outcome])


LETTER_GATE = LetterGate()
