"""A newsletter with a living worker, and what the watchdog sees of it."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from newsletter.editions.models import Edition
from newsletter.newsletters.models import Newsletter, Role, Staff
from newsletter.tracking import life, watchdog
from newsletter.tracking.findings import Finding
from tests import builders
from tests.letters.conftest import OpenGate, configure, gate, outbox, smtp_server, webhook

__all__ = ["OpenGate", "configure", "gate", "outbox", "smtp_server", "webhook"]


@pytest.fixture
def newsletter(db: None) -> Newsletter:
    """One whose first cut-off is still to come, and a worker that lives."""
    life.sign()
    return builders.make_newsletter()


@pytest.fixture
def admin(db: None) -> Staff:
    return Staff.objects.create(email="root@meridian.example", name="Ada", role=Role.ADMIN)


@pytest.fixture
def edition(newsletter: Newsletter) -> Edition:
    return builders.scheduled_edition(newsletter)


@pytest.fixture
def seen() -> Callable[..., dict[str, Finding]]:
    """What the watchdog finds, by what is wrong."""

    def look(now: datetime | None = None) -> dict[str, Finding]:
        return {finding.key.partition(":")[0]: finding for finding in watchdog.look(now)}

    return look


def ago(**time: float) -> datetime:
    return timezone.now() - timedelta(**time)
