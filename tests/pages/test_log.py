"""What the log says of a request: enough to find a fault, and no token that opens anything."""

import io
import logging

import pytest
from django.conf import settings
from django.test import Client
from django.utils.module_loading import import_string

from newsletter.newsletters import people
from newsletter.subscribers import tokens
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def logged():
    """Every line as the handlers of production write it."""
    filters = {tuple(handler["filters"]) for handler in settings.LOGGING["handlers"].values()}
    assert filters == {("no_tokens",)}
    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    handler.addFilter(import_string(settings.LOGGING["filters"]["no_tokens"]["()"])())
    logging.getLogger().addHandler(handler)
    yield lines.getvalue
    logging.getLogger().removeHandler(handler)


def test_no_token_of_a_reader_or_a_login_reaches_the_log(logged, monkeypatch):
    (subscription,) = builders.add_readers(builders.make_newsletter(), 1)
    reader = tokens.token_for(subscription.public_id)
    staff = people.login_link("ada@example.org").rpartition("/")[2]
    client = Client(raise_request_exception=False)
    for path in (f"/u/{reader}", f"/u/{reader}/", f"/desk/login/{staff}", f"/desk/login/{staff}/x"):
        for method in (client.get, client.post, client.put):
            method(path)
    client.generic("POST", f"/u/{reader}", "x", content_type="multipart/form-data; boundary=")
    monkeypatch.setattr(tokens, "subscription_for", lambda _: 1 / 0)
    client.get(f"/u/{reader}")
    said = logged()
    assert "Method Not Allowed (PUT): /u/…" in said
    assert "Internal Server Error: /u/…" in said
    assert "Not Found: /desk/login/…" in said
    assert reader not in said
    assert staff not in said


def test_other_paths_are_logged_as_they_are(logged):
    Client().get("/nothing/here")
    assert "Not Found: /nothing/here" in logged()
