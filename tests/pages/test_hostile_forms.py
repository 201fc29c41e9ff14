"""Every field of every form that a reader meets, filled in by an enemy: a page that says what is wrong, never a fault.

The forms are read out of the pages, so a new field is tried as soon as it is there.
"""

import re
from datetime import timedelta
from itertools import product
from urllib.parse import quote_from_bytes, urlencode

import pytest
from django.utils import timezone
from lxml import html

from newsletter.signing import Purpose, fresh
from newsletter.subscribers import tokens
from newsletter.subscribers.models import Consent, Defence, SignUp, Subscriber, Subscription
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

FORM = "/subscribe/the-meridian"
FIELDS = {"address", "name", "topics", "newsletters", "reference", "began", "ticket", "number", "weeks", "words", "do"}
URLENCODED = "application/x-www-form-urlencoded"
HOSTILE = {
    "overlong": b"x" * 200_000,
    "nul": b"ada\0@example.org",
    "binary": bytes(range(128, 256)),
    "broken-utf-8": b"\xc3\x28\xed\xa0\x80",
    "header-injection": b"ada@example.org\r\nBcc: all@example.org",
    "line-separator": "ada@example.org\u2028Bcc: all@example.org".encode(),
    "right-to-left": "\u202eada\u202c@example.org".encode(),
    "invisible": "ad\u200ba\ufeff@exam\u00adple.org".encode(),
    "full-width": "ａｄａ＠ｅｘａｍｐｌｅ．ｏｒｇ１２".encode(),
    "combining": ("a" + "\u0301" * 300).encode(),
    "outside-the-plane": "💥\U0010ffff".encode(),
    "markup": b"'\"><svg/onload=alert(1)><script>alert(1)</script>",
    "template": b"{{7*7}}${7*7}<%=7*7%>@@TOKEN@@%(x)s",
    "sql": b"' OR 1=1; DROP TABLE newsletter_subscriber;--",
    "number": b"99999999999999999999999999",
    "empty": b"",
}


@pytest.fixture
def pages(open_newsletter, visitor):
    """The pages with forms, by name: their text, and where they stand."""
    builders.make_newsletter("The Parallel", privacy_url="https://meridian.example/privacy")
    builders.sent_edition(open_newsletter)
    here, left, paused = builders.add_readers(open_newsletter, 3)
    Subscription.objects.filter(pk=left.pk).update(status="unsubscribed", unsubscribed_at=timezone.now())
    Subscription.objects.filter(pk=paused.pk).update(status="paused")
    values = {"abuse_key": "k", "domain": "", "source": "page", "status": "mailed"}
    request = SignUp.objects.create(address="x@example.org", address_key="k", **values)
    move = SignUp.objects.create(address="y@example.org", address_key="l", subscriber=here.subscriber, **values)
    now = timezone.now()
    paths = {
        "form": FORM,
        "frame": f"{FORM}/frame",
        "several": "/subscribe/",
        "archive": "/archive/the-meridian/",
        "edition": "/archive/the-meridian/1",
        "preferences": f"/p/{tokens.token_for(here.public_id)}",
        "paused": f"/p/{tokens.token_for(paused.public_id)}",
        "personal": f"/me/{fresh(Purpose.PERSONAL, here.public_id, now)}",
        "leave": f"/u/{tokens.token_for(here.public_id)}",
        "goodbye": f"/u/{tokens.token_for(left.public_id)}",
        "confirm": f"/c/{fresh(Purpose.CONFIRM, request.public_id, now)}",
        "move": f"/a/{fresh(Purpose.ADDRESS, move.public_id, now)}",
    }
    found = {name: (visitor.get(path).text, path) for name, path in paths.items()}
    found["sent"] = (visitor.post(FORM, {"address": "ada@example.org"}).text, FORM)
    Defence.objects.create(pk=1, until=now + timedelta(hours=1))
    found["proof"] = (visitor.post(FORM, {"address": "ada@example.org"}).text, FORM)
    Defence.objects.all().delete()
    return found


def forms_in(text, path):
    """Where each form goes, its fields with the values that a page gives them, and its button's."""
    for form in html.fromstring(text).iter("form"):
        fields = {each.name: each.get("value") or "" for each in form.iter("input", "select", "textarea")}
        (button, *_) = form.iter("button")
        sent = {button.get("name"): button.get("value")} if button.get("name") else {}
        yield (
            form.get("action") or path,
            {"address": "ada@example.org", **fields} if "address" in fields else fields,
            sent,
        )


def body(fields, name, value):
    others = urlencode({key: text for key, text in fields.items() if key != name})
    return f"{others}&{name}={quote_from_bytes(value)}"


def sent_with(visitor, pages, page, name, kind):
    """The answers to each form of a page that has a field of this name, with the enemy's value in it."""
    text, path = pages[page]
    return [
        visitor.generic("POST", action, body({**fields, **sent}, name, HOSTILE[kind]), URLENCODED)
        for action, fields, sent in forms_in(text, path)
        if name in fields or name in sent
    ]


def test_no_value_of_any_field_breaks_a_page(visitor, pages):
    tried = {}  # by door and field: several pages lead to one door
    for action, fields, sent in [form for page in pages.values() for form in forms_in(*page)]:
        tried |= {(action, name): {**fields, **sent} for name in (*fields, *sent) if (action, name) not in tried}
    for ((action, name), named), kind in product(tried.items(), HOSTILE):
        response = visitor.generic("POST", action, body(named, name, HOSTILE[kind]), URLENCODED)
        assert response.status_code in (200, 400), (action, name, kind)
        assert not re.search(r"<svg/onload|<script>alert|\x00|>49<", response.text), (action, name, kind)
    assert {name for _, name in tried} >= FIELDS
    # Nothing of it reached what mails are made of
    for each in Subscriber.objects.exclude(email=None):
        assert each.name.isprintable()
        assert re.fullmatch(r"(reader\d|x|y|ada)@example\.org", each.email)
    assert all(each.detail.isprintable() for each in Consent.objects.all())


def test_what_is_no_address_is_told_beside_its_field(visitor, pages):
    for page, kind in product(["form", "frame", "several", "archive", "edition", "personal"], HOSTILE):
        for response in sent_with(visitor, pages, page, "address", kind):
            answer = html.fromstring(response.text)
            (field,) = answer.xpath("//input[@name='address']")
            assert field.get("aria-invalid") == "true", (page, kind)
            told = answer.get_element_by_id(field.get("aria-describedby"))
            assert told.text_content() == "Please write an address such as ada@example.org."


CANNOT_BE_USED = [
    ("form", "name", "Please use at most 200 characters."),
    ("personal", "name", "Please use at most 200 characters."),
    ("goodbye", "words", "Please use at most 200 characters."),
    ("several", "newsletters", "Please choose at least one."),
    ("preferences", "weeks", "Please choose how many weeks."),
]


def test_what_cannot_be_used_is_told_beside_its_field(visitor, pages):
    for page, name, said in CANNOT_BE_USED:
        for response in sent_with(visitor, pages, page, name, "overlong"):
            assert html.fromstring(response.text).get_element_by_id(f"{name}-fault").text_content() == said
