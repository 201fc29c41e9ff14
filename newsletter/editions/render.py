"""A snapshot in, a finished mail out: the same bytes for the same snapshot, and no database in between."""

from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from newsletter import links
from newsletter.editions.snapshot import (
    Author,
    EditionFacts,
    Image,
    ItemContent,
    NewsletterFacts,
    SectionContent,
    Snapshot,
)
from newsletter.errors import NewsletterError, Refused
from newsletter.jinja import for_mail
from newsletter.mail import note
from newsletter.mail.colour import DARK_GROUND, LIGHT_GROUND, readable
from newsletter.mail.content import credit_line, plain, web_address
from newsletter.mail.inline import inline
from newsletter.mail.language import direction_of, direction_of_language, written_date
from newsletter.mail.slots import TOKEN

HTML_LIMIT = 90_000
"""Bytes of HTML above which nothing is rendered: Gmail cuts a mail off at about 102,400, links at its foot included."""

LEAD_WIDTH = 536
"""Pixels of the lead's photo: the measure of the text."""
_LEAD_HEIGHT = 357  # of a photo whose size nobody knows: three to two, as most press photos are
_TALLEST = 1_728  # Outlook crops what is higher

_SERIF = "Georgia,Times New Roman,serif"
_SANS = "-apple-system,BlinkMacSystemFont,Segoe UI,Roboto,Helvetica,Arial,sans-serif"
_KINDS = {"special": "Special edition · ", "correction": "Correction · "}


class TooLarge(Refused):
    """The mail would be cut off in Gmail."""


class SlotError(NewsletterError):
    """The finished mail holds a slot where none belongs, or lacks one."""


@dataclass(frozen=True)
class Rendered:
    """A finished mail for one topic set; the slots of newsletter.mail.slots are still in it."""

    subject: str
    html: str
    text: str


@dataclass(frozen=True)
class Photo:
    """A picture in its place: `width` and `height` are pixels on the page."""

    url: str
    width: int
    height: int
    credit: str


@dataclass(frozen=True)
class Story:
    """One item as the templates print it: every string is one line of plain text, "" where there is nothing."""

    url: str
    title: str
    kicker: str
    dek: str
    byline: str
    small_print: str
    photo: Photo | None


def render(snapshot: Snapshot) -> Rendered:
    """The round-up's subject, HTML and text.

    Raises TooLarge above HTML_LIMIT, InlineError or SlotError if a template is at fault.
    """
    view = _view(snapshot)
    html = inline(for_mail().get_template("email/roundup.html").render(view))
    text = for_mail().get_template("email/roundup.txt").render(view).strip() + "\n"
    _check_slots(html, text)
    _check_size(html)
    return Rendered(view["edition"]["subject"], html, text)


def _check_slots(html: str, text: str) -> None:
    """The token stands once in each part, in the way out, and nothing else looks like a slot."""
    for part in (html, text):
        if part.count("@@") != TOKEN.count("@@") or links.unsubscribe(TOKEN) not in part:
            raise SlotError(
                "The mail must hold the reader's token once, in the address for unsubscribing. Nothing was stored.",
                hint="Mend the template in templates/email: it prints `unsubscribe` once and no other @@.",
            )


def _check_size(html: str) -> None:
    size = len(html.encode())
    if size > HTML_LIMIT:
        raise TooLarge(
            f"The mail's HTML has {size:,} bytes; above {HTML_LIMIT:,} Gmail may cut off its end. Nothing was stored.",
            hint="Take out stories (each takes about 1,600 bytes) or shorten the note, then render again.",
        )


def _view(snapshot: Snapshot) -> dict[str, Any]:
    """What the templates see."""
    newsletter = snapshot["newsletter"]
    dir_ = direction_of_language(newsletter["language"])
    english = newsletter["language"].lower().split("-")[0] == "en"
    stories = [
        (section, [_story(item, section, english) for item in section["items"]]) for section in snapshot["sections"]
    ]
    return {
        "edition": _edition(snapshot["edition"]),
        "newsletter": _newsletter(newsletter),
        "note_html": note.to_html(snapshot["note"]),
        "note_text": note.to_text(snapshot["note"]),
        "lead": next((found[0] for section, found in stories if section["is_lead"] and found), None),
        "sections": [
            {"name": plain(section["name"]), "stories": found} for section, found in stories if not section["is_lead"]
        ],
        "unsubscribe": links.unsubscribe(TOKEN),
        "english": english,
        "direction_of": partial(direction_of, otherwise=dir_),
        "dir": dir_,
        "start": "right" if dir_ == "rtl" else "left",
        "end": "left" if dir_ == "rtl" else "right",
        "accent": readable(newsletter["accent"], LIGHT_GROUND),
        "accent_dark": readable(newsletter["accent"], DARK_GROUND, minimum=6),  # small capitals glow on a dark ground
        "serif": _SERIF,
        "sans": _SANS,
    }


def _edition(facts: EditionFacts) -> dict[str, str]:
    return {
        "subject": plain(facts["subject"]),
        "preheader": plain(facts["preheader"]),
        "written_date": written_date(date.fromisoformat(facts["date"])),
        "folio": f"{_KINDS.get(facts['kind'], '')}No. {facts['number']}",
    }


def _newsletter(facts: NewsletterFacts) -> dict[str, str]:
    return {
        "name": plain(facts["name"]),
        "tagline": plain(facts["tagline"]),
        "mission": plain(facts["mission"]),
        "language": plain(facts["language"]),
        "home_url": web_address(facts["home_url"]),
        "sender_name": plain(facts["sender_name"]),
        "postal_address": plain(", ".join(line.strip(" ,") for line in facts["postal_address"].splitlines())),
    }


def _story(item: ItemContent, section: SectionContent, english: bool) -> Story:
    """Our own "By" and "Photo:" stand only in English letters; names and credits speak for themselves in others."""
    photo = _photo(item["image"], english)
    byline = _byline(item["byline"], "By " if english else "")
    return Story(
        url=web_address(item["url"]),
        title=plain(item["title"]),
        kicker=_kicker(item, "" if section["is_lead"] else section["name"]),
        dek=plain(item["dek"]),
        byline=byline,
        small_print=" · ".join(filter(None, [byline, photo.credit if photo else ""])),
        photo=photo,
    )


def _kicker(item: ItemContent, section: str) -> str:
    """Kind and first topic ("Analysis · Africa"), without what the section's name says already."""
    words = [plain(word) for word in [item["kind"], *item["topics"][:1]]]
    return " · ".join(word for word in words if word and word.casefold() != section.casefold())


def _byline(authors: list[Author], by: str) -> str:
    """ "By Ada Obi and Jun Sato", or with roles "By Ada Obi, fellow; Jun Sato, editor"."""
    named = [author for author in authors if plain(author["name"])]
    if not named:
        return ""
    words = [", ".join(filter(None, [plain(author["name"]), plain(author["role"])])) for author in named]
    if any(author["role"] for author in named):
        return by + "; ".join(words)
    if not by:
        return ", ".join(words)
    return by + " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _photo(image: Image | None, english: bool) -> Photo | None:
    url = web_address(image["url"]) if image else ""
    if not image or not url:
        return None
    credit = plain(image["credit"])
    return Photo(url, LEAD_WIDTH, _height(image), credit_line(credit) if english else credit)


def _height(image: Image) -> int:
    """The lead photo's height at the width it is shown; Outlook stretches a picture whose sizes do not fit."""
    if not image["width"] or not image["height"]:
        return _LEAD_HEIGHT
    return min(_TALLEST, max(1, round(LEAD_WIDTH * image["height"] / image["width"])))
