"""The mails that are judged: every theme on every week, one with counted links, a correction, every kind of letter."""

from functools import cache

from django.test import RequestFactory

from newsletter import jinja
from newsletter.editions.render import Rendered, render
from newsletter.editions.snapshot import Snapshot
from newsletter.editions.topics import Coming, Copy
from newsletter.letters import kinds, rehearsal
from newsletter.letters import render as letters
from newsletter.letters.models import Letter
from newsletter.letters.staff_kinds import Invitation, LoginLink
from newsletter.letters.words import Publication
from newsletter.newsletters.models import Newsletter, Staff
from newsletter.pages.answer import page
from newsletter.runtime.themes.weeks import PHOTOS, branded_week, one_story, weeks
from newsletter.subscribers.models import Subscription
from newsletter.transports.merge import Content
from tests.builders import at
from tests.letters.samples import FACTS

ASKED = at("2026-11-26 12:00")
READERS = {
    "confirmation": {"request": 5, "asked_at": ASKED, "names": ("The Even Keel",)},
    "already": {"subscription": 5, "names": ("The Even Keel",)},
    "welcome": {"subscription": 5, "archive": "https://news.example.org/archive/even-keel/"},
    "goodbye": {"subscription": 5},
    "fresh-link": {"subscription": 5, "asked_at": ASKED},
    "address-change": {"request": 5, "asked_at": ASKED},
}
LOGINS = {
    "invitation": Invitation(staff=12, role="editor", by="Maren Holt"),
    "login-link": LoginLink(staff=12),
}


@cache
def all_mails() -> dict[str, Rendered]:
    """By name, such as roundup-ugly."""
    plain = {f"{theme}-{name}": render(week) for theme in jinja.themes() for name, week in weeks(theme).items()}
    return {**plain, "roundup-counted": render(_counted()), "roundup-correction": render(_correction())}


def _counted() -> Snapshot:
    """Every entry leads through our own links, with the hidden one and the slot of the pixel."""
    week = branded_week()
    week["newsletter"]["links"] = "personal"
    return week


def _correction() -> Snapshot:
    week = one_story()
    week["edition"]["kind"] = "correction"
    return {**week, "note": "We named the wrong minister. **It was the other one**, and we are sorry."}


@cache
def all_letters() -> dict[str, Content]:
    """By kind; no table is asked."""
    made = {kind: letters.content_of(letter(kind, facts)) for kind, facts in {**FACTS, **READERS}.items()}
    return made | {kind: _to_staff(kind, LOGINS[kind]) for kind in LOGINS}


def _to_staff(kind: str, said: Invitation | LoginLink) -> Content:
    person = Staff(pk=12, email="maren@example.org", created_at=ASKED)
    sheet = letter(kind, {})
    sheet.staff = person
    return letters.printed(sheet, letters.cleaned(said.said(Publication("The Even Keel"), person)))


def letter(kind: str, facts: dict[str, object], language: str = "en") -> Letter:
    """One that nobody stored."""
    about = Newsletter(
        name="The Even Keel", slug="even-keel", sender_name="The Even Keel", sender_email="desk@keel.example",
        postal_address="14 Ropewalk, Port Alder, PA 20417", language=language,
        logo_url=f"{PHOTOS}/logo.png" if kind == "welcome" else "",
    )  # fmt: skip
    return Letter(kind=kind, newsletter=about, payload=facts, address="reader@example.org")


def kinds_not_judged() -> set[str]:
    """Those that all_letters leaves out."""
    return set(kinds.KINDS) - all_letters().keys() - {rehearsal.KIND}


def preferences() -> str:
    """The page where a reader chooses, with something of everything on it."""
    here = Subscription(newsletter=letter("welcome", {}).newsletter, status="active", public_id=5)
    facts = {
        "said": "topics", "token": "0" * 34, "here": here, "address": "r•••@example.org", "subscriptions": [here],
        "offered": ["Africa", "Europe"], "chosen": ["Africa"], "weeks": (1, 2, 4),
        "coming": Coming(Copy.OWN, stories=14, about=3, own=4),
        "states": {"active": "You get it"}, "others": [], "may_count": False,
    }  # fmt: skip
    request = RequestFactory().get("/p/x")
    return page(request, "pages/preferences.html", here.newsletter, **facts).content.decode()
