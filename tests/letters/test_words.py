"""Every kind of letter: what it says first and last, and that nothing from outside can break its form."""

import re

import pytest

from newsletter.letters import kinds, rehearsal, render, writing
from newsletter.letters.models import Letter
from tests.letters.samples import FACTS

pytestmark = pytest.mark.django_db

NASTY = '"><script>alert(1)</script>\r\nBcc: all@example.org\x00\x1b[2J\u202e@@TOKEN@@ {{ 7*7 }}'


@pytest.fixture
def letter_of(newsletter, editor):
    def written(kind, facts):
        writing.write(kind, editor, "once", newsletter=newsletter, **facts)
        return Letter.objects.get()

    return written


def test_the_samples_hold_every_kind():
    assert set(FACTS) == set(kinds.KINDS) - set(kinds.READERS) - set(kinds.LOGINS) - {rehearsal.KIND}


@pytest.mark.parametrize("kind", FACTS)
def test_a_letter_says_first_what_happened_and_last_what_to_run(kind, letter_of):
    letter = letter_of(kind, FACTS[kind])
    mail, words = render.content_of(letter), render.words_of(letter)
    assert words.subject
    assert words.subject == mail.subject
    # The text begins with what happened and ends with the command
    assert " ".join(mail.text.split()).startswith(words.happened)
    assert mail.text.rstrip().splitlines()[-1] == words.command
    assert words.command.startswith("newsletter ")
    # The HTML says the same
    assert words.happened in mail.html
    assert words.command in mail.html


@pytest.mark.parametrize("kind", FACTS)
def test_every_word_of_the_html_is_in_the_text(kind, letter_of):
    mail = render.content_of(letter_of(kind, FACTS[kind]))
    body = re.sub(r"<head>.*</head>|<div class=.preheader.*?</div>|<!--.*?-->", " ", mail.html, flags=re.DOTALL)
    for words in re.findall(r">([^<]+)<", body):
        shown = " ".join(words.split())
        if shown not in ("", "&nbsp;", "Or on the command line:", "Run:"):
            assert shown.replace("&amp;", "&").rstrip(":") in " ".join(mail.text.split())


@pytest.mark.parametrize("kind", FACTS)
def test_hostile_words_stay_words_t20(kind, letter_of, newsletter):
    # Given every text of the facts written by an enemy
    newsletter.name = NASTY
    newsletter.save()
    hostile = {name: _poisoned(value, name) for name, value in FACTS[kind].items()}
    mail = render.content_of(letter_of(kind, hostile))
    # Then the subject is one line, the markup is shown and not obeyed, and nothing looks like a slot
    assert len(mail.subject.splitlines()) == 1
    assert "<script" not in mail.html
    assert not re.search(r"[\x00-\x08\x0b-\x1f\u202e]", mail.html + mail.text + mail.subject)
    assert "@@" not in mail.html + mail.text + mail.subject
    assert not any(line.startswith("Bcc:") for line in mail.text.splitlines())


def _poisoned(value, name):
    if isinstance(value, str) and name not in ("decided", "day", "after"):
        return NASTY
    if isinstance(value, tuple):
        return tuple(_poisoned(each, name) for each in value)
    if isinstance(value, dict):
        return {key: _poisoned(each, "day" if key == "level" else key) for key, each in value.items()}
    if isinstance(value, list):
        return [_poisoned(each, name) for each in value]
    return value


def test_a_letter_of_endless_words_stays_small(letter_of):
    facts = FACTS["last-look"] | {"gone": ("x" * 100_000,) * 1000, "subject": "y" * 100_000}
    mail = render.content_of(letter_of("last-look", facts))
    assert len(mail.html) < 90_000
    assert "and 960 more" in mail.text


def test_wrong_facts_are_refused_where_they_are_written(editor, newsletter):
    with pytest.raises(TypeError):
        writing.write("edition-held", editor, "once", newsletter=newsletter, edition=1, number=1, because="?")
    with pytest.raises(KeyError):
        writing.write("edition-hold", editor, "once", newsletter=newsletter)
    assert not Letter.objects.exists()


@pytest.mark.parametrize(
    ("raised", "ended", "first"),
    [
        (FACTS["alerts"]["raised"], (), "This cannot wait"),
        (FACTS["alerts"]["ended"], (), "This can wait until the morning"),
        ((), FACTS["alerts"]["ended"], "Nothing to do"),
    ],
)
def test_an_alert_says_first_whether_it_can_wait(raised, ended, first, letter_of):
    mail = render.content_of(letter_of("alerts", {"raised": raised, "ended": ended}))
    assert mail.text.startswith(first)


def test_each_command_of_an_alert_stands_on_a_line_of_its_own(letter_of):
    # Given a command longer than a line of text, after words that end where the line does
    long = f"newsletter feed check https://keel.example/{'feeds/' * 12}rss.xml"
    raised = tuple(
        {"level": "page", "words": "w" * 60, "since": "", "command": each} for each in (long, "newsletter up")
    )
    mail = render.content_of(letter_of("alerts", {"raised": raised, "ended": ()}))
    assert [line for line in mail.text.splitlines() if "newsletter" in line][:2] == [f"  {long}", "  newsletter up"]
    assert long in mail.html


def test_an_alert_about_very_much_stays_short(letter_of):
    raised = FACTS["alerts"]["raised"][:1] * 100
    mail = render.content_of(letter_of("alerts", {"raised": raised, "ended": ()}))
    assert mail.text.count("makes no progress") == 40
    assert "- And 60 more.\n  newsletter status\n" in mail.text
