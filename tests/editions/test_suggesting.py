"""The subject and preheader that an edition suggests: from its lead, or framed as the newsletter likes it."""

import pytest

from newsletter.editions import draft, suggest, words
from newsletter.errors import UsageError
from newsletter.newsletters import phrases
from tests import builders


@pytest.mark.django_db
def test_the_newsletters_phrases_frame_the_suggestion():
    newsletter = builders.make_newsletter(
        subject_template="{newsletter} {number}: {lead}", preheader_template="Also: {more}"
    )
    for number in range(3):
        builders.make_article(f"Story {number}", hours_ago=number + 1)
    edition = draft.compose_regular(newsletter).edition
    assert (edition.subject, edition.preheader) == ("The Meridian 1: Story 0", "Also: Story 1 · Story 2")


@pytest.mark.django_db
def test_an_edition_without_stories_suggests_nothing():
    newsletter = builders.make_newsletter(subject_template="{lead}!")
    edition = draft.Edition(newsletter=newsletter, number=1)
    edition.stories_from = edition.stories_until = builders.at("2026-11-26 12:00")
    edition.kind, edition.period_start = "special", None
    edition.save()
    assert suggest.words(edition) == suggest.Words()


def test_braces_in_a_headline_stay_braces():
    values = {"lead": "What {newsletter} means", "newsletter": "The Keel"}
    assert phrases.fill("{newsletter}: {lead}", values) == "The Keel: What {newsletter} means"


@pytest.mark.parametrize("template", ["{laed}", "{lead.__class__}", "{}", "{lead} {x}"])
def test_no_template_language_hides_in_a_phrase(template):
    if "." in template:
        assert phrases.fill(template, {"lead": "X"}) == template
        return
    with pytest.raises(UsageError, match="means nothing"):
        phrases.check(template)


def test_lengths_are_checked_in_words():
    assert words.advice("The ceasefire", "Also: rice and rivers, and a war powers clock.") == []
    assert words.advice("x" * 80, "") == [
        "The subject has 80 characters; most inboxes show 60 or fewer.",
        "There is no preheader: inboxes show the mail's first words after the subject.",
    ]
    assert (
        "repeats"
        in words.advice("One two three four five six seven eight", "One two three four five six seven eight")[0]
    )
