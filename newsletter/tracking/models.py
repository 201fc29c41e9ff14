"""Event, which providers report; Alert, and the sign of life that a worker leaves."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from newsletter.editions.models import Edition
from newsletter.subscribers.models import Subscription
from newsletter.tracking.events import Cause, Kind, Source

FAILURES = (Kind.BOUNCE, Kind.DROPPED, Kind.COMPLAINT, Kind.UNSUBSCRIBE, Kind.DEFERRED)


class Event(models.Model):
    """One thing that a provider reported, at most once, whatever it was called each time. Never holds an address.

    `edition` and `batch` are public ids, `delivery_id` is no foreign key: what is reported may be about rows that are
    not there yet, or no more. The row is the queue: waiting is work.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        APPLIED = "applied"
        PARKED = "parked"  # about a copy that we do not know, or do not know yet
        HELD = "held"  # too many at once to be true: the copy has bounced, the reader is not judged

    key = models.UUIDField(unique=True, help_text="Equal for two reports of one event")
    kind = models.CharField(max_length=11, choices=Kind)
    cause = models.CharField(max_length=11, choices=Cause, blank=True)
    source = models.CharField(max_length=13, choices=Source)
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    at = models.DateTimeField(help_text="When it happened, as the provider says")
    received_at = models.DateTimeField()
    edition = models.BigIntegerField(null=True, help_text="The edition's public id")
    batch = models.BigIntegerField(null=True, help_text="The batch's public id")
    delivery_id = models.BigIntegerField(null=True)
    request = models.CharField(max_length=12, blank=True, help_text="Which hand-over of the batch")
    address_key = models.CharField(max_length=32, blank=True, help_text="Where nothing else says whose")
    status = models.CharField(max_length=12, blank=True, help_text="The enhanced code, RFC 3463")
    provider_class = models.CharField(max_length=40, blank=True)
    words = models.CharField(max_length=200, blank=True, help_text="The provider's own, without addresses")
    machine = models.CharField(max_length=20, blank=True, help_text="Why a machine is thought to have done it")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["delivery_id"], name="event_of_copy"),
            models.Index(fields=["state", "id"], condition=~models.Q(state="applied"), name="event_open"),
            # Of ten events nine are deliveries, and their number stands on the batches.
            models.Index(
                fields=["edition", "kind", "cause", "batch", "delivery_id"],
                condition=models.Q(kind__in=FAILURES),
                name="event_trouble",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.cause}".strip()


class Click(models.Model):
    """A counted link was followed, or an edition opened, by somebody or something. Holds no address.

    `item` 0 is the link that nobody sees, or for an opening nothing. `visit` ties what one machine does within a day
    together by a keyed hash, and is emptied when it is judged. A reader stands here only who agreed to it.
    """

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="clicks", db_index=False)
    item = models.BigIntegerField(default=0)
    kind = models.CharField(max_length=5, choices=[("click", "click"), ("open", "open")])
    at = models.DateTimeField()
    subscription = models.ForeignKey(Subscription, models.SET_NULL, null=True, related_name="clicks")
    visit = models.CharField(max_length=16, blank=True)
    machine = models.CharField(max_length=12, blank=True, help_text="Why it is thought to be one; empty: a person")
    judged = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["edition", "kind", "item", "machine"], name="click_of_edition"),
            models.Index(fields=["at"], condition=models.Q(judged=False), name="click_unjudged"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} on {self.item}"


