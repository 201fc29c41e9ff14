"""A French newsletter's readers read French: every page, and every answer to what they send."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.utils import timezone
from lxml import html

from newsletter import signing
from newsletter.newsletters.models import Newsletter
from newsletter.signing import Purpose, fresh
from newsletter.subscribers import choices, consent
from newsletter.subscribers.models import Consent, SignUp, Subscriber
from newsletter.subscribers.signup import Asked, ask
from tests import builders

pytestmark = pytest.mark.django_db
CATALOGUE = Path(signing.__file__).parent / "locale/fr/LC_MESSAGES/django.po"
SPOKEN = ("title", "alt", "aria-label", "placeholder", "content", "value")
FORM = "/subscribe/la-meridienne"


@pytest.fixture(scope="module")
def english():
    """What our own language says otherwise than French; a placeholder stands for anything."""
    with CATALOGUE.open("rb") as file:
        messages = [each for each in read_po(file) if each.id]
    forms = [
        form
        for each in messages
        for form in (each.id if isinstance(each.id, tuple) else (each.id,))
        if form not in (each.string if isinstance(each.string, tuple) else (each.string,))
    ]
    short, long = [], []
    for form in forms:
        (long if len(form) > 20 else short).append(re.sub(r"%\\\(\w+\\\)[sd]", ".+", re.escape(form)))
    whole, part = (re.compile("|".join(each)) for each in (short, long))
    return lambda text: whole.fullmatch(text) or part.search(text)


@pytest.fixture
def newsletter(db):
    return builders.make_newsletter(
        "La Meridienne", language="fr", privacy_url="https://meridienne.example/vie-privee", archive="public",
        links=Newsletter.Links.PERSONAL,
    )  # fmt: skip


def said(page):
    """Each piece of text that somebody sees or hears."""
    root = html.fromstring(page)
    texts = [*root.itertext(), *(each.get(name, "") for each in root.iter() for name in SPOKEN)]
    return {" ".join(text.split()) for text in texts if text.strip()}


def asked(newsletter, address, mover=None):
    request = ask(Asked(address=address, newsletters=[newsletter]), mover)
    SignUp.objects.filter(pk=request.pk).update(status="mailed")
    return request.public_id


def pages(newsletter):
    """What is opened and what is sent to each door, in the order in which a reader meets them."""
    now = timezone.now()
    readers = builders.add_readers(newsletter, 5)
    consent.unsubscribe(readers[1], Consent.Source.PAGE)
    choices.pause(readers[2], 4, now)
    first, left, paused = (f"/p/{builders.token_of(reader)}" for reader in readers[:3])
    confirming = f"/c/{fresh(Purpose.CONFIRM, asked(newsletter, 'a@example.org'), now)}"
    moving = f"/a/{fresh(Purpose.ADDRESS, asked(newsletter, 'b@example.org', readers[3].subscriber), now)}"
    taken = asked(newsletter, readers[0].subscriber.email, readers[3].subscriber)
    mine, leaving = f"/me/{fresh(Purpose.PERSONAL, readers[3].public_id, now)}", f"/u/{builders.token_of(readers[4])}"
    test = signing.token_of_test(newsletter.pk)
    yield from ((path, None) for path in ("/archive/la-meridienne/", "/archive/la-meridienne/1"))
    yield from ((path, None) for path in (FORM, f"{FORM}/frame", "/nothing", "/u/x", "/archive/nobody/"))
    for sent in ({}, {"address": "x", "name": "x" * 201}, {"address": "c@example.org", "reference": "spam"}):
        yield FORM, sent
    yield "/subscribe/", {}
    yield FORM, {"address": "c@example.org"}
    yield FORM, {"address": "c@example.org", "again": "1"}
    for path in (confirming, moving):
        yield from ((path, sent) for sent in (None, {}, {}))
    yield f"/a/{fresh(Purpose.ADDRESS, taken, now)}", {}
    yield from ((path, None) for path in (first, left, paused, f"/p/{test}", f"/u/{test}"))
    yield f"/u/{test}", {}
    deeds = ({"do": "topics"}, {"do": "pause"}, {"do": "count"}, {"do": "do-not-count"}, {"do": "link"})
    yield from ((first, sent) for sent in (*deeds, {"do": "pause", "weeks": "4"}))
    yield first, {"do": "leave", "newsletter": newsletter.slug}
    own = ({"do": "name", "name": "x" * 201}, {"do": "name", "name": "Ada"}, {"do": "address", "address": "x"})
    yield from ((mine, sent) for sent in (None, *own, {"do": "address", "address": "d@example.org"}, {"do": "erase"}))
    for path, sent in ((leaving, None), (leaving, {}), (f"{leaving}/why", {"words": "x" * 201})):
        yield path, sent
    yield f"{leaving}/why", {"reason": "often"}
    yield f"{leaving}/undo", {}
    yield mine, {"do": "erase", "sure": "1"}


def test_no_page_of_a_french_newsletter_says_a_word_of_english(visitor, newsletter, english):
    builders.sent_edition(newsletter)
    found = {}
    for path, sent in pages(newsletter):
        speaks = {"headers": {"accept-language": "fr"}}
        response = visitor.get(path, **speaks) if sent is None else visitor.post(path, sent, **speaks)
        assert response.status_code in (200, 404), path
        found |= {text: (path, sent) for text in said(response.content) if english(text)}
    assert found == {}
    # And the way was gone to its end
    assert Subscriber.objects.filter(email=None).count() == 1
