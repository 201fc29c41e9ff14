"""Alert, and the sign of life that a worker leaves."""

from typing import ClassVar

from django.db import models


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
