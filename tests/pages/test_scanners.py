"""Mail scanners, previews and prefetching browsers follow every link of every mail: nothing may change by that (T-13).

`TEST_SCANS=1000` follows each link so often in each way; it takes some ten minutes.
"""

import email
import email.policy
import os
import re
from collections import Counter
from collections.abc import Iterator
from email.message import EmailMessage
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.test import Client
from django.utils import timezone

from newsletter.deliveries import plan, send
from newsletter.letters import kinds, render, writing
from newsletter.letters.models import Letter
from newsletter.newsletters.models import Newsletter, Role, Staff
from newsletter.subscribers import signup
from newsletter.subscribers.models import SignUp, Subscription
from newsletter.transports.memory import MemoryTransport
from tests import builders
from tests.letters.samples import FACTS

SCANS = int(os.environ.get("TEST_SCANS", "2"))
SITE = "https://news.example.org"
LIVE = ("u", "p", "me", "c", "a")  # the pages behind a reader's token
WAYS = (
    ("get", {"User-Agent": "Barracuda Sentinel (EE)"}),
    ("head", {"User-Agent": "Mozilla/5.0 (compatible; ms-office; MSOffice 16)"}),
    ("options", {}),
    ("get", {"Purpose": "prefetch", "Sec-Purpose": "prefetch;prerender"}),
)


@pytest.fixture
def reader(open_newsletter: Newsletter) -> Subscription:
    """The reader whom all the mails are for."""
    builders.add_readers(open_newsletter, 1)
    return Subscription.objects.select_related("subscriber").get()


def edition_mail(newsletter: Newsletter) -> EmailMessage:
    """The reader's copy, as a transport got it."""
    builders.scheduled_edition(newsletter, note="Read [our archive](https://news.example.org/archive/the-meridian/).")
    plan.begin_due()
    while plan.plan_next(500):
        pass
    transport = MemoryTransport()
    while send.send_next(transport):
        pass
    [copy] = transport.copies
    return email.message_from_bytes(copy.message, policy=email.policy.default)


def mailed(reader: Subscription) -> tuple[SignUp, SignUp]:
    """A sign-up and a change of address whose letters went out."""
    about = {"newsletters": [reader.newsletter]}
    asked = signup.ask(signup.Asked(address="grace@example.org", **about))
    moves = signup.ask(signup.Asked(address="ada@example.net", source="move", **about), reader.subscriber)
    SignUp.objects.update(status="mailed")
    return asked, moves


def letters(reader: Subscription, staff: Staff) -> Iterator[str]:
    """The texts of every kind of letter there is."""
    asked_at = timezone.now()
    request, move = mailed(reader)
    facts = {
        "confirmation": {"request": request.public_id, "asked_at": asked_at, "names": ("The Meridian",)},
        "already": {"subscription": reader.public_id, "names": ("The Meridian",)},
        "welcome": {"subscription": reader.public_id, "archive": f"{SITE}/archive/the-meridian/"},
        "goodbye": {"subscription": reader.public_id},
        "fresh-link": {"subscription": reader.public_id, "asked_at": asked_at},
        "address-change": {"request": move.public_id, "asked_at": asked_at},
        "invitation": {"staff": staff.pk, "role": "editor"},
        "login-link": {"staff": staff.pk},
        **FACTS,
    }
    for kind, of_kind in facts.items():
        to = reader.subscriber if kind in kinds.READERS else staff
        writing.write(kind, to, "once", newsletter=reader.newsletter, **of_kind)
    for letter in Letter.objects.order_by("pk"):
        content = render.content_of(letter)
        yield f"{content.text}\n{content.html}"


def links_in(text: str) -> set[str]:
    """The paths on our own site that a text leads to."""
    found = (urlsplit(url.replace("&amp;", "&")) for url in re.findall(r"https?://[^\s\"'<>)]+", text))
    return {url.path + (f"?{url.query}" if url.query else "") for url in found if url.hostname == "news.example.org"}


def everything() -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    return {model._meta.db_table: list(model.objects.order_by("pk").values_list()) for model in apps.get_models()}


@pytest.mark.django_db
def test_following_every_link_of_every_mail_changes_nothing(visitor: Client, reader: Subscription) -> None:
    # Given every mail that a reader and an editor can get
    staff = Staff.objects.create(email="ada@meridian.example", name="Ada", role=Role.EDITOR)
    mail = edition_mail(reader.newsletter)
    body = "\n".join(part.get_content() for part in mail.walk() if part.get_content_maintype() == "text")
    texts = [str(mail["List-Unsubscribe"]), body, *letters(reader, staff)]
    paths = sorted(set().union(*map(links_in, texts)))
    purposes = {path.split("/")[1] for path in paths}
    assert purposes >= {"u", "p", "me", "c", "a", "e", "archive", "desk"}
    # whose links lead to what they are about
    readers = [path for path in paths if path.split("/")[1] in LIVE]
    assert {path: visitor.get(path).status_code for path in readers} == dict.fromkeys(readers, 200)
    # When machines follow each of them in every way
    before = everything()
    answers = Counter(
        getattr(visitor, method)(path, headers=headers).status_code
        for _ in range(SCANS)
        for path in paths
        for method, headers in WAYS
    )
    print(f"{len(paths)} links, {answers.total():,} requests: {dict(answers)}")  # the long form's figure
    # Then no row of any table is another, and nothing failed
    assert everything() == before
    assert all(status < 500 for status in answers)
