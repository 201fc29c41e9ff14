"""Somebody who signs up, and the letters that come of it."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from newsletter.letters import render
from newsletter.letters.models import Letter
from newsletter.newsletters.models import Newsletter
from newsletter.subscribers import signup
from tests import builders


@pytest.fixture
def open_newsletter(db: None) -> Newsletter:
    """A newsletter whose form is published."""
    return builders.make_newsletter(privacy_url="https://meridian.example/privacy", tagline="From the long coast")


@pytest.fixture
def visitor() -> Client:
    """A browser without cookies; tokens of forms are checked as in production."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def sign_up(visitor: Client, open_newsletter: Newsletter) -> Callable[..., HttpResponse]:
    """Send the form of the page."""

    def send(address: str = "ada@example.org", **values: Any) -> HttpResponse:
        return visitor.post("/subscribe/the-meridian", {"address": address, **values})

    return send


def answered() -> list[Letter]:
    """Let the bell decide; every letter there is, the newest last."""
    while signup.answer_waiting():
        pass
    return list(Letter.objects.select_related("newsletter", "subscriber", "staff").order_by("pk"))


def path_in(letter: Letter) -> str:
    """Where the letter's link leads, on our site."""
    found = re.search(r"https://news\.example\.org(/(?:c|a|me|p)/[^\s\"<]+)", render.content_of(letter).text)
    assert found
    return found.group(1)
