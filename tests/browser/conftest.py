"""A real browser before the real pages: one Chromium for all tests of this folder, the site on a loopback port."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from newsletter.letters import render
from newsletter.letters.models import Letter
from newsletter.newsletters.models import Newsletter
from newsletter.subscribers import signup
from tests import builders
from tests.gates.tools import chromium


@pytest.fixture(scope="package")
def chrome() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    program = chromium()
    # Playwright's event loop runs in this thread, and Django would refuse its database here; nothing else runs in it.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        started = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


@pytest.fixture
def site(live_server: Any, settings: Any) -> str:
    """The address of the running site, which letters lead to."""
    settings.SITE_URL = live_server.url
    return str(live_server.url)


@pytest.fixture
def opened(chrome: Any, site: str) -> Iterator[Callable[..., Any]]:
    """Opens a tab of a browser of its own. At the end: nothing was asked of any other host, and nothing was broken."""
    contexts, faults = [], []

    def open_(*, script: bool = True, **options: Any) -> Any:
        context = chrome.new_context(java_script_enabled=script, base_url=site, **options)
        contexts.append(context)
        context.on("request", lambda asked: asked.url.startswith((site, "data:")) or faults.append(asked.url))
        context.on("response", lambda told: told.status < 500 or faults.append(f"{told.status} {told.url}"))
        context.on("console", lambda said: said.type == "error" and faults.append(said.text))
        return context.new_page()

    yield open_
    cookies = [cookie for context in contexts for cookie in context.cookies()]
    for context in contexts:
        context.close()
    # A browser writes every 404 and every breach of the content policy on its console.
    assert [fault for fault in faults if "404 (Not Found)" not in fault] == []
    assert cookies == []


@pytest.fixture
def magazine(transactional_db: None, site: str) -> Newsletter:
    """A newsletter with an open form, topics, a past edition and one to come."""
    newsletter = builders.make_newsletter(privacy_url="https://meridian.example/privacy", tagline="From the long coast")
    builders.sent_edition(newsletter)
    return newsletter


class Mailbox:
    """What came by mail, to read and to press: the text of the letters that were written."""

    def __init__(self) -> None:
        self.read = 0

    def links(self) -> list[str]:
        """Where the next letter leads on our site, in its order."""
        while signup.answer_waiting():
            pass
        letters = Letter.objects.select_related("newsletter", "subscriber", "staff").order_by("pk")[self.read :]
        assert letters, "no letter came"
        self.read += 1
        return re.findall(r"https?://[^/\s]+(/(?:c|a|me|p|u)/[^\s\"<]+)", render.content_of(letters[0]).text)


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()
