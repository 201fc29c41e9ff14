"""newsletter letter list and show."""

import json

import pytest

from newsletter.letters import writing
from newsletter.letters.models import Letter
from newsletter.newsletters.models import Staff
from newsletter.subscribers.models import Subscriber
from tests import builders
from tests.cli.conftest import Terminal
from tests.letters.samples import FACTS

pytestmark = pytest.mark.django_db


@pytest.fixture
def letter(db) -> Letter:
    editor = Staff.objects.create(email="ada@meridian.example")
    writing.write("edition-held", editor, "1", newsletter=builders.make_newsletter(), **FACTS["edition-held"])
    return Letter.objects.get()


def test_the_list_names_kind_recipient_and_state(letter, terminal: Terminal) -> None:
    assert terminal("letter", "list") == 0
    for words in ("edition-held", "ada@meridian.example", "pending"):
        assert words in terminal.out


def test_only_those_that_failed_or_wait(letter, terminal: Terminal) -> None:
    terminal("letter", "list", "--failed", "--json")
    assert terminal.out == ""
    terminal("letter", "list", "--waiting", "--json")
    assert json.loads(terminal.out)["id"] == letter.pk


def test_one_letter_shows_what_it_says(letter, terminal: Terminal) -> None:
    assert terminal("letter", "show", str(letter.pk)) == 0
    assert "The Meridian No. 9 is held and does not go out" in terminal.out
    assert terminal("letter", "show", "999") == 2


def test_a_letter_of_another_version_is_one_line(letter, terminal: Terminal) -> None:
    Letter.objects.update(payload={"what": "it was"})
    assert terminal("letter", "show", str(letter.pk)) == 5
    assert "another version" in terminal.err


def test_a_readers_address_is_not_shown(letter, terminal: Terminal) -> None:
    reader = Subscriber.objects.create(email="bo@example.org", address_key="k")
    Letter.objects.update(staff=None, subscriber=reader)
    terminal("letter", "list")
    assert f"subscriber {reader.pk}" in terminal.out
    assert "bo@example.org" not in terminal.out
