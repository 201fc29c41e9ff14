"""Whose copy a returned mail is about, proven: by our seal in an address or a link, never by what it merely says."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email.message import Message

from newsletter import ids, links
from newsletter.deliveries import verp
from newsletter.deliveries.models import Delivery
from newsletter.subscribers import by_mail, tokens
from newsletter.subscribers.models import Subscription

# Where a mail says to which address it was really sent. Anybody can write them; the seal within is what counts.
_WHERE = (
    "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To", "Original-Recipient",
    "Apparently-To", "To", "Cc",
)  # fmt: skip
_PLUS = re.compile(r"[A-Za-z0-9._-]{1,64}\+[A-Za-z0-9._-]{1,64}@[A-Za-z0-9.-]{1,253}")
_VERP = re.compile(rb"[a-z0-9._-]{1,16}\+[0-9a-f]{16}\.[0-9]{1,19}\.[a-z2-7]{16}@[A-Za-z0-9.-]{1,253}", re.IGNORECASE)
_SEALED = re.compile(r"\+[0-9a-f]{16}\.[0-9]{1,19}\.|\+leave\.", re.IGNORECASE)
_MESSAGE_ID = re.compile(rb"^message-id:\s{0,4}<([0-9a-f]{16})\.([0-9]{1,19})@", re.IGNORECASE | re.MULTILINE)
_MOST = 50  # addresses and links that are tried


@dataclass(frozen=True)
class Sent:
    """To which of our sealed addresses a mail came. `forged`: to one that we did not make."""

    copy: verp.Reference | None = None
    leaving: str = ""
    forged: bool = False


def sent_to(message: Message, told: Sequence[str]) -> Sent:
    """`told`: the envelope's recipients, where the mail server names them."""
    found = [*told, *_named(message)][:_MOST]
    copy = next((reference for address in found if (reference := verp.read(address))), None)
    leaving = next((address for address in found if by_mail.is_ours(address)), "")
    return Sent(copy, leaving, forged=copy is None and any(_SEALED.search(address) for address in found))


def copy_within(cut: bytes) -> verp.Reference | None:
    """The copy whose envelope sender stands somewhere in a mail: in the mail that it returns."""
    for number, found in enumerate(_VERP.finditer(cut)):
        if number == _MOST:
            return None
        if reference := verp.read(found.group().decode("ascii")):
            return reference
    return None


def subscription_within(cut: bytes) -> Subscription | None:
    """Whose link for leaving stands somewhere in a mail, which only a copy of theirs holds."""
    link = re.compile(re.escape(links.unsubscribe("").encode()) + rb"([A-Za-z0-9_-]{34})(?![A-Za-z0-9_-])")
    for number, found in enumerate(link.finditer(cut.replace(b"=\n", b""))):
        if number == _MOST:
            return None
        if subscription := tokens.subscription_for(found[1].decode("ascii")):
            return subscription
    return None


def copy_of(subscription: Subscription, cut: bytes) -> verp.Reference | None:
    """The copy that a mail's Message-IDs name, if it is this reader's."""
    for found in list(_MESSAGE_ID.finditer(cut))[:_MOST]:
        edition, pk = found[1].decode("ascii").lower(), int(found[2])
        theirs = Delivery.objects.filter(pk=pk, edition__public_id=ids.from_text(edition) or 0)
        if pk < 2**63 and theirs.filter(subscriber_id=subscription.subscriber_id).exists():
            return verp.Reference(edition, pk)
    return None


def _named(message: Message) -> Iterable[str]:
    for name in _WHERE:
        for value in message.get_all(name, [])[:_MOST]:
            yield from _PLUS.findall(str(value)[:10_000])
