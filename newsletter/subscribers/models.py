"""Subscriber, Subscription, Consent and Suppression."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from newsletter.ids import random_id
from newsletter.newsletters.models import Newsletter, Staff
from newsletter.subscribers.mailboxes import Mailbox


class Subscriber(models.Model):
    """A person's address. `email` is null once erased; `address_key` stays, and is what makes an address unique."""

    email = models.EmailField(max_length=254, null=True)  # noqa: DJ001 # null says erased
    address_key = models.CharField(max_length=32, unique=True, help_text="Keyed hash, see addresses.py")
    name = models.CharField(max_length=200, blank=True)
    mailbox = models.CharField(
        max_length=8, choices=Mailbox, default=Mailbox.OTHER, help_text="Who keeps the mailbox, by the address's domain"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.email or f"erased subscriber {self.pk}"


class Subscription(models.Model):
    """A person's consent to one newsletter. `topic_set` names the topics asked for; "" is everything."""

    class Status(models.TextChoices):
        PENDING = "pending"
        ACTIVE = "active"
        PAUSED = "paused"
        UNSUBSCRIBED = "unsubscribed"

    public_id = models.BigIntegerField(unique=True, default=random_id)
    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="subscriptions")
    newsletter = models.ForeignKey(Newsletter, models.CASCADE, related_name="subscriptions", db_index=False)
    status = models.CharField(max_length=12, choices=Status, default=Status.PENDING)
    topic_set = models.CharField(max_length=64, blank=True)
    alive_at = models.DateTimeField(
        default=timezone.now, help_text="The last sign of life: sign-up, a press, an answer"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    unsubscribed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subscriber", "newsletter"], name="subscription_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["newsletter", "id"])]  # planning walks it in slices

    def __str__(self) -> str:
        return f"subscription {self.pk} ({self.status})"


class Consent(models.Model):
    """Evidence of one change to a subscription, append-only."""

    class Source(models.TextChoices):
        IMPORT = "import"
        STAFF = "staff"
        ONE_CLICK = "one-click"
        PAGE = "page"

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="consents")
    at = models.DateTimeField(auto_now_add=True)
    status = models.CharField(max_length=12, choices=Subscription.Status, help_text="What it became")
    source = models.CharField(max_length=10, choices=Source)
    staff = models.ForeignKey(Staff, models.PROTECT, null=True)
    detail = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"{self.status} by {self.source}"


class Suppression(models.Model):
    """An address that must not be mailed, for any newsletter; known by its keyed hash only."""

    class Reason(models.TextChoices):
        HARD_BOUNCE = "hard_bounce"
        SOFT_BOUNCES = "soft_bounces"
        COMPLAINT = "complaint"
        MANUAL = "manual"
        ERASED = "erased"

    address_key = models.CharField(max_length=32, unique=True)
    reason = models.CharField(max_length=12, choices=Reason)
    note = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.reason} {self.address_key[:8]}…"
