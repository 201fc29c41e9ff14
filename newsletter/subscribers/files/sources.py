"""The programs whose files we know: by which columns, what those mean, and what the people in a file are.

From the programs' own exports: Mailchimp (audience export, four files), Ghost (members), Substack (email list),
listmonk (subscribers), SendGrid (contacts, and its suppression lists), and our own. Times without a zone are UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Field(StrEnum):
    """What a column can be to us."""

    EMAIL = "email"
    NAME = "name"
    FIRST_NAME = "first-name"
    LAST_NAME = "last-name"
    TOPICS = "topics"
    STATUS = "status"
    OPTED_IN_AT = "opted-in-at"
    OPTED_IN_IP = "opted-in-ip"
    CONFIRMED_AT = "confirmed-at"
    CONFIRMED_IP = "confirmed-ip"
    LEFT_AT = "left-at"
    PAUSED_UNTIL = "paused-until"
    KEY = "address-key"


class Standing(StrEnum):
    """What a person is to the program that wrote the file. The last ones are reasons of a suppression."""

    SUBSCRIBED = "subscribed"
    PAUSED = "paused"
    UNSUBSCRIBED = "unsubscribed"
    NEVER = "non-subscribed"  # known there, never asked to be mailed, or never confirmed it
    HARD_BOUNCE = "hard_bounce"
    SOFT_BOUNCES = "soft_bounces"
    COMPLAINT = "complaint"
    MANUAL = "manual"
    ERASED = "erased"


SUPPRESSED = frozenset(
    (Standing.HARD_BOUNCE, Standing.SOFT_BOUNCES, Standing.COMPLAINT, Standing.MANUAL, Standing.ERASED)
)


@dataclass(frozen=True)
class Source:
    """A program's file. It is known by the columns that it has; `only`: and by having no others."""

    name: str
    known_by: frozenset[str] = frozenset()
    only: bool = False
    columns: Mapping[str, Field] = field(default_factory=dict)
    words: Mapping[str, Standing] = field(default_factory=dict)  # in its status column, beside those of WORDS
    by_file_name: Mapping[str, Standing] = field(default_factory=dict)
    by_column: Mapping[str, Standing] = field(default_factory=dict)
    everybody: Standing | None = Standing.SUBSCRIBED  # None: files of one shape hold different people
    guarded: bool = False  # cells that look like formulas carry a mark of ours


WORDS: Mapping[str, Standing] = {
    **dict.fromkeys(("subscribed", "active", "enabled", "confirmed"), Standing.SUBSCRIBED),
    **dict.fromkeys(("unsubscribed", "inactive", "disabled", "optedout", "opted out", "left"), Standing.UNSUBSCRIBED),
    **dict.fromkeys(("pending", "unconfirmed", "non-subscribed", "nonsubscribed", "transactional"), Standing.NEVER),
    **dict.fromkeys(("cleaned", "bounced", "hard_bounce", "hard bounce"), Standing.HARD_BOUNCE),
    **dict.fromkeys(("complained", "complaint", "spam"), Standing.COMPLAINT),
    **dict.fromkeys(("blocklisted", "blacklisted", "suppressed", "manual"), Standing.MANUAL),
    "paused": Standing.PAUSED,
    "soft_bounces": Standing.SOFT_BOUNCES,
    "erased": Standing.ERASED,
}
PLAIN_COLUMNS: Mapping[str, Field] = {
    **dict.fromkeys(("email", "e-mail", "email address", "e-mail address", "address", "mail"), Field.EMAIL),
    **dict.fromkeys(("name", "full name", "display name"), Field.NAME),
    **dict.fromkeys(("first name", "first_name", "firstname", "given name"), Field.FIRST_NAME),
    **dict.fromkeys(("last name", "last_name", "lastname", "surname", "family name"), Field.LAST_NAME),
    **dict.fromkeys(("topics", "topic", "interests"), Field.TOPICS),
    **dict.fromkeys(("status", "subscription status"), Field.STATUS),
    **dict.fromkeys(("opted_in_at", "optin_time", "opt-in time", "signup date", "created_at"), Field.OPTED_IN_AT),
}
# What a known program's file may hold beside its own columns: the fields that its users name as they like.
ANYWHERE = frozenset((Field.EMAIL, Field.NAME, Field.FIRST_NAME, Field.LAST_NAME, Field.TOPICS))
_YES_OR_NO = {
    **dict.fromkeys(("true", "1", "yes"), Standing.SUBSCRIBED),
    **dict.fromkeys(("false", "0", "no"), Standing.UNSUBSCRIBED),
}
_NO_OR_YES = {
    **dict.fromkeys(("true", "1", "yes"), Standing.UNSUBSCRIBED),
    **dict.fromkeys(("false", "0", "no"), Standing.SUBSCRIBED),
}

