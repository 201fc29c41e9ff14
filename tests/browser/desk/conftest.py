"""Staff before the desk in a real browser, which tells of every dialog, foreign request and script that broke."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from playwright.sync_api import expect

from newsletter.editions import draft
from newsletter.editions.models import Edition
from newsletter.newsletters import people
from newsletter.newsletters.models import Newsletter
from tests import builders

expect.set_options(timeout=30_000)  # milliseconds; a deadline for slow machines, not an expectation


@pytest.fixture
def newsletter(transactional_db: None, site: str) -> Newsletter:
    if connection.vendor == "sqlite":
        # In memory it refuses a reader while another writes; a page and its preview come at the same time.
        pytest.skip("the desk in a browser is tried on PostgreSQL, by --postgres")
    cache.clear()
    made = builders.make_newsletter()
    builders.add_readers(made, 12)
    for number in range(3):
        builders.make_article(f"Analysis {number}", hours_ago=number + 1)
    builders.make_article("Report", hours_ago=9, kind="Reporting")
    return made


@pytest.fixture
def edition(newsletter: Newsletter) -> Edition:
    return draft.compose_regular(newsletter).edition


@pytest.fixture
def faults() -> list[str]:
    """What the browsers of a test told of; the test ends with none, unless it expects some and takes them out."""
    return []


@pytest.fixture
def as_staff(chrome: Any, site: str, faults: list[str]) -> Iterator[Callable[..., Any]]:
    """A tab in which somebody of a role came in by their link."""
    contexts = []

    def come_in(role: str, *, script: bool = True, **options: Any) -> Any:
        context = chrome.new_context(java_script_enabled=script, base_url=site, **options)
        contexts.append(context)
        context.on("request", lambda asked: asked.url.startswith((site, "data:", "blob:")) or faults.append(asked.url))
        context.on("response", lambda told: told.status < 500 or faults.append(f"{told.status} {told.url}"))
        context.on("dialog", lambda dialog: (faults.append(f"dialog {dialog.message}"), dialog.dismiss()))
        context.on("weberror", lambda error: faults.append(str(error.error)))
        person = people.add(f"{role}@example.org", role=role)
        tab = context.new_page()
        tab.goto(people.login_link(person.email).replace("https://news.example.org", ""))
        tab.get_by_role("button", name="Sign in").click()
        return tab

    yield come_in
    for context in contexts:
        context.close()
    assert faults == []
