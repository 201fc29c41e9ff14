"""edition preflight and article embargo, as typed: exit codes, words, JSON."""

import pytest

from newsletter.editions import draft
from newsletter.feeds.models import Article
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition(newsletter):
    for number in range(3):
        builders.make_article(f"Story {number}", hours_ago=number + 1)
    return draft.compose_regular(newsletter).edition


def preflight(terminal, edition, *more):
    return terminal("edition", "preflight", edition.pk, "--local", *more)


def test_warnings_are_said_and_let_it_pass(terminal, edition):
    assert preflight(terminal, edition) == 0
    assert "Worth a look" in terminal.out
    assert "full edition" in terminal.out


def test_what_blocks_is_exit_code_1_and_refuses_approval(terminal, edition):
    article = Article.objects.get(title="Story 1")
    assert terminal("article", "embargo", article.pk, "--until", edition.send_at.strftime("%Y-%m-%dT23:59")) == 0
    assert preflight(terminal, edition) == 1
    assert "Must be mended" in terminal.out
    assert terminal("edition", "approve", edition.pk) == 5
    assert "under embargo" in terminal.err
    assert terminal("article", "embargo", article.pk, "--lift") == 0
    assert preflight(terminal, edition) == 0


def test_a_warning_is_waived_and_taken_back(terminal, edition):
    preflight(terminal, edition, "--json")
    key = next(each["key"] for each in terminal.object["findings"] if each["code"] == "no-picture")
    assert preflight(terminal, edition, "--waive", key) == 2  # without its reason
    assert preflight(terminal, edition, "--waive", key, "--reason", "A week without photos") == 0
    assert "waived: A week without photos" in terminal.out
    assert preflight(terminal, edition, "--take-back", key) == 0
    assert "Waived" not in terminal.out


def test_its_json_has_stable_keys(terminal, edition):
    preflight(terminal, edition, "--json")
    assert terminal.object.keys() == {"id", "blocked", "asked", "findings", "variants"}
    finding, variant = terminal.object["findings"][0], terminal.object["variants"][0]
    assert finding.keys() == {"code", "level", "words", "item", "part", "about", "copies", "waived", "key", "waivable"}
    assert variant.keys() == {"topic_set", "topics", "readers", "size", "stories", "headline"}


def test_approval_lists_each_copy_with_its_readers(terminal, edition):
    builders.add_readers(edition.newsletter, 7)
    assert terminal("edition", "approve", edition.pk) == 0
    assert terminal.out.splitlines()[1].split()[:4] == ["full", "edition", "7", "3"]


@pytest.mark.parametrize("flags", [[], ["--until", "2026-12-01T06:00", "--lift"]])
def test_an_embargo_wants_a_time_or_its_end(terminal, edition, flags):
    assert terminal("article", "embargo", Article.objects.first().pk, *flags) == 2
