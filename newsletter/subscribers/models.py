"""Subscriber, Subscription, Consent, Suppression, and what a sign-up leaves until it is confirmed."""

from typing import Any, ClassVar

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


class FormerAddress(models.Model):
    """An address that a person moved away from; kept until they are erased, when a provider is to forget it too."""

    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="former", db_index=False)
    address_key = models.CharField(max_length=32, db_index=True)
    address = models.EmailField(max_length=254)
    until = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subscriber", "address_key"], name="former_address_once"),
        ]

    def __str__(self) -> str:
        return f"former address of subscriber {self.subscriber_id}"


class Subscription(models.Model):
    """A person's consent to one newsletter. `topic_set` names the topics asked for; "" is everything."""

    class Status(models.TextChoices):
        PENDING = "pending"
        ACTIVE = "active"
        PAUSED = "paused"
        UNSUBSCRIBED = "unsubscribed"

    public_id = models.BigIntegerField(unique=True, default=random_id)
    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="subscriptions", db_index=False)
    newsletter = models.ForeignKey(Newsletter, models.CASCADE, related_name="subscriptions", db_index=False)
    status = models.CharField(max_length=12, choices=Status, default=Status.PENDING)
    topic_set = models.CharField(max_length=64, blank=True)
    alive_at = models.DateTimeField(
        default=timezone.now, help_text="The last sign of life: sign-up, a press, an answer"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    unsubscribed_at = models.DateTimeField(null=True, blank=True)
    paused_until = models.DateTimeField(null=True, blank=True, help_text="The reader's own pause ends by itself")
    counted_since = models.DateTimeField(
        null=True, blank=True, help_text="When the reader agreed that what they open is counted as theirs; null: never"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subscriber", "newsletter"], name="subscription_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["newsletter", "id"]),  # planning walks it in slices
            models.Index(fields=["paused_until"], condition=models.Q(status="paused"), name="subscription_pause_ends"),
            models.Index(
                fields=["newsletter", "unsubscribed_at"],
                condition=models.Q(status="unsubscribed"),
                name="subscription_left",
            ),
        ]

    def __str__(self) -> str:
        return f"subscription {self.pk} ({self.status})"

    @property
    def is_counted(self) -> bool:
        """Whether what they open now is counted as theirs; an old mail of somebody who left says nothing of them."""
        return self.counted_since is not None and self.status != self.Status.UNSUBSCRIBED


class TopicSet(models.Model):
    """Topics that somebody asked for together; Subscription and Rendering name them by `key`."""

    key = models.CharField(max_length=64, unique=True)
    topics = models.JSONField(help_text="Sorted")

    def __str__(self) -> str:
        return ", ".join(self.topics)


class Wording(models.Model):
    """What a sign-up form said, word for word, kept once however many agreed to it."""

    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the text")
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"wording {self.digest[:8]}…"


class Evidence(models.QuerySet["Consent"]):
    """Rows that are written once: only whoever is forgotten takes their networks and words with them."""

    def update(self, **values: Any) -> int:
        raise TypeError(f"evidence is append-only, and keeps its {', '.join(values)}")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise TypeError("evidence is append-only")

    def forget(self) -> int:
        """Empty what says from where somebody wrote, by which file they came, and what they said about leaving."""
        return super().update(network="", asked_network="", detail="")


class Consent(models.Model):
    """Evidence of one change to a subscription, append-only.

    A sign-up's names the wording agreed to, when and from which network it was asked and confirmed (`at`, `network`).
    Networks are the first 24 bits of an IPv4 address, the first 48 of an IPv6 one.
    """

    class Source(models.TextChoices):
        IMPORT = "import"
        STAFF = "staff"
        ONE_CLICK = "one-click"
        PAGE = "page"
        MAIL = "mail"  # to the address for leaving, see by_mail.py
        SIGN_UP = "sign-up"
        CLOCK = "clock"  # a pause that the reader chose was over
        PROVIDER = "provider"  # a complaint or an unsubscription that reached the provider

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="consents")
    at = models.DateTimeField(auto_now_add=True)
    status = models.CharField(max_length=12, choices=Subscription.Status, help_text="What it became")
    source = models.CharField(max_length=10, choices=Source)
    staff = models.ForeignKey(Staff, models.PROTECT, null=True, db_index=False)
    detail = models.CharField(max_length=300, blank=True)
    wording = models.ForeignKey(Wording, models.PROTECT, null=True, db_index=False)
    network = models.CharField(max_length=43, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    asked_network = models.CharField(max_length=43, blank=True)

    objects = Evidence.as_manager()

    class Meta:
        indexes: ClassVar = [  # an import's million rows have neither
            models.Index(fields=["staff"], condition=models.Q(staff__isnull=False), name="consent_by_staff"),
            models.Index(fields=["wording"], condition=models.Q(wording__isnull=False), name="consent_to_wording"),
        ]

    def __str__(self) -> str:
        return f"{self.status} by {self.source}"

    def save(self, **options: Any) -> None:
        if not self._state.adding:
            raise TypeError("evidence is append-only")
        super().save(**options)


class Suppression(models.Model):
    """An address that must not be mailed, for any newsletter; known by its keyed hash only.

    What a provider reported names its evidence: the event's key, and when that happened.
    """

    class Reason(models.TextChoices):
        HARD_BOUNCE = "hard_bounce"
        SOFT_BOUNCES = "soft_bounces"
        COMPLAINT = "complaint"
        MANUAL = "manual"
        ERASED = "erased"

    address_key = models.CharField(max_length=32, unique=True)
    reason = models.CharField(max_length=12, choices=Reason)
    note = models.CharField(max_length=300, blank=True)
    evidence = models.UUIDField(null=True, help_text="The key of the event that counts")
    evidence_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    erased = models.BooleanField(
        default=False, db_default=False, help_text="Its owner was erased: nobody releases it any more"
    )

    class Meta:
        indexes: ClassVar = [models.Index(fields=["reason", "created_at"])]

    def __str__(self) -> str:
        return f"{self.reason} {self.address_key[:8]}…"


class Release(models.Model):
    """A person let a suppressed address be mailed again; what happened before no longer counts. Append-only."""

    address_key = models.CharField(max_length=32, db_index=True)
    was = models.CharField(max_length=12, choices=Suppression.Reason)
    reason = models.CharField(max_length=300)
    staff = models.ForeignKey(Staff, models.PROTECT, null=True)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.was} {self.address_key[:8]}… released"