OURS = Source(
    "newsletter",
    known_by=frozenset(("email", "status", "opted_in_at", "opted_in_network", "paused_until")),
    columns={
        "email": Field.EMAIL,
        "name": Field.NAME,
        "status": Field.STATUS,
        "topics": Field.TOPICS,
        "opted_in_at": Field.OPTED_IN_AT,
        "opted_in_network": Field.OPTED_IN_IP,
        "confirmed_at": Field.CONFIRMED_AT,
        "confirmed_network": Field.CONFIRMED_IP,
        "paused_until": Field.PAUSED_UNTIL,
        "unsubscribed_at": Field.LEFT_AT,
    },
    guarded=True,
)
OUR_SUPPRESSIONS = Source(
    "newsletter's suppression list",
    known_by=frozenset(("address_key", "email", "reason", "suppressed_at")),
    columns={
        "address_key": Field.KEY,
        "email": Field.EMAIL,
        "reason": Field.STATUS,
        "suppressed_at": Field.LEFT_AT,
    },
    guarded=True,
)
MAILCHIMP = Source(
    "Mailchimp",
    known_by=frozenset(("leid", "euid")),
    columns={
        "email address": Field.EMAIL,
        "name": Field.NAME,
        "first name": Field.FIRST_NAME,
        "last name": Field.LAST_NAME,
        "optin_time": Field.OPTED_IN_AT,
        "optin_ip": Field.OPTED_IN_IP,
        "confirm_time": Field.CONFIRMED_AT,
        "confirm_ip": Field.CONFIRMED_IP,
        "unsub_time": Field.LEFT_AT,
        "clean_time": Field.LEFT_AT,
    },
    # The first that fits counts, so the longer words come before those that they contain.
    by_file_name={
        "nonsubscribed": Standing.NEVER,
        "non-subscribed": Standing.NEVER,
        "unsubscribed": Standing.UNSUBSCRIBED,
        "cleaned": Standing.HARD_BOUNCE,
        "subscribed": Standing.SUBSCRIBED,
    },
    by_column={"unsub_time": Standing.UNSUBSCRIBED, "clean_time": Standing.HARD_BOUNCE},
    everybody=None,
)
GHOST = Source(
    "Ghost",
    known_by=frozenset(("email", "subscribed_to_emails")),
    columns={
        "email": Field.EMAIL,
        "name": Field.NAME,
        "subscribed_to_emails": Field.STATUS,
        "created_at": Field.OPTED_IN_AT,
    },
    words=_YES_OR_NO,
)
SUBSTACK = Source(
    "Substack",
    known_by=frozenset(("email", "email_disabled")),
    columns={
        "email": Field.EMAIL,
        "name": Field.NAME,
        "email_disabled": Field.STATUS,
        "created_at": Field.OPTED_IN_AT,
    },
    words=_NO_OR_YES,
)
LISTMONK = Source(
    "listmonk",
    known_by=frozenset(("uuid", "email", "attributes", "status")),
    columns={
        "email": Field.EMAIL,
        "name": Field.NAME,
        "status": Field.STATUS,
        "created_at": Field.OPTED_IN_AT,
    },
)
SENDGRID = Source(
    "SendGrid",
    known_by=frozenset(("email", "contact_id")),
    columns={
        "email": Field.EMAIL,
        "first_name": Field.FIRST_NAME,
        "last_name": Field.LAST_NAME,
        "created_at": Field.OPTED_IN_AT,
    },
)
# Its five lists look alike, and only their names tell them apart. Blocks are not among them: they are about the sender.
SENDGRID_SUPPRESSIONS = Source(
    "SendGrid's suppressions",
    known_by=frozenset(("email", "created")),
    only=True,
    columns={"email": Field.EMAIL, "created": Field.LEFT_AT},
    by_file_name={
        "bounce": Standing.HARD_BOUNCE,
        "invalid": Standing.HARD_BOUNCE,
        "spam": Standing.COMPLAINT,
        "unsubscribe": Standing.UNSUBSCRIBED,
    },
    everybody=None,
)
SENDGRID_SUPPRESSION_COLUMNS = frozenset(("email", "created", "reason", "status", "ip"))
PLAIN = Source("a plain file", columns=PLAIN_COLUMNS)
SOURCES = (OURS, OUR_SUPPRESSIONS, MAILCHIMP, GHOST, SUBSTACK, LISTMONK, SENDGRID, SENDGRID_SUPPRESSIONS)


def of(header: frozenset[str]) -> Source:
    """The program that writes such columns, in lower case; PLAIN for any other."""
    for source in SOURCES:
        strange = header - SENDGRID_SUPPRESSION_COLUMNS if source.only else frozenset()
        if source.known_by <= header and not strange:
            return source
    return PLAIN
