"""What a person reads: a number agrees with its noun, and the command to type next works as it stands."""

import io
import shlex
import sys

import pytest

from newsletter.cli.base import counted
from newsletter.deliveries import epoch
from newsletter.editions.models import Edition
from newsletter.errors import Exit
from tests import builders

pytestmark = pytest.mark.django_db


class Keyboard(io.StringIO):
    """A terminal at which somebody types."""

    def isatty(self):
        return True


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A data directory whose name a shell would take apart; the flag is forgotten in the end."""
    from newsletter import config

    monkeypatch.setattr(config, "_flags", {})
    yield str(tmp_path / "our data")
    config.current.cache_clear()


@pytest.mark.parametrize(
    ("number", "words", "text"),
    [
        (0, ("reader",), "0 readers"),
        (1, ("reader",), "1 reader"),
        (1200, ("story", "stories"), "1,200 stories"),
        (1, ("copy is", "copies are"), "1 copy is"),
    ],
)
def test_a_number_agrees_with_its_noun(number, words, text):
    assert counted(number, *words) == text


def test_one_story_one_reader_and_one_copy_are_no_plurals(terminal, newsletter):
    builders.add_readers(newsletter, 1)
    builders.make_article("Story")
    assert terminal("edition", "compose", "--special") == 0
    assert "1 story taken" in terminal.err
    pk = int(terminal.out)
    assert terminal("edition", "approve", pk) == 0
    assert terminal("edition", "schedule", pk, "--now", "--yes") == 0
    assert "to about 1 reader at" in terminal.err


def test_the_next_command_names_the_data_directory_that_was_given(terminal, edition, elsewhere):
    assert terminal("--data-dir", elsewhere, "status") == 0
    assert terminal.out.endswith(f"Next: newsletter --data-dir {shlex.quote(elsewhere)} status --watch\n")


def test_the_next_command_is_short_where_no_flag_was_given(terminal, edition):
    assert terminal("status") == 0
    assert terminal.out.endswith("Next: newsletter status --watch\n")


def test_the_way_out_of_the_lock_names_the_data_directory_too(terminal, edition, elsewhere, monkeypatch):
    monkeypatch.setattr(epoch, "fault", lambda: "Was it restored?")
    assert terminal("--data-dir", elsewhere, "status") == 0
    assert f"Next: newsletter --data-dir {shlex.quote(elsewhere)} unlock --reason" in terminal.out


def test_every_next_command_names_it(terminal, newsletter, elsewhere):
    assert terminal("--data-dir", elsewhere, "edition", "list") == 0
    assert terminal.err.endswith(f"Next: newsletter --data-dir {shlex.quote(elsewhere)} edition compose\n")


def test_so_does_the_way_out_of_an_error(terminal, newsletter, elsewhere):
    assert terminal("--data-dir", elsewhere, "edition", "show", 99) == Exit.USAGE
    assert terminal.err.endswith(f"try: newsletter --data-dir {shlex.quote(elsewhere)} edition list\n")


def test_what_is_no_command_stays_as_it_is(terminal, newsletter, elsewhere):
    # Given a newsletter whose name reads like a command, and an option that is called newsletter
    builders.make_newsletter("A newsletter set")
    assert terminal("--data-dir", elsewhere, "set", "a-newsletter-set", "--tagline", "x") == 0
    assert terminal.err == "Changed A newsletter set.\n"
    assert terminal("--data-dir", elsewhere, "edition", "compose") == Exit.USAGE
    assert "try: --newsletter SLUG; newsletter --data-dir" in terminal.err


def test_no_input_refuses_instead_of_asking(terminal, edition, monkeypatch):
    # Given somebody who would say yes
    monkeypatch.setattr(sys, "stdin", Keyboard("y\n"))
    # When they said not to be asked, then nothing is done without --yes
    assert terminal("--no-input", "edition", "cancel", edition.pk) == Exit.REFUSED
    assert terminal.err.splitlines()[1] == "  try: Add --yes if you mean it."
    assert Edition.objects.get().status == "scheduled"
    assert terminal("--no-input", "edition", "cancel", edition.pk, "--yes") == 0
    assert Edition.objects.get().status == "cancelled"


def test_whoever_is_there_is_asked(terminal, edition, monkeypatch):
    monkeypatch.setattr(sys, "stdin", Keyboard("y\n"))
    assert terminal("edition", "cancel", edition.pk) == 0
    assert Edition.objects.get().status == "cancelled"
