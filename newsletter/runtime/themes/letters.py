"""The letters' frame on a letter to a reader and on one to staff, and what is wrong with it.

Both stand for all: every letter has one template, and what differs is words.
"""

from datetime import UTC, datetime
from typing import Any

from newsletter.editions.render import Rendered
from newsletter.errors import NewsletterError
from newsletter.letters import render
from newsletter.letters.kinds import READERS
from newsletter.letters.models import Letter
from newsletter.mail.lint import Finding, findings
from newsletter.newsletters.models import Newsletter
from newsletter.runtime.themes.check import Tried

THEME = "letter"
_AT = datetime(2026, 11, 26, 12, tzinfo=UTC)
_ADDRESS = "14 Ropewalk, Port Alder, PA 20417"
_FACTS: dict[str, dict[str, Any]] = {
    "confirmation": {"request": 5, "asked_at": _AT, "names": ("The Even Keel",)},
    "edition-held": {
        "edition": 12, "number": 9, "subject": "The long way round", "reason": "Its time has passed.", "send_at": _AT,
    },
}  # fmt: skip


def check() -> list[Tried]:
    """Each kind made and looked through; a template at fault is a finding, not an exception."""
    return [_tried(kind, facts) for kind, facts in _FACTS.items()]


def _tried(kind: str, facts: dict[str, Any]) -> Tried:
    letter = Letter(kind=kind, newsletter=_newsletter(), payload=facts, address="reader@example.org")
    try:
        made, words = render.content_of(letter), render.words_of(letter)
    except NewsletterError as error:
        return Tried(THEME, kind, None, [Finding("error", str(error))])
    rendered = Rendered(made.subject, made.html, made.text)
    return Tried(THEME, kind, rendered, _faults(kind, rendered, words.link[1] if words.link else ""))


def _faults(kind: str, made: Rendered, way: str) -> list[Finding]:
    """`way` is what the letter is written for. Its rows are a table of data, and meant; staff need no address."""
    found = findings(made.html, made.text, unsubscribe=way, postal_address=_ADDRESS)
    lost = Finding("error", "A part of the letter has no link that can be pressed; print {{ letter.link }}", "no-link")
    told = [lost if each.code == "no-unsubscribe" else each for each in found if "table without" not in each.text]
    return [each for each in told if kind in READERS or each.code != "no-postal-address"]


def _newsletter() -> Newsletter:
    """One that nobody stored."""
    return Newsletter(
        name="The Even Keel", slug="even-keel", sender_name="The Even Keel", sender_email="desk@keel.example",
        postal_address=_ADDRESS,
    )  # fmt: skip
