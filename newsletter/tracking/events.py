"""What a provider reports about a copy, in our words.

Whoever reads webhooks, logs or returned mail makes these and gives them to `store.keep`; everything after that is the
same for all of them. No tables here.
"""

import hashlib
import uuid
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import TextChoices


class Kind(TextChoices):
    """What happened."""

    ACCEPTED = "accepted"  # the provider has the copy; it proves no more than that
    DEFERRED = "deferred"
    DELIVERED = "delivered"
    BOUNCE = "bounce"
    DROPPED = "dropped"  # the provider took it and then did not send it
    COMPLAINT = "complaint"
    UNSUBSCRIBE = "unsubscribe"
    OPEN = "open"
    CLICK = "click"
    OTHER = "other"  # a word that we do not know yet, kept as it is


class Cause(TextChoices):
    """Why a copy bounced or was dropped, as far as it matters for what we do about it."""

    NONE = "", "none"
    HARD = "hard"  # there is no such mailbox
    SOFT = "soft"  # the mailbox is full, asleep or out of order: today
    BLOCK = "block"  # for who sends or what is sent, never for who reads
    COMPLAINT = "complaint"  # dropped, because this reader complained before
    UNSUBSCRIBE = "unsubscribe"  # dropped, because this reader left at the provider
    EVERYTHING = "everything"  # unsubscribed from all mail, not from one newsletter


class Source(TextChoices):
    """Who told us."""

    SENDGRID = "sendgrid"  # its Event Webhook
    SENDGRID_LOG = "sendgrid-log"
    SENDGRID_LIST = "sendgrid-list"  # its suppression lists
    MAILBOX = "mailbox"  # bounces, complaints and answers that came back as mail
    SMTP = "smtp"  # a mail server that refused an address while a copy was handed over


@dataclass(frozen=True, kw_only=True)
class ProviderEvent:
    """One thing that was reported.

    `identity` is what makes it this one event, however often and under whatever id it is reported. `edition`, `batch`
    and `delivery_id` are what we told the provider to call the copy; `request` is the hand-over (nl_attempt). `address`
    is for reports that name a reader in no other way; it is hashed, never stored.
    """

    kind: Kind
    source: Source
    at: datetime
    identity: str
    edition: str = ""
    delivery_id: int | None = None
    batch: str = ""
    request: str = ""
    cause: Cause = Cause.NONE
    status: str = ""  # the enhanced code of RFC 3463, such as 5.1.1
    provider_class: str = ""
    words: str = ""  # the provider's own; addresses are taken out when it is kept
    machine: str = ""  # opens and clicks: why a machine is thought to have done it
    address: str = field(default="", repr=False)

    @property
    def key(self) -> uuid.UUID:
        """Equal for two reports of one event."""
        return uuid.UUID(bytes=hashlib.sha256(self.identity.encode()).digest()[:16])

    @property
    def is_ours(self) -> bool:
        """Whether it can be about something of ours: providers also report what other programs sent by the account."""
        return bool(self.delivery_id or self.batch or self.address)
