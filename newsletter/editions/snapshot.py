"""The shape of a snapshot: what an edition says, frozen at approval, as plain JSON.

It is all that rendering and the archive read. Texts in it are plain text from outside, not HTML; `note` is Markdown.
"""

from typing import Literal, TypedDict

Kind = Literal["regular", "special", "correction"]


class Author(TypedDict):
    """One name of a byline; `role` may be empty ("Research fellow")."""

    name: str
    role: str


class Image(TypedDict):
    """A story's photo. `width` and `height` are pixels of the file; `credit` is "" where nobody named one."""

    url: str
    width: int | None
    height: int | None
    alt: str
    credit: str


class ItemContent(TypedDict):
    """One story as this edition prints it."""

    id: int
    type: Literal["article"]
    url: str
    title: str
    dek: str
    byline: list[Author]
    kind: str
    topics: list[str]
    image: Image | None
    published: str | None
    """ISO 8601 with an offset."""


class SectionContent(TypedDict):
    """A section that has items. The lead section comes first and has one item."""

    name: str
    slug: str
    is_lead: bool
    items: list[ItemContent]


class EditionFacts(TypedDict):
    """The edition itself: `id` is 16 hexadecimal digits, `date` the ISO date in the newsletter's zone."""

    id: str
    kind: Kind
    number: int
    date: str
    subject: str
    preheader: str


class NewsletterFacts(TypedDict):
    """The newsletter as it was at approval: `accent` is #rrggbb, `language` a BCP 47 tag, `zone` an IANA name."""

    slug: str
    name: str
    tagline: str
    mission: str
    language: str
    home_url: str
    accent: str
    sender_name: str
    sender_email: str
    reply_to: str
    postal_address: str
    zone: str


class Snapshot(TypedDict):
    """Everything one edition says."""

    edition: EditionFacts
    newsletter: NewsletterFacts
    note: str
    sections: list[SectionContent]
