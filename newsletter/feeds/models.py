"""Feed, Article, Sighting, Change, Picture and Answer."""

from datetime import timedelta
from typing import ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone


class Feed(models.Model):
    """A source of articles, and how its last collections went."""

    url = models.URLField(max_length=1000, unique=True)
    title = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=60, blank=True, help_text="The kind of every article that names none")
    topics = models.JSONField(default=list, blank=True, help_text="Topics that every article of this feed gets")
    interval = models.DurationField(default=timedelta(minutes=15), help_text="How often it is asked")
    paused_at = models.DateTimeField(null=True, blank=True)

    etag = models.CharField(max_length=300, blank=True)
    last_modified = models.CharField(max_length=100, blank=True)
    due_at = models.DateTimeField(default=timezone.now)
    last_attempt_at = models.DateTimeField(null=True, blank=True)
    last_success_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)
    failures = models.PositiveIntegerField(default=0, help_text="In a row")
    failing_since = models.DateTimeField(null=True, blank=True, help_text="The first failure of that row")
    newest_at = models.DateTimeField(null=True, blank=True, help_text="When its newest dated story was published")
    usual_gap = models.DurationField(null=True, blank=True, help_text="Between two stories; null: too few to tell")
    longest_gap = models.DurationField(null=True, blank=True, help_text="Of the same stories")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return self.title or self.url


class Article(models.Model):
    """One article, known by its canonical URL, as an editor would write it down.

    `byline` is [{"name": str, "role": str}], `image` is {"url", "width", "height", "alt", "credit"} or null: width and
    height in pixels or null, credit "" when the publication names none. All text is plain text.
    """

    url = models.URLField(max_length=1000)
    url_key = models.CharField(max_length=1000, unique=True, help_text="The URL as it is compared")
    title = models.CharField(max_length=500)
    dek = models.TextField(blank=True)
    byline = models.JSONField(default=list, blank=True)
    kind = models.CharField(max_length=60, blank=True)
    topics = models.JSONField(default=list, blank=True)
    image = models.JSONField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(null=True, blank=True, help_text="As the publication says")
    page_read_at = models.DateTimeField(null=True, blank=True, help_text="When its page last filled the gaps")
    collected_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now_add=True, help_text="When a collection last changed it")
    added_at = models.DateTimeField(null=True, blank=True, help_text="When a person added it by hand")
    held_at = models.DateTimeField(null=True, blank=True, help_text="Since when drafts leave it out")
    embargo_until = models.DateTimeField(null=True, blank=True, help_text="No mail may tell of it before")
    quarantine = models.CharField(
        max_length=300, blank=True, help_text="What is wrong with it, if it is held for that and not by an editor"
    )

    class Meta:
        indexes: ClassVar = [models.Index(fields=["published_at"])]

    def __str__(self) -> str:
        return self.title


class Sighting(models.Model):
    """That a feed carries an article, and under which identity."""

    feed = models.ForeignKey(Feed, models.CASCADE, related_name="sightings")
    article = models.ForeignKey(Article, models.CASCADE, related_name="sightings")
    guid = models.CharField(max_length=1000)
    digest = models.CharField(max_length=64, help_text="Of the entry as last seen: an unchanged one costs nothing")
    first_seen_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["feed", "guid"], name="sighting_once")]

    def __str__(self) -> str:
        return f"{self.article} in {self.feed}"


class Change(models.Model):
    """What a collection changed about an article: {column: [before, after]}."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="changes")
    at = models.DateTimeField(default=timezone.now)
    fields = models.JSONField(encoder=DjangoJSONEncoder)

    class Meta:
        ordering: ClassVar = ["at", "id"]
        indexes: ClassVar = [models.Index(fields=["article", "at"])]

    def __str__(self) -> str:
        return f"{', '.join(self.fields)} of {self.article}"


class Picture(models.Model):
    """A photo made fit for mail in one size, or the reason why it could not be.

    `width` and `height` are what was asked for in pixels (height 0: as it comes), `file_width` and `file_height` what
    the file has, `source_width` what the publication's own had.
    """

    url = models.URLField(max_length=1000)
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField(default=0)
    file = models.ForeignKey("PictureFile", models.PROTECT, null=True, blank=True, related_name="+")
    file_width = models.PositiveSmallIntegerField(default=0)
    file_height = models.PositiveSmallIntegerField(default=0)
    source_width = models.PositiveIntegerField(default=0)
    reason = models.CharField(max_length=300, blank=True, help_text="Why the last try failed")
    tried_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["url", "width", "height"], name="picture_once")]

    def __str__(self) -> str:
        return f"{self.url}: {self.file_id or self.reason}"


class PictureFile(models.Model):
    """A file that mails show, for as long as they lie in somebody's mailbox: at most 120 kB.

    In the database and not on a disk, so that every web process has what any worker made, and a backup has all.
    """

    name = models.CharField(
        max_length=60, primary_key=True, help_text="Made from the content, so it shows the same for ever"
    )
    content = models.BinaryField()

    def __str__(self) -> str:
        return self.name


class Answer(models.Model):
    """What a link answered when it was last asked (newsletter.feeds.probe); `digest` is the SHA-256 of its address."""

    digest = models.CharField(max_length=64, unique=True)
    facts = models.JSONField()
    asked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["asked_at"])]

    def __str__(self) -> str:
        return f"{self.digest[:12]}: {self.facts}"
