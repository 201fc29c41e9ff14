"""Errand: something that staff asked for in the desk and that takes a while, so a worker does it."""

from typing import ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from newsletter.newsletters.models import Staff


class Errand(models.Model):
    """One row is one wish, and the queue: waiting is work. While it is open, the same wish again is this one.

    `place` is where it was asked for and is told about ("edition 12", "feeds"); `asked` is what the kind needs, and
    never an address of a reader. `said` is what is being done, then what became of it; `result` are facts of it.
    """

    class Status(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    kind = models.CharField(max_length=12)
    place = models.CharField(max_length=80)
    key = models.CharField(max_length=64, help_text="SHA-256 of the wish")
    asked = models.JSONField(default=dict)
    staff = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="errands")
    status = models.CharField(max_length=7, choices=Status, default=Status.WAITING)
    said = models.CharField(max_length=300, blank=True)
    steps_done = models.PositiveIntegerField(default=0)
    steps = models.PositiveIntegerField(default=0, help_text="0: nobody knows how many")
    result = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    fence = models.PositiveBigIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0, help_text="Since it last got on")
    lease_until = models.DateTimeField(null=True, blank=True, help_text="By the database's clock")
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["key"], condition=models.Q(finished_at__isnull=True), name="errand_open_once"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["place", "id"])]

    def __str__(self) -> str:
        return f"{self.kind} for {self.place}"

    @property
    def is_open(self) -> bool:
        return self.finished_at is None
