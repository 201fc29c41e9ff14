"""An installation that sends by the stand-in for SendGrid, and the nights on which it asks it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter import config
from newsletter.tracking.models import Clerk
from tests.fakes.sendgrid import KEY


@pytest.fixture
def nightly(sendgrid, monkeypatch):
    """The settings."""
    monkeypatch.setenv("NEWSLETTER_TRANSPORT", "sendgrid")
    monkeypatch.setenv("SENDGRID_API_KEY", KEY)
    monkeypatch.setenv("SENDGRID_API_URL", sendgrid.url)
    config.current.cache_clear()
    yield
    monkeypatch.undo()
    config.current.cache_clear()


def over():
    """The lease of a reading ends."""
    Clerk.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
