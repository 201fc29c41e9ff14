"""Leaving by a mail to an address that names the subscription: bounces+leave.TOKEN@domain (RFC 2369).

The token is the mail's own, written in the letters and digits that survive a server which lowers the part before the
@; with the longest bounce address there are 63 octets before the @, of 64 (RFC 5321 §4.5.3.1.1). Whoever knows it may
leave, so neither subject nor From is looked at; that an answer is a machine's is told by whoever reads the mailbox.
"""

import base64
import binascii
import re
from datetime import datetime, timedelta
from functools import partial

from django.core.cache import cache

from newsletter import config
from newsletter.mail.slots import LEAVE
from newsletter.subscribers import consent, tokens
from newsletter.subscribers.models import Consent, LeavingMailbox

READ_WITHIN = timedelta(hours=1)
"""How long after the last look the mailbox counts as being read: mails wait in it, they are not lost."""
_LOCAL = re.compile(r"[a-z0-9._-]+\+leave\.(?P<token>[a-z2-7]{40})")


def mailbox_was_read(now: datetime) -> None:
    """Whoever reads the bounce mailbox says so after each look that succeeded: copies then offer leaving by mail."""
    LeavingMailbox.objects.update_or_create(pk=1, defaults={"read_at": now})


def address_with_slot(now: datetime) -> str:
    """What copies offer for leaving by mail, with the slot in it; "" while nobody reads the mailbox."""
    local, _, domain = config.current().bounce_address.partition("@")
    # Every batch asks, and it changes by the hour.
    is_read = bool(local) and cache.get_or_set("leaving-mailbox-is-read", partial(_is_read, now), timeout=60)
    return f"{local}+leave.{LEAVE}@{domain}" if is_read else ""


def _is_read(now: datetime) -> bool:
    return LeavingMailbox.objects.filter(read_at__gt=now - READ_WITHIN).exists()


def letters_of(token: str) -> str:
    """A mail's token as it stands in an address: 40 characters, lower case."""
    return base64.b32encode(base64.urlsafe_b64decode(token + "==")).decode("ascii").lower()


def is_ours(address: str) -> bool:
    """Whether a mail to this address is meant to leave; its token may still be forged."""
    return _LOCAL.fullmatch(_local(address)) is not None


def leave(address: str) -> bool:
    """End the subscription that an address names; False for one that we did not make. Repeating it is harmless."""
    found = _LOCAL.fullmatch(_local(address))
    subscription = tokens.subscription_for(_token(found["token"])) if found else None
    if subscription is None:
        return False
    consent.unsubscribe(subscription, Consent.Source.MAIL)
    return True


def _local(address: str) -> str:
    return address.strip().strip("<>").rpartition("@")[0].lower()


def _token(letters: str) -> str:
    try:
        return base64.urlsafe_b64encode(base64.b32decode(letters.upper())).rstrip(b"=").decode("ascii")
    except binascii.Error:  # what the pattern lets through, the alphabet does too
        return ""
