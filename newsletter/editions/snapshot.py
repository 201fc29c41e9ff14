"""The shape of a snapshot: what an edition says, frozen at approval, as plain JSON.

It is all that rendering and the archive read. Texts in it are plain text from outside, not HTML; `note` is Markdown.
"""

from typing import Literal, NotRequired, TypedDict

Kind = Literal["regular", "special", "correction"]


class Author(TypedDict):
    """One name of a byline; `role` may be empty ("Research fellow")."""

    name: str
    role: str


class Image(TypedDict):
    """A story's photo. `width` and `height` are pixels of the file; `credit` is "" where nobody named one.

    `source` is the publication's own address of it, where `url` is our file made from it.
    """

    url: str
    source: NotRequired[str]
    width: int | None
    height: int | None
    alt: str
    credit: str


class ArticleContent(TypedDict):
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


class NoteContent(TypedDict):
    """A few words of the editor's among the stories; `text` is Markdown, `title` may be empty."""

    id: int
    type: Literal["note"]
    title: str
    text: str


class EventContent(TypedDict):
    """Something to go to. `starts` and `ends` are ISO 8601 with an offset, `zone` the IANA name they are told in.

    At least one of `place` and `url` says where; `button` is what the link to `url` says.
    """

    id: int
    type: Literal["event"]
    title: str
    dek: str
    starts: str
    ends: str | None
    zone: str
    place: str
    url: str
    button: str


class OutsideContent(TypedDict):
    """A piece that another outlet published; `date` is an ISO date."""

    id: int
    type: Literal["outside"]
    title: str
    dek: str
    outlet: str
    byline: list[Author]
    date: str | None
    url: str


class PromotionContent(TypedDict):
    """What is paid for or promoted, and says so: `label` ("Sponsored") is never empty."""

    id: int
    type: Literal["promotion"]
    title: str
    dek: str
    label: str
    sponsor: str
    url: str
    button: str
    image: Image | None


ItemContent = ArticleContent | NoteContent | EventContent | OutsideContent | PromotionContent


class SectionContent(TypedDict):
    """A section that has items. The lead section comes first and has one item, an article.

    One that `is_list` prints its stories briefly, headline by headline.
    """

    name: str
    slug: str
    is_lead: bool
    is_list: NotRequired[bool]
    items: list[ItemContent]


class EditionFacts(TypedDict):
    """The edition itself: `id` is 16 hexadecimal digits, `date` the ISO date in the newsletter's zone."""

    id: str
    kind: Kind
    number: int
    date: str
    subject: str
    preheader: str


class BrandFacts(TypedDict, total=False):
    """What makes the mail the publication's own (newsletter.mail.brand); what was approved before brands has none.

    `logo_size` is pixels as shown, "48x48"; `social` has the keys name and url; `footer` has lines;
    `archive` is who finds the edition there: public, unlisted or none; with a `privacy_url` strangers may sign up.
    `utm` is a query for links into the own site;
    `links` says whether links to entries are counted: direct, counted or personal;
    `topic_copies` says what readers who chose topics get: only those stories, or those first.
    """

    theme: str
    logo_url: str
    logo_size: str
    headline_font: str
    text_font: str
    footer: str
    archive: str
    privacy_url: str
    utm: str
    topic_copies: str
    links: str
    social: list[dict[str, str]]


class NewsletterFacts(BrandFacts):
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
