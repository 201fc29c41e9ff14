"""edition preview and edition test, as typed."""

import pytest

from newsletter.editions import draft, variants
from newsletter.letters.models import Letter
from newsletter.runtime.themes import look
from newsletter.subscribers import topics
from newsletter.subscribers.models import Subscription
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition(newsletter):
    newsletter.min_items = 2
    newsletter.save()
    for number in range(4):
        builders.make_article(f"Story {number}", hours_ago=number + 1, topics=["Africa" if number < 3 else "Europe"])
    return draft.compose_regular(newsletter).edition


@pytest.fixture
def reader(newsletter):
    """One of enough who chose Africa."""
    readers = builders.add_readers(newsletter, variants.ENOUGH)
    Subscription.objects.update(topic_set=topics.key_of(["Africa"]))
    return readers[0].subscriber.email


def test_as_one_reader_it_is_their_copy_and_its_links_are_a_tests(terminal, edition, reader, tmp_path):
    out = tmp_path / "mail.html"
    assert terminal("edition", "preview", edition.pk, "--reader", reader, "--out", out) == 0
    html = out.read_text()
    assert "Story 2</a>" in html
    assert "Story 3</a>" not in html
    assert "@@" not in html
    assert terminal("edition", "preview", edition.pk, "--reader", "nobody@example.org") == 2


def test_every_copy_is_written(terminal, edition, reader, tmp_path):
    assert terminal("edition", "preview", edition.pk, "--variants", "--out", tmp_path / "mail.html") == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mail-1.html", "mail-1.txt", "mail.html", "mail.txt"]
    assert "Story 3" in (tmp_path / "mail.txt").read_text()


def test_the_text_never_takes_the_place_of_the_html(terminal, edition, tmp_path):
    out = tmp_path / "mail.txt"
    for command in (["edition", "preview", edition.pk], ["preview", "https://keel.example/feed"]):
        assert terminal(*command, "--out", out) == 2
        assert "its text beside it as mail.txt. Name it .html" in terminal.err
    assert not out.exists()


def test_the_text_is_printed(terminal, edition):
    assert terminal("edition", "preview", edition.pk, "--text") == 0
    assert terminal.out.startswith("The Meridian\n")


def test_a_gallery_shows_it_in_every_view_and_as_outlook_does(terminal, edition, tmp_path):
    from tests.gates.tools import chromium

    chromium()
    folder = tmp_path / "gallery"
    assert terminal("edition", "preview", edition.pk, "--out", tmp_path / "m.html", "--gallery", folder) == 0
    assert {path.stem for path in folder.iterdir()} == {f"m-{name}" for name in (*look.VIEWS, "outlook")}


def test_a_test_waits_for_a_worker(terminal, edition, reader):
    assert terminal("edition", "test", edition.pk, "--to", "ada@example.org", "--to", "jun@example.org") == 0
    assert sorted(Letter.objects.values_list("address", flat=True)) == ["ada@example.org", "jun@example.org"]
    assert terminal("edition", "test", edition.pk, "--to", "ada@example.org", "--like", reader) == 0
    assert "Story 3" not in Letter.objects.last().payload["text"].partition("==")[2]
    assert terminal("letter", "list", "--waiting") == 0
    assert terminal("edition", "test", edition.pk, "--to", "nonsense") == 2
