"""One's own template stands in for the shipped one; at fault, it is named with its line."""

import pytest

from newsletter import jinja
from newsletter.editions.render import render
from newsletter.mail.inline import InlineError
from newsletter.runtime.themes import scaffold
from newsletter.runtime.themes.check import check
from tests.mail.reading import tree, words
from tests.mail.samples import sample_week


def overridden(own, name, old, new):
    (path,) = scaffold.copy([name], own)
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    jinja.for_mail.cache_clear()
    return path


def test_one_block_of_ones_own_changes_that_block_and_nothing_else(own):
    before = words(render(sample_week()).html)
    overridden(own, "email/blocks/foot.html", "You get this letter because", "This reached you because")
    after = words(render(sample_week()).html)
    assert "This reached you because you signed up" in after
    assert after.replace("This reached you because", "You get this letter because") == before


def test_a_theme_of_ones_own_can_be_chosen(own):
    (own / "email").mkdir()
    (own / "email/gazette.html").write_text('{% extends "email/frame.html" %}\n' + ROW)
    (own / "email/gazette.txt").write_text("{% include 'email/roundup.txt' %}")
    jinja.for_mail.cache_clear()
    assert jinja.themes() == ["gazette", "plain", "roundup"]
    week = sample_week()
    week["newsletter"]["theme"] = "gazette"
    assert tree(render(week).html).find(".//h1").text == "Gazette"
    assert {each.theme for each in check()} == {"gazette", "plain", "roundup"}


ROW = """{% block content %}<tr><td class="foot ground"><h1 class="name">Gazette</h1><p class="small">
<a class="small-link" href="{{ unsubscribe }}">Leave</a> {{ newsletter.postal_address }}</p></td></tr>{% endblock %}"""


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("{% macro story(story, first) %}", "{% macro story(story, first %}", 7, "expected token"),
        ("{{ story.dek }}</p>", "{{ story.deck }}</p>", 11, "no attribute 'deck'"),
        ("{{ kicker(story.kicker) }}", '{% include "email/blocks/gone.html" %}', 9, "there is no template"),
        ("{{ kicker(story.kicker) }}", "{{ 1 / 0 }}", 9, "division by zero"),
    ],
)
def test_a_template_at_fault_is_named_with_its_line(own, old, new, line, said):
    path = overridden(own, "email/blocks/story.html", old, new)
    with pytest.raises(jinja.TemplateFault) as refused:
        render(sample_week())
    assert f"{path}, line {line}: " in str(refused.value)
    assert said in str(refused.value)
    assert "theme check" in refused.value.hint


def test_markup_that_mail_clients_refuse_is_refused_here(own):
    overridden(own, "email/blocks/foot.html", '<tr><td class="foot ground">', '<tr><td class="foot ground"><form>')
    with pytest.raises(InlineError, match="<form>"):
        render(sample_week())
    assert {each.findings[0].level for each in check(["roundup"])} == {"error"}


def test_what_was_copied_and_since_changed_by_us_is_behind(own):
    changed = overridden(own, "email/blocks/foot.html", "You get", "You got")
    same, older = scaffold.copy(["email/roundup.html", "email/frame.html"], own)
    older.write_text(older.read_text() + "\n")
    record = (own / scaffold.RECORD).read_text()
    digest = scaffold._record(own)["email/frame.html"]
    (own / scaffold.RECORD).write_text(record.replace(digest, "0" * 64))
    (own / "email/mine.html").write_text("mine")
    (own / "email/plain.html").write_text("from somewhere")
    assert {each.name: each.state for each in scaffold.overrides(own)} == {
        "email/blocks/foot.html": "changed",
        "email/roundup.html": "as shipped",
        "email/frame.html": "behind",
        "email/mine.html": "your own",
        "email/plain.html": "of unknown origin",
    }
    assert changed.is_file()
    assert same.is_file()
