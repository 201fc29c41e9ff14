"""A snapshot in, a finished mail out: the same bytes for the same snapshot, and no database in between."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from newsletter import links
from newsletter.editions import counting, themed
from newsletter.editions.blocks import Letter, block
from newsletter.editions.snapshot import EditionFacts, NewsletterFacts, Snapshot
from newsletter.editions.tagging import tagged, tags_of
from newsletter.errors import NewsletterError, Refused
from newsletter.mail import note, slots
from newsletter.mail.content import plain, web_address
from newsletter.mail.frame import frame
from newsletter.mail.slots import TOKEN
from newsletter.newsletters.languages import spoken, written

HTML_LIMIT = 90_000
"""Bytes of HTML above which nothing is rendered: Gmail cuts a mail off at about 102,400, links at its foot included."""

_COUNTED = re.compile(rf"/r/[\w-]+/{slots.CLICK}")


class TooLarge(Refused):
    """The mail would be cut off in Gmail."""


class SlotError(NewsletterError):
    """The finished mail holds a slot where none belongs."""


class WayOutMissing(NewsletterError):
    """A part of the finished mail has no way to unsubscribe."""


@dataclass(frozen=True)
class Rendered:
    """A finished mail for one topic set; the slots of newsletter.mail.slots are still in it."""

    subject: str
    html: str
    text: str


def render(snapshot: Snapshot) -> Rendered:
    """The round-up's subject, HTML and text.

    Raises TooLarge above HTML_LIMIT, InlineError, SlotError or WayOutMissing if a template is at fault.
    """
    tags = tags_of(snapshot, settings.SITE_URL)
    marked = tagged(snapshot, tags)
    printed = content(counting.counted(marked), link=partial(tags.on, place="note"))
    pixel = slots.PIXEL if counting.mode_of(snapshot) == "personal" else ""
    view = {**printed, "unsubscribe": links.unsubscribe(TOKEN), "canary": counting.canary(snapshot), "pixel": pixel}
    with translation.override(spoken(snapshot["newsletter"]["language"])):
        html, text = themed.finished(marked, view)
    _check_slots(html, text)
    _check_size(html)
    return Rendered(view["edition"]["subject"], html, text)


def _check_slots(html: str, text: str) -> None:
    """Each part has the way out; the token stands there and in the way to choose, and no other slot in anything."""
    for part in (html, text):
        if links.unsubscribe(TOKEN) not in part:
            raise WayOutMissing(
                "A part of the mail has no way to unsubscribe. Nothing was stored.",
                hint="Mend the template: it has to print `unsubscribe`.",
            )
        filled = part.replace(links.unsubscribe(TOKEN), "").replace(links.preferences(TOKEN), "")
        if "@@" in _COUNTED.sub("", filled).replace(slots.PIXEL, ""):
            raise SlotError(
                "The mail holds a slot that nobody fills. Nothing was stored.",
                hint="Mend the template: it prints `unsubscribe`, perhaps `preferences`, and no other @@.",
            )


def _check_size(html: str) -> None:
    size = len(html.encode())
    if size > HTML_LIMIT:
        raise TooLarge(
            f"The mail's HTML has {size:,} bytes; above {HTML_LIMIT:,} Gmail may cut off its end. Nothing was stored.",
            hint="Take out stories (each takes about 1,600 bytes) or shorten the note, then render again.",
        )


def content(snapshot: Snapshot, link: Callable[[str], str] = str) -> dict[str, Any]:
    """What templates see of an edition, whether they print a mail or a page. `link` is done to links in notes."""
    ours = spoken(snapshot["newsletter"]["language"])
    with translation.override(ours):
        return _content(snapshot, ours, link)


def _content(snapshot: Snapshot, ours: str, link: Callable[[str], str]) -> dict[str, Any]:
    newsletter = snapshot["newsletter"]
    look = frame(newsletter["language"], ours, newsletter["accent"])
    letter = Letter(look["fits"], link)
    found = [(section, [block(item, section, letter) for item in section["items"]]) for section in snapshot["sections"]]
    return {
        **look,
        "edition": _edition(snapshot["edition"]),
        "newsletter": _newsletter(newsletter),
        "note_html": note.to_html(snapshot["note"], link),
        "note_text": note.to_text(snapshot["note"], link),
        "lead": next((blocks[0] for section, blocks in found if section["is_lead"] and blocks), None),
        "sections": [
            {"name": plain(section["name"]), "blocks": blocks, "is_list": section.get("is_list", False)}
            for section, blocks in found
            if not section["is_lead"]
        ],
    }


def _edition(facts: EditionFacts) -> dict[str, str]:
    kind = {"special": _("Special edition"), "correction": _("Correction")}.get(facts["kind"])
    number = _("No. %(number)s") % {"number": facts["number"]}
    return {
        "subject": plain(facts["subject"]),
        "preheader": plain(facts["preheader"]),
        "written_date": written(date.fromisoformat(facts["date"])),
        "folio": f"{kind} · {number}" if kind else number,
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
