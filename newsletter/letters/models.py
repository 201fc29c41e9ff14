"""Letter: one mail, or one call of the webhook, outside an edition."""

from typing import ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from newsletter.ids import as_text, random_id
from newsletter.newsletters.models import Newsletter, Staff


class Letter(models.Model):
    """The row is the queue: pending is work, sending is the intent, committed before the first byte.

    It goes to a subscriber, a staff member or, where there is no row for whom it goes to, a plain `address`, which is
    erased when the letter is through. `payload` holds the facts of its kind: ids, counts and titles, never a token; of
    a test the whole mail, until it is through.
    """

    class Route(models.TextChoices):
        MAIL = "mail"  # the transport that editions take
        ALERT = "alert"  # ALERT_SMTP_URL, else as above; rather twice than never
        WEBHOOK = "webhook"  # one POST; rather twice than never, and its id tells

    class Status(models.TextChoices):
        PENDING = "pending"
        SENDING = "sending"
        ACCEPTED = "accepted"
        REJECTED = "rejected"
        UNKNOWN = "unknown"

    public_id = models.BigIntegerField(unique=True, default=random_id)
    kind = models.CharField(max_length=30)
    route = models.CharField(max_length=7, choices=Route, default=Route.MAIL)
    dedupe_key = models.CharField(max_length=200, unique=True, help_text="Whoever writes it twice, writes it once")
    newsletter = models.ForeignKey(Newsletter, models.CASCADE, null=True, related_name="letters")
    subscriber = models.ForeignKey("newsletter.Subscriber", models.CASCADE, null=True, related_name="letters")
    staff = models.ForeignKey(Staff, models.CASCADE, null=True, related_name="letters")
    address = models.EmailField(max_length=254, blank=True, help_text="Only until the letter is through")
    payload = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    status = models.CharField(max_length=8, choices=Status, default=Status.PENDING)
    reason = models.CharField(max_length=300, blank=True, help_text="Why it waits, was refused or is unknown")
    tries = models.PositiveSmallIntegerField(default=0)
    fence = models.PositiveBigIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True, help_text="By the database's clock")
    not_before = models.DateTimeField(null=True, blank=True)
    transport = models.CharField(max_length=10, blank=True, help_text="What it was last handed to")
    provider_id = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [
            # Claiming and sweeping look at unfinished letters only, and these are few; so are those that failed.
            models.Index(
                fields=["status", "id"], condition=models.Q(status__in=["pending", "sending"]), name="letter_unfinished"
            ),
            models.Index(
                fields=["finished_at"], condition=models.Q(status__in=["rejected", "unknown"]), name="letter_failed"
            ),
        ]

    def __str__(self) -> str:
        return f"letter {self.pk} ({self.kind})"

    @property
    def public(self) -> str:
        """The id that outsiders see."""
        return as_text(self.public_id)

    @property
    def reference(self) -> str:
        """What the letter is called in its Message-ID and at the provider, at every try."""
        return f"letter.{self.public}"
