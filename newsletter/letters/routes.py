"""How a letter leaves: by the transport, by the alerts' own mail server, or to the webhook.

Everything that can fail without a byte having left happens in `ready`, before the letter's intent is committed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from django.utils import timezone

from newsletter import config
from newsletter.idn import ascii_domain
from newsletter.letters import rehearsal, render, webhook
from newsletter.letters.models import Letter
from newsletter.mail import dkim
from newsletter.transports import choose
from newsletter.transports.base import Outcome, Reader, Transport
from newsletter.transports.merge import BatchMailing

Route = Letter.Route


class Gate(Protocol):
    """What stands between a worker and the transport; the ledger knows it (deliveries/guard.py)."""

    def permit(self, transport: Transport, *, urgent: bool) -> bool:
        """Whether one letter may be handed over now, and then it counts.

        `urgent`: an alert, which no lock of the ledger stops.
        """

    def rest(self, transport: str, outcome: Outcome) -> None:
        """Leave this transport alone if that is what its answer asks for."""


@dataclass(frozen=True)
class Ready:
    """A letter that only has to be handed over. `limited`: it obeys the transport's limits."""

    transport: str
    hand_over: Callable[[], Outcome]
    limited: bool = False


class Unsendable(Exception):
    """This letter can never be sent; the text says why."""


def limited_transport(letter: Letter) -> Transport | None:
    """The transport whose limits the letter obeys: none on the alerts' own server and the webhook.

    Raises ConfigError when the transport cannot be used.
    """
    if letter.route == Route.WEBHOOK or (letter.route == Route.ALERT and choose.for_alerts()):
        return None
    return choose.chosen()


def ready(letter: Letter) -> Ready:
    """Make the message. Raises Unsendable, or a NewsletterError when a setting or template is at fault."""
    if letter.route == Route.WEBHOOK:
        if not config.current().webhook_url:
            raise Unsendable("There is no webhook any more.")
        body = webhook.body_of(letter)
        return Ready(webhook.NAME, lambda: webhook.post(body, letter.pk))
    address, name = _recipient(letter)
    own = choose.for_alerts() if letter.route == Route.ALERT else None
    transport = own or choose.chosen()
    slots = rehearsal.slots(letter.newsletter_id or 0, name) if letter.kind == rehearsal.KIND else {}
    reader = Reader(letter.pk, address, name, letter.reference, slots)
    signer = dkim.current()
    mailing = BatchMailing(
        render.content_of(letter),
        letter.public,
        letter.tries + 1,
        timezone.now(),
        sign=signer.sign if signer else None,
    )
    return Ready(transport.name, lambda: transport.hand_over(mailing, [reader])[0], own is None)


def _recipient(letter: Letter) -> tuple[str, str]:
    """Address and name. Raises Unsendable for who has left since the letter was written."""
    if letter.staff:
        if not letter.staff.is_active:
            raise Unsendable("This person is no longer on the staff.")
        address, name = letter.staff.email, letter.staff.name
    elif letter.subscriber:
        address, name = letter.subscriber.email or "", letter.subscriber.name
    else:
        address, name = letter.address, ""
    if not address:
        raise Unsendable("The address was erased.")
    local, _, domain = address.rpartition("@")
    return f"{local}@{ascii_domain(domain)}", name
