"""Letters to look at, and what is wrong with them: all that readers get, and of those to staff one for each part.

Every letter has one template, and what differs is words: a notice stands for notices, an alert has lists, a report has
tables of numbers.
"""

from datetime import UTC, datetime
from typing import Any

from newsletter import links
from newsletter.editions.render import Rendered
from newsletter.errors import NewsletterError
from newsletter.letters import render
from newsletter.letters.alert_kinds import Wrong
from newsletter.letters.kinds import READERS
from newsletter.letters.models import Letter
from newsletter.mail.lint import Finding, findings
from newsletter.newsletters.models import Newsletter
from newsletter.runtime.themes.check import Tried
from newsletter.runtime.themes.weeks import PHOTOS

THEME = "letter"
_AT = datetime(2026, 11, 26, 12, tzinfo=UTC)
_ADDRESS = "14 Ropewalk, Port Alder, PA 20417"
_REPORT: dict[str, Any] = {
    "listening": True, "complaints": 2, "deferred": 41, "reading": None, "reasons": [],
    "stages": [
        {"name": "candidates", "count": 1031, "losses": [{"name": "paused", "count": 31, "why": ""}]},
        {"name": "planned", "count": 1000, "losses": [
            {"name": "rejected", "count": 10, "why": "the transport refused these copies"}]},
        {"name": "accepted", "count": 990, "losses": [
            {"name": "bounced: hard", "count": 12, "why": "no such mailbox"}]},
        {"name": "delivered", "count": 978, "losses": []},
    ],
    "mailboxes": [{"name": "Google", "accepted": 600, "delivered": 597, "bounced": 3, "complained": 2}],
    "unsubscribes": [{"name": "one-click", "count": 3, "why": ""}],
    "this": {"number": 9, "delivered": 0.988, "bounced": 0.012, "complained": 2, "left": 3},
    "before": [{"number": 8, "delivered": 0.991, "bounced": 0.009, "complained": 1, "left": 4}],
}  # fmt: skip
_EDITION = {"edition": 12, "number": 9, "subject": "The long way round the Cape"}
_FACTS: dict[str, dict[str, Any]] = {
    "confirmation": {"request": 5, "asked_at": _AT, "names": ("The Even Keel",)},
    "already": {"subscription": 5, "names": ("The Even Keel",)},
    "welcome": {"subscription": 5, "archive": links.archive("even-keel")},
    "goodbye": {"subscription": 5},
    "fresh-link": {"subscription": 5, "asked_at": _AT},
    "address-change": {"request": 5, "asked_at": _AT},
    "edition-held": {**_EDITION, "reason": "Its time has passed.", "send_at": _AT},
    "alerts": {
        "raised": (
            Wrong(level="page", words="No. 9 makes no progress.", command="newsletter batch list", since=""),
            Wrong(level="morning", words="A feed is silent.", command="newsletter feed list", since="for 2 h"),
        ),
        "ended": (),
    },
    "edition-report": {**_EDITION, "after": "day", "report": _REPORT},
}  # fmt: skip
KINDS = tuple(_FACTS)


def check() -> list[Tried]:
    """Each kind made and looked through; a template at fault is a finding, not an exception."""
    return [tried(kind) for kind in KINDS]


def tried(kind: str) -> Tried:
    """One of KINDS."""
    letter = Letter(kind=kind, newsletter=_newsletter(), payload=_FACTS[kind], address="reader@example.org")
    try:
        made, words = render.content_of(letter), render.words_of(letter)
    except NewsletterError as error:
        return Tried(THEME, kind, None, [Finding("error", str(error))])
    rendered = Rendered(made.subject, made.html, made.text)
    return Tried(THEME, kind, rendered, _faults(kind, rendered, words.link[1] if words.link else ""))


def _faults(kind: str, made: Rendered, way: str) -> list[Finding]:
    """`way`, where there is one, is what the letter is written for. Its rows are a table of data, and meant.

    Staff need no address.
    """
    found = findings(made.html, made.text, unsubscribe=way, postal_address=_ADDRESS)
    found = [each for each in found if way or each.code != "no-unsubscribe"]
    lost = Finding("error", "A part of the letter has no link that can be pressed; print {{ letter.link }}", "no-link")
    told = [lost if each.code == "no-unsubscribe" else each for each in found if "table without" not in each.text]
    return [each for each in told if kind in READERS or each.code != "no-postal-address"]


def _newsletter() -> Newsletter:
    """One that nobody stored."""
    return Newsletter(
        name="The Even Keel", slug="even-keel", sender_name="The Even Keel", sender_email="desk@keel.example",
        postal_address=_ADDRESS, logo_url=f"{PHOTOS}/logo.png", logo_size="56x56",
    )  # fmt: skip
