"""While sign-ups are misused, a form asks for a little work or a little patience, and refuses nobody."""

import hashlib
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter.subscribers import proof
from newsletter.subscribers.models import Defence, SignUp
from newsletter.tracking import sign_ups

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture(autouse=True)
def _misused(db):
    Defence.objects.create(pk=1, until=timezone.now() + timedelta(hours=1), reason="a flood")


def leading(text, bits):
    """The first bits of a hash, as a number."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()) >> (256 - bits)


def ticket_in(page):
    return re.search(r'name="ticket" value="([^"]+)"', page)[1]


def test_a_browser_works_for_it(sign_up, open_newsletter):
    page = sign_up(name="Ada").text
    assert 'src="/static/newsletter/proof.js"' in page
    assert not SignUp.objects.exists()
    ticket, bits = ticket_in(page), int(re.search(r'data-bits="(\d+)"', page)[1])
    assert bits == proof.HARDER_BITS  # the form was never shown
    number = next(n for n in range(10**8) if not leading(f"{ticket}:{n}", bits))
    assert "Look into your mailbox" in sign_up(name="Ada", ticket=ticket, number=str(number)).text
    assert SignUp.objects.get().proved == "work"


def test_without_javascript_one_waits_and_presses_once_more(sign_up, monkeypatch):
    ticket = ticket_in(sign_up().text)
    # Pressing too early does not begin the wait anew
    assert ticket_in(sign_up(ticket=ticket).text) == ticket
    later = proof.time_of(ticket) + proof.LONGER_WAIT
    monkeypatch.setattr("newsletter.pages.subscribe.time.time", lambda: later)
    assert "Look into your mailbox" in sign_up(ticket=ticket).text
    assert SignUp.objects.get().proved == "wait"


def test_a_script_is_told_what_to_show(visitor, open_newsletter):
    answer = visitor.post(
        "/subscribe/the-meridian.json", {"address": "ada@example.org"}, content_type="application/json"
    )
    assert answer.json()["status"] == "proof"
    assert answer.json()["wait"] == proof.LONGER_WAIT


def test_staff_are_told_while_it_lasts():
    now = timezone.now()
    assert [each.level for each in sign_ups.abused(now)] == ["morning"]
    assert not list(sign_ups.abused(now + timedelta(hours=2)))
