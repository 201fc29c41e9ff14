"""A browser for the module's tests: closed with them, because its event loop keeps Django from its database."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from newsletter.runtime.themes.weeks import PHOTOS
from tests.gates.tools import chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    program = chromium()
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


@pytest.fixture
def opened(browser) -> Iterator[Any]:
    """Opens a mail at a width, in a scheme; nothing is loaded but photos of ours: grey boxes."""
    contexts = []

    def open_(html: str, width: int = 800, scheme: str = "light") -> Any:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.route("**/*", lambda route: route.abort())
        page.route(re.compile(re.escape(PHOTOS)), lambda route: route.fulfill(body=_GREY, content_type="image/svg+xml"))
        page.set_content(html)
        return page

    yield open_
    for context in contexts:
        context.close()


_GREY = '<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="800"><rect width="1200" height="800"/></svg>'
