"""A letter's row in, a finished mail out: the words of its kind in the letter frame, as HTML and as text."""

import re
from dataclasses import asdict, replace
from typing import Any

from django.utils import translation

from newsletter import links
from newsletter.jinja import filled
from newsletter.letters import kinds, rehearsal
from newsletter.letters.models import Letter
from newsletter.letters.words import Publication, Table, Words
from newsletter.mail.brand import brand, fonts
from newsletter.mail.content import plain
from newsletter.mail.frame import frame
from newsletter.mail.inline import inline
from newsletter.newsletters.languages import spoken
from newsletter.newsletters.models import Newsletter
from newsletter.transports.merge import Content

LONGEST_SUBJECT, LONGEST_LINE, LONGEST_NAME, MOST_LINES = 150, 600, 120, 40
_ACCENT = "#9b1c1f"
_MANY_LINES = re.compile(r"\n{3,}")
BRAND = ("logo_url", "logo_size", "headline_font", "text_font")
# RFC 3834: no auto-responder answers it. No List-* header: it is not a mailing, and there is nothing to leave.
HEADERS = (("Auto-Submitted", "auto-generated"),)


def words_of(letter: Letter) -> Words:
    """What the letter says: plain text, each string one line, no slot in it, whatever its facts hold."""
    with translation.override(_language(letter)):
        return cleaned(kinds.made(letter.kind, letter.payload).words(_publication(letter)))


def cleaned(words: Words) -> Words:
    """Each string one line of plain text, and none too long."""
    return replace(
        words,
        subject=_short(words.subject, LONGEST_SUBJECT),
        happened=_short(words.happened),
        paragraphs=_lines(words.paragraphs),
        rows=tuple((_short(label), _short(value)) for label, value in words.rows),
        wrong=_wrong(words.wrong),
        sections=tuple((_short(heading), _lines(lines)) for heading, lines in words.sections),
        tables=tuple(_clean(table) for table in words.tables),
        command=_short(words.command),
        why=_short(words.why),
    )


def content_of(letter: Letter) -> Content:
    """The mail, ready for a transport. Raises InlineError if a template is at fault."""
    if letter.kind == rehearsal.KIND:
        return rehearsal.content(letter.payload)
    return printed(letter, words_of(letter))


def printed(letter: Letter, words: Words) -> Content:
    """The letter with these words in its frame, in both forms."""
    view = _view(letter, words)
    with translation.override(_language(letter)):
        html = inline(filled("email/letter.html", view))
        text = _MANY_LINES.sub("\n\n", filled("email/letter.txt", view)).strip() + "\n"
    return Content(_sender(letter), "", words.subject, html, text, HEADERS)


def _view(letter: Letter, words: Words) -> dict[str, Any]:
    about = _about(letter)
    return {
        **frame(_language(letter), _language(letter), about.accent if about else _ACCENT),
        **fonts({name: getattr(about, name) for name in BRAND} if about else {}),
        "newsletter": {"language": _language(letter), "name": plain(_publication(letter).name)},
        "edition": {"subject": words.subject, "preheader": words.happened},
        "letter": asdict(words) | {"tables": words.tables},
        "facts": [row for row in words.rows if not _is_address(row[1])],
        "ways": [row for row in words.rows if _is_address(row[1])],
        "brand": brand({name: getattr(about, name) for name in BRAND} if about else {}),
        "why": words.why or _why(letter),
        "from_whom": plain(f"{about.sender_name}, {about.postal_address}") if about and words.why else "",
    }


def _is_address(value: str) -> bool:
    """Rows that lead somewhere stand with the links."""
    return value.startswith(links.absolute("/"))


def _language(letter: Letter) -> str:
    """Readers are written to in their newsletter's language, staff in English."""
    return spoken(letter.newsletter.language) if letter.newsletter and letter.kind in kinds.READERS else "en"


def _publication(letter: Letter) -> Publication:
    about = _about(letter)
    return Publication(about.name, about.zone) if about else Publication(links.host())


def _about(letter: Letter) -> Newsletter | None:
    """The newsletter it is about; what is about the whole installation is about its only newsletter, if it has one."""
    if letter.newsletter:
        return letter.newsletter
    known = Newsletter.objects.order_by("pk")[:2]
    return known[0] if len(known) == 1 else None


def _why(letter: Letter) -> str:
    """Why this person gets it, for the foot."""
    if letter.address and letter.route == Letter.Route.ALERT:
        return "You get this letter because the setting alert_to names your address."
    if letter.staff:
        return f"You get this letter because you are on the staff at {links.host()}."
    return f"You get this letter because your address was given at {links.host()}."


def _sender(letter: Letter) -> tuple[str, str]:
    """The newsletter's own sender; for what is about none, that of the first one."""
    about = letter.newsletter or Newsletter.objects.order_by("pk").first()
    return (plain(about.sender_name), about.sender_email) if about else ("newsletter", f"newsletter@{links.host()}")


def _lines(lines: tuple[str, ...] | list[str]) -> tuple[str, ...]:
    kept = tuple(_short(line) for line in lines[:MOST_LINES])
    return (*kept, f"and {len(lines) - MOST_LINES:,} more") if len(lines) > MOST_LINES else kept


def _wrong(pairs: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    kept = tuple((_short(what), _short(command)) for what, command in pairs[:MOST_LINES])
    more = (f"And {len(pairs) - MOST_LINES:,} more.", "newsletter status")
    return (*kept, more) if len(pairs) > MOST_LINES else kept


def _clean(table: Table) -> Table:
    lines = [
        replace(line, name=_short(line.name, LONGEST_NAME), why=_short(line.why, LONGEST_NAME))
        for line in table.lines[:MOST_LINES]
    ]
    return replace(table, heading=_short(table.heading), lines=tuple(lines))


def _short(text: str, most: int = LONGEST_LINE) -> str:
    words = plain(text[: 4 * most])  # it looks at every character
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"
