"""All tables, gathered from the rooms: one Django app, one migration history."""

from newsletter.deliveries.models import Attempt, Batch, Delivery, TransportState
from newsletter.editions.models import Edition, Item, Pin, PreviewLink, Rendering, Waiver
from newsletter.feeds.models import Answer, Article, Change, Feed, Picture, PictureFile, Sighting
from newsletter.letters.models import Letter
from newsletter.newsletters.models import (
    AuditEntry,
    DeskSession,
    Installation,
    LoginTry,
    Newsletter,
    Section,
    Staff,
)
from newsletter.subscribers.models import (
    Consent,
    Defence,
    Import,
    LeavingMailbox,
    Release,
    SignUp,
    Subscriber,
    Subscription,
    Suppression,
    TopicSet,
    Wording,
)
from newsletter.tracking.models import Alert, Clerk, Event, SignOfLife, Tally

__all__ = [
    "Alert",
    "Answer",
    "Article",
    "Attempt",
    "AuditEntry",
    "Batch",
    "Change",
    "Clerk",
    "Consent",
    "Defence",
    "Delivery",
    "DeskSession",
    "Edition",
    "Event",
    "Feed",
    "Import",
    "Installation",
    "Item",
    "LeavingMailbox",
    "Letter",
    "LoginTry",
    "Newsletter",
    "Picture",
    "PictureFile",
    "Pin",
    "PreviewLink",
    "Release",
    "Rendering",
    "Section",
    "Sighting",
    "SignOfLife",
    "SignUp",
    "Staff",
    "Subscriber",
    "Subscription",
    "Suppression",
    "Tally",
    "TopicSet",
    "TransportState",
    "Waiver",
    "Wording",
]
