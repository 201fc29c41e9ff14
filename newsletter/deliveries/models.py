"""Batch, Delivery and Attempt."""

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import F

from newsletter.editions.models import Edition, Rendering
from newsletter.ids import as_text, random_id
from newsletter.subscribers.mailboxes import Mailbox
from newsletter.subscribers.models import Subscriber


class Batch(models.Model):
    """Readers of one rendering, at one mailbox provider, who are handed to a transport together.

    The row is the queue: pending is work. `fence` grows with every claim, and whoever writes must name the fence of
    their own claim. The counts are of readers; what is in none of them is still pending or sending.
    """

    class Status(models.TextChoices):
        PENDING = "pending"
        CLAIMED = "claimed"
        SENDING = "sending"
        DONE = "done"
        UNKNOWN = "unknown"
        CANCELLED = "cancelled"

    public_id = models.BigIntegerField(unique=True, default=random_id)
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="batches", db_index=False)
    rendering = models.ForeignKey(Rendering, models.PROTECT, related_name="batches", db_index=False)
    number = models.PositiveIntegerField(help_text="Within the edition, from 1")
    mailbox = models.CharField(max_length=8, choices=Mailbox, default=Mailbox.OTHER)
    wave = models.PositiveSmallIntegerField(default=1, help_text="0 is the canary, sent and watched before the rest")
    status = models.CharField(max_length=9, choices=Status, default=Status.PENDING)
    fence = models.PositiveBigIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True, help_text="By the database's clock")
    not_before = models.DateTimeField(null=True, blank=True)

    size = models.PositiveIntegerField(default=0)
    accepted = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    unknown = models.PositiveIntegerField(default=0)
    # Of the accepted, what came later.
    delivered = models.PositiveIntegerField(default=0)
    bounced = models.PositiveIntegerField(default=0)
    dropped = models.PositiveIntegerField(default=0)
    complained = models.PositiveIntegerField(default=0)
    # Refused for who sends or what is sent, never for who reads: a part of rejected and of bounced.
    blocked = models.PositiveIntegerField(default=0)

    finished_at = models.DateTimeField(null=True, blank=True)
    by_hand = models.BooleanField(
        default=False, help_text="Only a person decides about its unknown copies: no policy does, or not once more"
    )

    LEFT = F("size") - F("accepted") - F("rejected") - F("skipped") - F("unknown")
    counted_on: date | None = None  # the day whose quota has room for it; only the worker that claims it knows

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["edition", "number"], name="batch_number_once")]
        indexes: ClassVar = [
            # Claiming and sweeping look at unfinished batches only, and these are few.
            models.Index(
                fields=["status", "id"],
                condition=models.Q(status__in=["pending", "claimed", "sending"]),
                name="batch_unfinished",
            ),
            # The policy looks at these with every tick, and they are fewer still.
            models.Index(fields=["edition"], condition=models.Q(unknown__gt=0), name="batch_unknown"),
        ]

    def __str__(self) -> str:
        return f"batch {self.number} of {self.edition}"

    @property
    def public(self) -> str:
        """The id that outsiders see."""
        return as_text(self.public_id)

    @property
    def left(self) -> int:
        """How many of its copies are still to go out."""
        return self.size - self.accepted - self.rejected - self.skipped - self.unknown


UNFINISHED = (Batch.Status.PENDING, Batch.Status.CLAIMED, Batch.Status.SENDING)


SAID = models.Q(batch__isnull=False) & ~models.Q(reason="")  # something is to be said about the copy


class Delivery(models.Model):
    """One copy for one reader; an excluded reader has a row too, without a batch. Never holds an address."""

    class Status(models.TextChoices):
        PENDING = "pending"
        SENDING = "sending"
        ACCEPTED = "accepted"
        REJECTED = "rejected"
        SKIPPED = "skipped"
        UNKNOWN = "unknown"
        EXCLUDED = "excluded"
        DELIVERED = "delivered"
        BOUNCED = "bounced"
        DROPPED = "dropped"
        COMPLAINED = "complained"

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="deliveries", db_index=False)
    subscriber = models.ForeignKey(Subscriber, models.PROTECT, related_name="deliveries")
    batch = models.ForeignKey(Batch, models.PROTECT, null=True, related_name="deliveries")
    address_key = models.CharField(max_length=32)
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    reason = models.CharField(max_length=200, blank=True)
    updated_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "deliveries"
        constraints: ClassVar = [
            # Nobody twice: the last line of defence under every planner, retry and repair.
            models.UniqueConstraint(fields=["edition", "subscriber"], name="delivery_once"),
        ]
        indexes: ClassVar = [
            # What a report asks for: few of many. No index knows the status, which changes three times for every
            # reader: so PostgreSQL rewrites the row in its page and leaves the indexes alone (HOT).
            models.Index(fields=["edition"], condition=SAID, name="delivery_said"),
        ]

    def __str__(self) -> str:
        return f"delivery {self.pk} ({self.status})"


# In every count `accepted` is what the transport took, whatever came later.
TAKEN = (
    Delivery.Status.ACCEPTED,
    Delivery.Status.DELIVERED,
    Delivery.Status.BOUNCED,
    Delivery.Status.DROPPED,
    Delivery.Status.COMPLAINED,
)


class Totals(models.Model):
    """What an edition's copies came to, written before the first of them is deleted for its age. Nothing of a reader.

    `copies` has [status, reason, how many], `failures` what was reported: [kind, cause, mailbox provider, how many].
    """

    edition = models.OneToOneField(Edition, models.PROTECT, related_name="totals")
    copies = models.JSONField()
    failures = models.JSONField()
    gone_at = models.DateTimeField(null=True, help_text="When the last copy was deleted")

    def __str__(self) -> str:
        return f"totals of {self.edition}"


class TransportState(models.Model):
    """What holds for a transport as a whole: until when its provider wants to be left alone, and today's use."""

    name = models.CharField(max_length=10, unique=True)
    not_before = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    used_on = models.DateField(null=True, blank=True, help_text="The UTC day that `used` counts")
    used = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.name


class MailboxState(models.Model):
    """A mailbox provider that blocks us is left alone for a while, and longer each time; the others go on."""

    transport = models.CharField(max_length=10)
    mailbox = models.CharField(max_length=8, choices=Mailbox)
    not_before = models.DateTimeField(null=True, blank=True)
    in_a_row = models.PositiveSmallIntegerField(
        default=0, help_text="How often it was left alone without a good answer"
    )
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["transport", "mailbox"], name="mailbox_state_once")]

    def __str__(self) -> str:
        return f"{self.mailbox} by {self.transport}"


class Attempt(models.Model):
    """One hand-over of a batch to a transport, written before the first byte; without an outcome it is unknown."""

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="attempts", db_index=False)
    number = models.PositiveIntegerField(help_text="Within the batch, from 1")
    fence = models.PositiveBigIntegerField()
    transport = models.CharField(max_length=10)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, blank=True, help_text="accepted, rejected, unknown or mixed")
    provider_id = models.CharField(max_length=200, blank=True, help_text="What the provider calls the request")
    proven_at = models.DateTimeField(
        null=True, blank=True, help_text="When the provider's own events or log told that it took the whole request"
    )
    detail = models.CharField(max_length=500, blank=True, help_text="The provider's own words")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["batch", "number"], name="attempt_once")]

    def __str__(self) -> str:
        return f"attempt {self.number} of {self.batch}"
