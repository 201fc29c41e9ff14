"""What the templates print for each kind of item. Pure; strings are one line of plain text, "" where there is none."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from markupsafe import Markup

from newsletter import clock
from newsletter.editions.snapshot import (
    ArticleContent,
    Author,
    EventContent,
    Image,
    ItemContent,
    NoteContent,
    OutsideContent,
    PromotionContent,
    SectionContent,
)
from newsletter.mail import note
from newsletter.mail.content import credit_line, plain, web_address
from newsletter.newsletters.languages import written

LEAD_WIDTH = 536
"""Pixels of the lead's photo: the measure of the text."""
PLATE_WIDTH = 496
"""Pixels of a promotion's picture: the measure inside its plate."""
_RATIO = 357 / 536  # of a photo whose size nobody knows: three to two, as most press photos are
_TALLEST = 1_728  # Outlook crops what is higher


@dataclass(frozen=True)
class Letter:
    """What a block has to know: whether our own words are in its language; `link` is done to links in notes."""

    fits: bool
    link: Callable[[str], str] = str


@dataclass(frozen=True)
class Photo:
    """A picture in its place: `width` and `height` are pixels on the page."""

    url: str
    width: int
    height: int
    credit: str
    alt: str


@dataclass(frozen=True)
class Story:
    """An article of the publication, or with the outlet as its kicker one of another."""

    url: str
    title: str
    kicker: str
    dek: str
    byline: str
    small_print: str
    photo: Photo | None
    type: str = "story"


@dataclass(frozen=True)
class Note:
    """Words of the editor's; `html` is safe."""

    title: str
    html: Markup
    text: list[note.Paragraph]
    type: str = "note"


@dataclass(frozen=True)
class Event:
    """`when` has date, time and zone."""

    kicker: str
    title: str
    when: str
    place: str
    dek: str
    url: str
    button: str
    type: str = "event"


@dataclass(frozen=True)
class Promotion:
    """`label` says that it is paid for or promoted, and by whom."""

    label: str
    title: str
    dek: str
    url: str
    button: str
    photo: Photo | None
    type: str = "promotion"


Block = Story | Note | Event | Promotion


def block(item: ItemContent, section: SectionContent, letter: Letter) -> Block:
    """An item as its section prints it."""
    match item["type"]:
        case "note":
            return _note(item, letter)
        case "event":
            return _event(item, section, letter)
        case "outside":
            return _outside(item, letter)
        case "promotion":
            return _promotion(item, letter)
        case _:
            return _story(item, section, letter)


def _story(item: ArticleContent, section: SectionContent, letter: Letter) -> Story:
    """Our own "By" and "Photo:" stand only in English letters; names and credits speak for themselves in others."""
    photo = _photo(item["image"], LEAD_WIDTH, letter)
    byline = _byline(item["byline"], letter)
    return Story(
        url=web_address(item["url"]),
        title=plain(item["title"]),
        kicker=_kicker([item["kind"], *item["topics"][:1]], "" if section["is_lead"] else section["name"]),
        dek=plain(item["dek"]),
        byline=byline,
        small_print=" · ".join(filter(None, [byline, photo.credit if photo else ""])),
        photo=photo,
    )


def _note(item: NoteContent, letter: Letter) -> Note:
    html, text = note.to_html(item["text"], letter.link), note.to_text(item["text"], letter.link)
    return Note(plain(item["title"]), html, text)


def _event(item: EventContent, section: SectionContent, letter: Letter) -> Event:
    url = web_address(item["url"])
    return Event(
        kicker=_kicker([_("Event")], section["name"].removesuffix("s")) if letter.fits else "",
        title=plain(item["title"]),
        when=plain(_when(item, letter)),
        place=plain(item["place"]),
        dek=plain(item["dek"]),
        url=url,
        button=plain(item["button"]) if url else "",
    )


def _outside(item: OutsideContent, letter: Letter) -> Story:
    byline = _byline(item["byline"], letter)
    day = _day(date.fromisoformat(item["date"]), letter, weekday=False) if item["date"] else ""
    small = " · ".join(filter(None, [byline, day]))
    return Story(
        url=web_address(item["url"]),
        title=plain(item["title"]),
        kicker=plain(item["outlet"]),
        dek=plain(item["dek"]),
        byline=small,
        small_print=small,
        photo=None,
    )


def _promotion(item: PromotionContent, letter: Letter) -> Promotion:
    url = web_address(item["url"])
    return Promotion(
        label=" · ".join(filter(None, [plain(item["label"]), plain(item["sponsor"])])),
        title=plain(item["title"]),
        dek=plain(item["dek"]),
        url=url,
        button=plain(item["button"]) if url else "",
        photo=_photo(item["image"], PLATE_WIDTH, letter),
    )


def _when(item: EventContent, letter: Letter) -> str:
    """ "Thursday 3 December 2026, 13:00 to 14:30 New York"; in figures where our words do not fit."""
    zone = ZoneInfo(item["zone"])
    starts = datetime.fromisoformat(item["starts"]).astimezone(zone)
    ends = datetime.fromisoformat(item["ends"]).astimezone(zone) if item["ends"] else None
    to = _("to") if letter.fits else "–"
    until = ""
    if ends:
        other_day = "" if ends.date() == starts.date() else f"{_day(ends.date(), letter)}, "
        until = f" {to} {other_day}{ends:%H:%M}"
    return f"{_day(starts.date(), letter)}, {starts:%H:%M}{until} {clock.place(item['zone'])}"


def _day(day: date, letter: Letter, *, weekday: bool = True) -> str:
    if not letter.fits:
        return day.isoformat()
    return written(day) if weekday else date_format(day, "j F Y")


def _kicker(words: list[str], section: str) -> str:
    """Kind and first topic ("Analysis · Africa"), without what the section's name says already."""
    printed = [plain(word) for word in words]
    return " · ".join(word for word in printed if word and word.casefold() != section.casefold())


def _byline(authors: list[Author], letter: Letter) -> str:
    """ "By Ada Obi and Jun Sato", or with roles "By Ada Obi, fellow; Jun Sato, editor"."""
    named = [author for author in authors if plain(author["name"])]
    if not named:
        return ""
    words = [", ".join(filter(None, [plain(author["name"]), plain(author["role"])])) for author in named]
    if any(author["role"] for author in named):
        joined = "; ".join(words)
    elif letter.fits:
        conjunction = _("and")
        joined = f" {conjunction} ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
    else:
        return ", ".join(words)
    return _("By %(names)s") % {"names": joined} if letter.fits else joined


def _photo(image: Image | None, width: int, letter: Letter) -> Photo | None:
    url = web_address(image["url"]) if image else ""
    if not image or not url:
        return None
    credit = plain(image["credit"])
    printed = credit_line(credit, _("Photo: ")) if letter.fits else credit
    return Photo(url, width, _height(image, width), printed, plain(image["alt"]))


def _height(image: Image, width: int) -> int:
    """A photo's height at the width it is shown; Outlook stretches a picture whose sizes do not fit."""
    if not image["width"] or not image["height"]:
        return round(width * _RATIO)
    return min(_TALLEST, max(1, round(width * image["height"] / image["width"])))