class Import(models.Model):
    """A file of readers: how far it is taken in, and what became of its lines. One that died goes on from here."""

    newsletter = models.ForeignKey(Newsletter, models.CASCADE, null=True, help_text="Null for a list of suppressions")
    fingerprint = models.CharField(max_length=64, help_text="Of the file's content and how it is read")
    name = models.CharField(max_length=200, help_text="The file's")
    source = models.CharField(max_length=40, help_text="The program that wrote it")
    staff = models.ForeignKey(Staff, models.PROTECT, null=True)
    at_most = models.PositiveIntegerField(help_text="Lines, no more than these")
    lines_done = models.PositiveIntegerField(default=0, help_text="Everything up to this line is stored")
    theirs = models.PositiveIntegerField(default=0, help_text="Lines in the file, once it is through")
    counts = models.JSONField(default=dict, help_text="By outcome, see files/verdict.py")
    refused = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["fingerprint"], condition=models.Q(finished_at__isnull=True), name="import_running_once"
            )
        ]

    def __str__(self) -> str:
        return f"import of {self.name}"


class SignUp(models.Model):
    """Somebody asked for newsletters, or to move to another address; nobody is a reader by this.

    The web writes the row and says the same to everybody. A bell decides whether a letter goes out, and only a press in
    that letter makes a subscription. The address stays until then, at most two weeks.
    """

    class Status(models.TextChoices):
        WAITING = "waiting"
        MAILED = "mailed"
        REFUSED = "refused"
        CONFIRMED = "confirmed"
        EXPIRED = "expired"

    class Source(models.TextChoices):
        PAGE = "page"
        FRAME = "frame"
        SITE = "site"  # the publication's own form, by a script or as we print it
        MOVE = "move"  # a reader's change of address

    public_id = models.BigIntegerField(unique=True, default=random_id)
    newsletters = models.ManyToManyField(Newsletter, related_name="sign_ups")
    subscriber = models.ForeignKey(Subscriber, models.CASCADE, null=True, help_text="Who wants to move to the address")
    address = models.EmailField(max_length=254, blank=True, help_text="Only until it is decided for good")
    address_key = models.CharField(max_length=32)
    abuse_key = models.CharField(max_length=32, help_text="As address_key, without plus tags and Gmail's dots")
    domain = models.CharField(max_length=253, help_text="As an A-label; empty for the big mailbox providers")
    network = models.CharField(max_length=43, blank=True, help_text="Shortened, see Consent; empty: not known")
    name = models.CharField(max_length=200, blank=True)
    topics = models.JSONField(default=list)

    source = models.CharField(max_length=5, choices=Source)
    wording = models.ForeignKey(Wording, models.PROTECT, null=True)
    seconds = models.FloatField(null=True, help_text="That the form took to fill in; null: not known")
    trapped = models.BooleanField(default=False, help_text="The field that people do not see was filled in at first")
    proved = models.CharField(max_length=5, blank=True, help_text="work or wait, where the form asked for it")

    status = models.CharField(max_length=9, choices=Status, default=Status.WAITING)
    reason = models.CharField(max_length=60, blank=True, help_text="Why it was refused")
    created_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=models.Q(status="waiting"), name="sign_up_waiting"),
            models.Index(fields=["status", "abuse_key", "decided_at"]),
            models.Index(fields=["status", "network", "decided_at"]),
            models.Index(fields=["status", "domain", "decided_at"]),
            models.Index(fields=["created_at"]),
        ]

    def __str__(self) -> str:
        return f"sign-up {self.pk} ({self.status})"


class Defence(models.Model):
    """One row: until when sign-ups have to show that they cost somebody something, and why."""

    until = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"until {self.until}" if self.until else "off"


class LeavingMailbox(models.Model):
    """One row: when the mailbox that takes mails for leaving was last read."""

    read_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"read at {self.read_at}"