class ClickTotal(models.Model):
    """Clicks that were deleted for their age, added up; with those that are left they make the same numbers."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="click_totals", db_index=False)
    kind = models.CharField(max_length=5, choices=[("click", "click"), ("open", "open")])
    item = models.BigIntegerField(default=0)
    machine = models.CharField(max_length=12, blank=True)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["edition", "kind", "item", "machine"], name="click_total_once")
        ]

    def __str__(self) -> str:
        return f"{self.count} {self.kind} on {self.item}"


class Clerk(models.Model):
    """A standing job that one process at a time does: whoever holds the row does it. What it found last is kept.

    A job that asks somebody else may not hold a row for so long: it takes a lease, and is open until it ends well.
    """

    name = models.CharField(max_length=30, unique=True)
    ran_at = models.DateTimeField(null=True, blank=True)  # when it last ended well
    found = models.JSONField(default=dict)
    lease_until = models.DateTimeField(null=True, blank=True, help_text="By the database's clock")
    open_since = models.DateTimeField(null=True, blank=True, help_text="Begun since then, and never done")
    fault = models.CharField(max_length=200, blank=True, db_default="", help_text="Why it could not be done")

    def __str__(self) -> str:
        return self.name


class Tally(models.Model):
    """How often something was refused or came again, since the installation began."""

    name = models.CharField(max_length=60, unique=True)
    count = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name}: {self.count}"


class ReturnedMail(models.Model):
    """One message of the bounce mailbox that was handled, by the hash of its content: it counts once.

    Holds no address. `head` is kept of what nobody could act on, for a person to look at, for a while.
    """

    class Outcome(models.TextChoices):
        COUNTED = "counted"  # an event was stored
        LEFT = "left"  # a subscription ended
        NOTHING = "nothing"  # an automatic answer, a delay, a receipt
        PERSON = "person"  # somebody wrote it: it stays where it is
        QUARANTINED = "quarantined"  # nobody could act on it; see `fault`
        DISMISSED = "dismissed"  # a person looked at it

    digest = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=11, blank=True)
    outcome = models.CharField(max_length=11, choices=Outcome)
    fault = models.CharField(max_length=100, blank=True)
    status = models.CharField(max_length=12, blank=True)
    words = models.CharField(max_length=200, blank=True, help_text="The server's own, without addresses")
    read_at = models.DateTimeField()
    head = models.BinaryField(null=True, help_text="The beginning of a quarantined message")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["outcome", "read_at"], name="returned_by_outcome")]

    def __str__(self) -> str:
        return f"{self.kind} {self.outcome}".strip()


class Postbox(models.Model):
    """One row: the mailbox that is read, how far, when it was read last, and what was wrong if it could not be."""

    place = models.CharField(max_length=64, help_text="A hash of where it is")
    lease_until = models.DateTimeField(null=True, blank=True)
    fence = models.PositiveBigIntegerField(default=0)
    uid_validity = models.PositiveBigIntegerField(default=0, help_text="IMAP: which numbering (RFC 3501)")
    last_uid = models.PositiveBigIntegerField(default=0)
    read_at = models.DateTimeField(null=True, blank=True)
    fault = models.CharField(max_length=200, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.fault or f"read at {self.read_at}"


class Erasure(models.Model):
    """Somebody was forgotten at their wish, and the provider is asked to forget them too. The row is the queue.

    The address stays in it until the provider has taken the request, and no longer.
    """

    class Status(models.TextChoices):
        NONE = "none"  # nothing of theirs ever went to a provider that can be asked
        PENDING = "pending"
        ASKING = "asking"
        ASKED = "asked"  # the provider took it as a job of its own
        REFUSED = "refused"

    address_key = models.CharField(max_length=32, db_index=True)
    address = models.EmailField(max_length=254, blank=True)
    status = models.CharField(max_length=7, choices=Status, default=Status.PENDING)
    job = models.CharField(max_length=100, blank=True, help_text="What the provider calls the request")
    reason = models.CharField(max_length=300, blank=True, help_text="Why it waits or was refused")
    tries = models.PositiveSmallIntegerField(default=0)
    fence = models.PositiveBigIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True, help_text="By the database's clock")
    not_before = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    asked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=models.Q(status__in=["pending", "asking"]), name="erasure_unfinished")
        ]

    def __str__(self) -> str:
        return f"erasure {self.pk} ({self.status})"


class Alert(models.Model):
    """Something wrong, from the look that found it until it has been gone for a while. One row, however many looks.

    `key` says what is wrong with what ("not-started:12"); open alerts have one row for each.
    """

    class Level(models.TextChoices):
        PAGE = "page"  # mail goes wrong now, or a run is about to be missed
        MORNING = "morning"  # everything else

    key = models.CharField(max_length=100)
    level = models.CharField(max_length=7, choices=Level)
    words = models.CharField(max_length=500, help_text="What is wrong, one line")
    command = models.CharField(max_length=200, help_text="What to run")
    raised_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True, blank=True)
    quiet_since = models.DateTimeField(null=True, blank=True, help_text="The first look that no longer found it")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["key"], condition=models.Q(ended_at__isnull=True), name="alert_open_once")
        ]
        ordering: ClassVar = ["raised_at", "id"]

    def __str__(self) -> str:
        return f"{self.level}: {self.words}"


class SignOfLife(models.Model):
    """One row: when a worker, rung by a beat, last looked. By the database's clock."""

    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S}"


class Worker(models.Model):
    """A machine whose workers gave a sign of life: when last, by the database's clock, and in which version."""

    host = models.CharField(max_length=100, unique=True)
    version = models.CharField(max_length=30)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.host
