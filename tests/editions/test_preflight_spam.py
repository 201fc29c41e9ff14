"""Spam phrases are told where SpamAssassin is installed, and only where somebody asks for that."""

import pytest

from newsletter.editions import draft, edit, preflight
from tests import builders
from tests.gates.tools import spamassassin

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition():
    newsletter = builders.make_newsletter()
    for number in range(3):
        builders.make_article(f"Story {number}", hours_ago=number + 1)
    made = draft.compose_regular(newsletter).edition
    edit.edit_words(made, subject="MAKE MONEY FAST", preheader="", note="Dear friend, viagra for a million dollars!")
    return made


def codes(report):
    return {each.code for each in report.findings}


def test_phrases_warn_once_each_and_can_be_waived(edition):
    spamassassin()
    found = [each for each in preflight.look(edition, spam=True).findings if each.code == "spam-phrase"]
    assert len(found) == len({each.key for each in found}) > 1
    assert all(each.waivable for each in found)
    preflight.waive(edition, found[0].key, "It is about spam", None)
    assert found[0].key in {each.key for each in preflight.look(edition, spam=True).waived}


def test_nobody_is_asked_by_a_quick_look_or_where_it_is_missing(edition, monkeypatch):
    assert "spam-phrase" not in codes(preflight.look(edition))
    monkeypatch.setenv("PATH", "/nowhere")
    assert "spam-phrase" not in codes(preflight.look(edition, spam=True))
