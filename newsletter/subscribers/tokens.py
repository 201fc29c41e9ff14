"""Whom a token names; making and checking tokens is newsletter.signing's. No database is asked about a forged one."""

from datetime import datetime

from newsletter.signing import KEY_VERSION, LIFE, Purpose, fresh, read, read_fresh, token_for
from newsletter.subscribers.models import Subscription

__all__ = ["KEY_VERSION", "LIFE", "Purpose", "fresh", "person_for", "read_fresh", "subscription_for", "token_for"]


def subscription_for(token: str) -> Subscription | None:
    """The subscription that the mail's token names; None for a forged, damaged or stale one, which all look alike."""
    return _subscription(read(token))


def person_for(token: str, now: datetime) -> Subscription | None:
    """A subscription of the reader to whom a fresh link to their own page was mailed; None as above."""
    return _subscription(read_fresh(Purpose.PERSONAL, token, now))


def _subscription(public_id: int | None) -> Subscription | None:
    if public_id is None:
        return None
    return Subscription.objects.select_related("subscriber", "newsletter").filter(public_id=public_id).first()
