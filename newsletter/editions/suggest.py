"""The subject and preheader that an edition suggests, from its stories and the newsletter's own phrases."""

from dataclasses import dataclass
from datetime import date

from django.utils import translation

from newsletter.editions.freeze import local_date
from newsletter.editions.models import Edition
from newsletter.editions.words import PREHEADER_LENGTH, SUBJECT_LENGTH, shortened
from newsletter.mail.content import plain
from newsletter.newsletters import phrases
from newsletter.newsletters.languages import spoken, written


@dataclass(frozen=True)
class Words:
    """Both are "" for an edition without stories."""

    subject: str = ""
    preheader: str = ""


def words(edition: Edition) -> Words:
    """The first story leads the subject and the next two are the preheader, unless the newsletter's phrases differ."""
    placed = edition.items.filter(dropped=False, article__isnull=False).select_related("article", "section")
    titles = [plain(item.title) for item in placed[:3]]
    if not titles:
        return Words()
    newsletter, day = edition.newsletter, local_date(edition)
    values = {
        "lead": titles[0],
        "more": " · ".join(titles[1:]),
        "newsletter": plain(newsletter.name),
        "number": str(edition.number),
        "date": _in_words(date.fromisoformat(day), newsletter.language),
    }
    subject = phrases.fill(newsletter.subject_template or "{lead}", values)
    preheader = phrases.fill(newsletter.preheader_template or "{more}", values)
    return Words(shortened(subject, SUBJECT_LENGTH), shortened(preheader, PREHEADER_LENGTH))


def _in_words(day: date, language: str) -> str:
    """In figures where we do not speak the newsletter's language."""
    with translation.override(spoken(language)):
        return written(day) if language.lower().startswith(spoken(language)) else day.isoformat()
