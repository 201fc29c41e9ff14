"""What the watchdog sees of sign-ups."""

from collections.abc import Iterator
from datetime import datetime

from newsletter.subscribers.models import Defence
from newsletter.tracking.findings import MORNING, Finding


def abused(now: datetime) -> Iterator[Finding]:
    """The forms ask for a proof, because somebody floods them or few people confirm any more."""
    for each in Defence.objects.filter(until__gt=now):
        # The share in the reason may change from look to look; an alert's words stay.
        words = (
            "The sign-up forms look misused: they ask for a proof, and the limits are tighter. Readers still get in."
        )
        yield Finding(f"sign-ups:{each.pk}", MORNING, words, "newsletter letter list")
