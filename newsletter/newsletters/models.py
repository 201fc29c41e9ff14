"""Newsletter, Section, Staff and the record of what staff did."""

import secrets
from datetime import time, timedelta
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac


class Newsletter(models.Model):
    """A recurring mailing with its sender, schedule, sections and readers."""

    class ThinWeek(models.TextChoices):
        HOLD = "hold"
        SEND = "send"
        SKIP = "skip"

    class Review(models.TextChoices):
        """Who lets an edition go."""

        APPROVE = "approve"  # a named person
        AUTO = "auto"  # what stands at its last look goes out as it is

    class LastLook(models.TextChoices):
        """What becomes of an edition whose last look found a story gone or retitled."""

        SEND = "send"
        HOLD = "hold"

    class OnUnknown(models.TextChoices):
        """What becomes of copies whose answer was lost and that no evidence decides."""

        HOLD = "hold"  # a person decides
        RESEND = "resend"  # rather twice than not at all
        DROP = "drop"  # rather not at all than twice

    class Links(models.TextChoices):
        """Whether somebody counts which stories are read."""

        DIRECT = "direct"  # nobody
        COUNTED = "counted"  # how often each link is followed, the same address for every reader
        PERSONAL = "personal"  # also by whom, of readers who agreed to it

    class TopicCopies(models.TextChoices):
        """What readers who chose topics get of them."""

        ONLY = "only"  # the stories about them, with the lead and what editors wrote
        FIRST = "first"  # everything, those stories before the others

    class Archive(models.TextChoices):
        """Who finds past editions."""

        PUBLIC = "public"  # everybody: they are listed, and search engines may come
        UNLISTED = "unlisted"  # whoever has the link of one
        NONE = "none"

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=100)
    tagline = models.CharField(max_length=200, blank=True)
    mission = models.TextField(blank=True, help_text="One line about the publication, in the mail's footer")
    language = models.CharField(max_length=12, default="en")
    archive = models.CharField(max_length=8, choices=Archive, default=Archive.PUBLIC)
    home_url = models.URLField(blank=True, help_text="The publication's own site")
    privacy_url = models.URLField(blank=True, help_text="The privacy notice; without it nobody can sign up")
    welcome = models.BooleanField(default=False, help_text="Whether who confirms gets a letter at once")
    goodbye = models.BooleanField(default=False, help_text="Whether who left without seeing a page gets a letter")
    utm = models.CharField(max_length=400, blank=True, help_text="A query for links into the own site")
    links = models.CharField(max_length=8, choices=Links, default=Links.DIRECT)
    topic_copies = models.CharField(max_length=5, choices=TopicCopies, default=TopicCopies.ONLY)
    accent = models.CharField(max_length=7, default="#9b1c1f")
    theme = models.CharField(max_length=40, default="roundup", help_text="The templates email/NAME.html and .txt")
    logo_url = models.URLField(blank=True, help_text="A PNG or JPEG; it stands beside the name")
    logo_size = models.CharField(max_length=7, default="48x48", help_text="Pixels as shown, width by height")
    headline_font = models.CharField(max_length=12, default="georgia")
    text_font = models.CharField(max_length=12, default="system")
    footer = models.TextField(max_length=600, blank=True, help_text="Lines at the mail's end")
    social = models.JSONField(default=list, blank=True, help_text='Where the publication is too: {"name", "url"}')

    sender_name = models.CharField(max_length=100)
    sender_email = models.EmailField()
    reply_to = models.EmailField(blank=True)
    postal_address = models.CharField(max_length=300)

    weekday = models.PositiveSmallIntegerField(default=3, validators=[MaxValueValidator(6)], help_text="0 is Monday")
    send_time = models.TimeField(default=time(7))
    zone = models.CharField(max_length=64, default="UTC")
    cutoff = models.DurationField(default=timedelta(hours=16), help_text="How long before the send")
    max_lateness = models.DurationField(default=timedelta(hours=6), help_text="Later than this, it is held")
    min_items = models.PositiveSmallIntegerField(default=3)
    thin_week = models.CharField(max_length=4, choices=ThinWeek, default=ThinWeek.HOLD)
    skip_dates = models.JSONField(default=list, blank=True, help_text="ISO dates without an edition")
    review = models.CharField(max_length=7, choices=Review, default=Review.APPROVE)
    second_person = models.BooleanField(default=False, help_text="Nobody approves what they changed last themselves")
    last_look = models.CharField(max_length=4, choices=LastLook, default=LastLook.SEND)
    subject_template = models.CharField(max_length=200, blank=True, help_text="Such as {newsletter}: {lead}")
    preheader_template = models.CharField(max_length=200, blank=True)
    rhythm_from = models.DateTimeField(
        default=timezone.now, help_text="The rhythm leaves runs alone whose cut-off lies before"
    )

    canary_share = models.FloatField(
        default=0.05, validators=[MinValueValidator(0), MaxValueValidator(0.5)], help_text="Sent first; 0: none"
    )
    canary_watch = models.DurationField(default=timedelta(minutes=20), help_text="How long the first share is watched")
    audience_cap = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)], help_text="The ramp: an edition's readers at most"
    )
    audience_growth = models.FloatField(
        default=2.0, validators=[MinValueValidator(1)], help_text="What the cap is multiplied by after a good edition"
    )
    on_unknown = models.CharField(max_length=6, choices=OnUnknown, default=OnUnknown.HOLD)
    unknown_after = models.DurationField(
        default=timedelta(hours=2), help_text="How long evidence may take before on_unknown is followed"
    )

    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Section(models.Model):
    """A part of every edition of a newsletter: which articles it takes, and how many.

    `rules` is {"feeds": [feed ids], "kinds": [str], "topics": [str]}; an empty or absent list admits all. Two more are
    true or absent: "not_elsewhere" keeps out what another newsletter had, "by_hand" all that no editor places there.
    """

    newsletter = models.ForeignKey(Newsletter, models.CASCADE, related_name="sections")
    name = models.CharField(max_length=80)
    slug = models.SlugField()
    position = models.PositiveSmallIntegerField()
    cap = models.PositiveSmallIntegerField(default=6)
    is_lead = models.BooleanField(default=False)
    rules = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["newsletter", "slug"], name="section_slug_once"),
            models.UniqueConstraint(
                fields=["newsletter"], condition=models.Q(is_lead=True), name="section_one_lead_per_newsletter"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Right(models.TextChoices):
    """What a view or verb may ask for; sending is apart from editing."""

    VIEW = "view"
    EDIT = "edit"
    SEND = "send"
    ADMIN = "admin"


class Role(models.TextChoices):
    VIEWER = "viewer"
    EDITOR = "editor"
    SENDER = "sender"
    ADMIN = "admin"


RIGHTS: dict[str, frozenset[str]] = {
    Role.VIEWER: frozenset({Right.VIEW}),
    Role.EDITOR: frozenset({Right.VIEW, Right.EDIT}),
    Role.SENDER: frozenset({Right.VIEW, Right.EDIT, Right.SEND}),
    Role.ADMIN: frozenset(Right),
}


class StaffManager(BaseUserManager["Staff"]):
    """Finds staff by address, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> "Staff":
        return self.get(email__iexact=username)


class Staff(AbstractBaseUser):
    """A person who makes or sends editions."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=100, blank=True)
    role = models.CharField(max_length=6, choices=Role, default=Role.EDITOR)
    is_active = models.BooleanField(default=True)
    invited_at = models.DateTimeField(null=True, blank=True, help_text="Of the newest invitation; older ones are void")
    totp_secret = models.CharField(max_length=200, blank=True, help_text="Sealed, see second.py; empty: no second step")
    totp_step = models.BigIntegerField(default=0, help_text="The last code's half minute: no code works twice")
    recovery_codes = models.JSONField(default=list, blank=True, help_text="SHA-256 of those not used yet")
    gets_reports = models.BooleanField(default=True, help_text="Whether reports of editions are mailed to them")
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar = StaffManager()

    USERNAME_FIELD = "email"

    class Meta:
        verbose_name_plural = "staff"
        constraints: ClassVar = [models.UniqueConstraint(Lower("email"), name="staff_email_once")]

    def __str__(self) -> str:
        return self.name or self.email

    def may(self, right: str) -> bool:
        """Whether this person's role includes the right; nobody may anything once deactivated."""
        return self.is_active and right in RIGHTS[self.role]

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session is bound to: another password, role or second step ends every session that knew the old."""
        bound = f"{self.password}|{self.role}|{self.totp_secret}"
        return salted_hmac("newsletter.session", bound, secret=secret, algorithm="sha256").hexdigest()


class DeskSession(AbstractBaseSession):
    """A browser that somebody is signed in with, so that it can be listed and ended."""

    staff = models.ForeignKey(Staff, models.CASCADE, null=True, related_name="sessions")
    agent = models.CharField(max_length=120, blank=True, help_text="What the browser calls itself")
    since = models.DateTimeField(null=True)

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        from newsletter.newsletters.sessions import SessionStore

        return SessionStore


class LoginTry(models.Model):
    """A password or code that somebody tried; the row is there before it is looked at."""

    account = models.CharField(max_length=64, help_text="A keyed hash of the address that was typed")
    network = models.CharField(max_length=43, blank=True, help_text="Shortened; empty: not known")
    at = models.DateTimeField(default=timezone.now)
    good = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["account", "at"]), models.Index(fields=["network", "at"])]

    def __str__(self) -> str:
        return f"{'good' if self.good else 'failed'} at {self.at:%Y-%m-%d %H:%M}"


def _identity() -> str:
    return secrets.token_hex(16)


class Installation(models.Model):
    """One row: whose database this is. `generation` grows when a person lets a restored one send again.

    `locked` is why nothing may be sent: what one machine found out holds for all of them.
    """

    identity = models.CharField(max_length=32, default=_identity)
    generation = models.PositiveIntegerField(default=1)
    locked = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return self.identity


class Record(models.QuerySet["AuditEntry"]):
    """Rows that are written once."""

    def update(self, **values: Any) -> int:
        raise TypeError(f"the record is append-only, and keeps its {', '.join(values)}")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise TypeError("the record is append-only")


class AuditEntry(models.Model):
    """Who did what, append-only. Holds ids and states, never a reader's address."""

    at = models.DateTimeField(auto_now_add=True)
    staff = models.ForeignKey(Staff, models.PROTECT, null=True, help_text="Null: the system itself")
    verb = models.CharField(max_length=40)
    subject = models.CharField(max_length=80, help_text="Such as edition 12")
    detail = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    objects = Record.as_manager()

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["subject"])]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.staff or 'system'}: {self.verb} {self.subject}"

    def save(self, **options: Any) -> None:
        if not self._state.adding:
            raise TypeError("the record is append-only")
        super().save(**options)

    def delete(self, using: Any = None, keep_parents: bool = False) -> tuple[int, dict[str, int]]:  # noqa: ARG002
        raise TypeError("the record is append-only")
