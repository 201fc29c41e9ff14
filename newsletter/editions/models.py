"""Edition, Item, Pin, Rendering and Waiver."""

from typing import Any, ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from newsletter.feeds.models import Article
from newsletter.ids import as_text, random_id
from newsletter.newsletters.models import Newsletter, Section, Staff


class Edition(models.Model):
    """One dated round-up, from draft to sent."""

    class Kind(models.TextChoices):
        REGULAR = "regular"
        SPECIAL = "special"
        CORRECTION = "correction"

    class Status(models.TextChoices):
        DRAFT = "draft"
        APPROVED = "approved"
        SCHEDULED = "scheduled"
        PLANNING = "planning"
        SENDING = "sending"
        PAUSED = "paused"
        SENT = "sent"
        HELD = "held"
        CANCELLED = "cancelled"

    public_id = models.BigIntegerField(unique=True, default=random_id)
    newsletter = models.ForeignKey(Newsletter, models.PROTECT, related_name="editions")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.REGULAR)
    status = models.CharField(max_length=9, choices=Status, default=Status.DRAFT)
    status_reason = models.CharField(max_length=300, blank=True, help_text="Why it is held or paused")
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="corrections")
    number = models.PositiveIntegerField(help_text="Counts the editions of its newsletter from 1")
    period_start = models.DateField(
        null=True, blank=True, help_text="Monday of the ISO week of the planned send, in the newsletter's zone"
    )

    subject = models.CharField(max_length=200, blank=True)
    preheader = models.CharField(max_length=200, blank=True)
    note = models.TextField(blank=True, help_text="The editor's note, Markdown")

    stories_from = models.DateTimeField()
    stories_until = models.DateTimeField()
    composed_at = models.DateTimeField(null=True, blank=True, help_text="When stories were last taken into it")
    left_out = models.JSONField(default=dict, blank=True, help_text="Why a story is not in it: article id → reason")
    closed_at = models.DateTimeField(null=True, blank=True, help_text="When the rhythm did what the cut-off asks for")
    send_at = models.DateTimeField(null=True, blank=True)
    by_hand = models.BooleanField(default=False, help_text="Reopened by a person: only a person approves it again")
    picturing_until = models.DateTimeField(null=True, blank=True, help_text="Somebody makes its pictures until then")
    looking_until = models.DateTimeField(null=True, blank=True, help_text="Somebody has the last look until then")
    looked_at = models.DateTimeField(null=True, blank=True, help_text="When the last look at its addresses ended")
    page_titles = models.JSONField(
        default=dict, blank=True, help_text="Of its stories' pages after approval: item id → title"
    )
    findings = models.JSONField(default=list, blank=True, help_text="What the last look found, a sentence each")

    snapshot = models.JSONField(null=True, blank=True, encoder=DjangoJSONEncoder, help_text="The approved content")
    content_hash = models.CharField(max_length=64, blank=True, help_text="SHA-256 over snapshot and renderings")
    approved_by = models.ForeignKey(Staff, models.PROTECT, null=True, blank=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    void_snapshot = models.JSONField(
        null=True, blank=True, encoder=DjangoJSONEncoder, help_text="What had been approved before it was reopened"
    )
    marks = models.JSONField(default=list, blank=True, help_text='Corrections on the archive copy: {"at", "text"}')

    repointed = models.JSONField(
        default=dict, blank=True, help_text="Links that were corrected after sending: item id → address"
    )

    # The plan: subscriptions up to audience_until are candidates, those up to planned_until are planned already.
    audience_until = models.BigIntegerField(null=True, blank=True)
    planned_until = models.BigIntegerField(default=0)
    planned = models.PositiveIntegerField(default=0)
    excluded = models.JSONField(default=dict, help_text="Candidates that got no copy, counted by reason")
    alive_since = models.DateTimeField(
        null=True, blank=True, help_text="The ramp: readers without a sign of life since then are left out"
    )
    alive_last = models.BigIntegerField(
        null=True, blank=True, help_text="Of those whose sign of life was then: subscriptions after this are left out"
    )
    canary_share = models.FloatField(default=0.0, help_text="The share of readers in wave 0; 0: there is none")
    open_wave = models.PositiveSmallIntegerField(default=1, help_text="Batches of later waves wait")
    tripped_at = models.DateTimeField(null=True, blank=True, help_text="When the breaker last stopped it")

    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    resumed_at = models.DateTimeField(null=True, blank=True, help_text="When a person last let it go on")
    rolled_up_at = models.DateTimeField(
        null=True, blank=True, help_text="Since when its copies are totals (deliveries.Totals) and no rows any more"
    )
    reports_told = models.PositiveSmallIntegerField(
        default=0, help_text="How many of the reports after an hour, a day and a week were mailed or passed over"
    )

    class Meta:
        constraints: ClassVar = [
            # Two schedulers make one edition.
            models.UniqueConstraint(
                fields=["newsletter", "period_start"], condition=Q(kind="regular"), name="edition_regular_once"
            ),
            models.UniqueConstraint(fields=["newsletter", "number"], name="edition_number_once"),
            models.CheckConstraint(
                condition=Q(kind="regular", period_start__isnull=False)
                | (~Q(kind="regular") & Q(period_start__isnull=True)),
                name="edition_regular_has_period",
            ),
            models.CheckConstraint(
                condition=Q(kind="correction", parent__isnull=False) | (~Q(kind="correction") & Q(parent__isnull=True)),
                name="edition_correction_has_parent",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["status", "send_at"])]

    def __str__(self) -> str:
        return f"{self.newsletter} No. {self.number}"

    @property
    def public(self) -> str:
        """The id that outsiders see."""
        return as_text(self.public_id)


class Item(models.Model):
    """An entry placed in a section: an article, with what an editor changed about it for this edition only, or
    something that an editor wrote.

    `details` has what a written entry's type asks for (editions/written.py). `image` null is the article's own picture,
    {} none, else {"url", "width", "height", "alt", "credit"}.
    """

    class Type(models.TextChoices):
        ARTICLE = "article"
        NOTE = "note"
        EVENT = "event"
        OUTSIDE = "outside"
        PROMOTION = "promotion"

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="items")
    section = models.ForeignKey(Section, models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()
    type = models.CharField(max_length=9, choices=Type, default=Type.ARTICLE)
    article = models.ForeignKey(Article, models.PROTECT, null=True, blank=True, related_name="items")
    headline = models.CharField(max_length=500, blank=True, help_text="Instead of the article's title")
    dek = models.TextField(blank=True, help_text="Instead of the article's dek")
    details = models.JSONField(default=dict, blank=True)
    image = models.JSONField(null=True, blank=True)
    again = models.BooleanField(default=False, help_text="An editor insists, though another edition has it")
    dropped = models.BooleanField(default=False, help_text="Kept as a row, so that composing again leaves it out")
    reason = models.CharField(max_length=200, help_text="Why it is in this place")

    class Meta:
        ordering: ClassVar = ["section__position", "position", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["edition", "article"], name="item_article_once"),
            models.CheckConstraint(
                condition=Q(type="article", article__isnull=False) | (~Q(type="article") & Q(article__isnull=True)),
                name="item_has_its_article",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """The headline as this edition prints it."""
        return self.headline or (self.article.title if self.article else "")

    @property
    def picture(self) -> dict[str, Any] | None:
        """The picture as this edition prints it."""
        own = self.article.image if self.article else None
        return own if self.image is None else self.image or None


class Pin(models.Model):
    """An editor's wish: the next edition of this newsletter has this article, in this section where one is named."""

    newsletter = models.ForeignKey(Newsletter, models.CASCADE, related_name="pins")
    article = models.ForeignKey(Article, models.CASCADE, related_name="pins")
    section = models.ForeignKey(Section, models.SET_NULL, null=True, blank=True, related_name="+")
    staff = models.ForeignKey(Staff, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["newsletter", "article"], name="pin_once")]

    def __str__(self) -> str:
        return f"{self.article} in {self.newsletter}"


class Rendering(models.Model):
    """The frozen subject, HTML and text of an edition for one topic set; "" is the full edition."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="renderings")
    topic_set = models.CharField(max_length=64, blank=True)
    subject = models.CharField(max_length=200)
    html = models.TextField()
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["edition", "topic_set"], name="rendering_once"),
        ]

    def __str__(self) -> str:
        return f"{self.edition} for {self.topic_set or 'everybody'}"


class Waiver(models.Model):
    """A warning of preflight that somebody waved through, and why; `key` says which (Finding.key)."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="waivers")
    key = models.CharField(max_length=80)
    reason = models.CharField(max_length=300)
    staff = models.ForeignKey(Staff, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["edition", "key"], name="waiver_once")]

    def __str__(self) -> str:
        return f"{self.key}: {self.reason}"


class PreviewLink(models.Model):
    """A way to look at one edition without an account, for a while; its token is signed over `public_id`."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="preview_links")
    public_id = models.BigIntegerField(unique=True, default=random_id)
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"a link to {self.edition} until {self.expires_at:%Y-%m-%d %H:%M}"
