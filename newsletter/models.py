"""All tables, gathered from the rooms: one Django app, one migration history."""

from newsletter.deliveries.models import Attempt, Batch, Delivery, TransportState
from newsletter.editions.models import Edition, Item, Pin, Rendering
from newsletter.feeds.models import Article, Feed, Sighting
from newsletter.newsletters.models import AuditEntry, Installation, Newsletter, Section, Staff
from newsletter.subscribers.models import Consent, Subscriber, Subscription, Suppression

__all__ = [
    "Article",
    "Attempt",
    "AuditEntry",
    "Batch",
    "Consent",
    "Delivery",
    "Edition",
    "Feed",
    "Installation",
    "Item",
    "Newsletter",
    "Pin",
    "Rendering",
    "Section",
    "Sighting",
    "Staff",
    "Subscriber",
    "Subscription",
    "Suppression",
    "TransportState",
]
