"""The check finds what would be broken in readers' clients, and nothing in what we ship."""

import pytest

from newsletter import jinja, links
from newsletter.editions.render import render
from newsletter.mail.contrast import dim
from newsletter.mail.lint import findings
from newsletter.mail.slots import TOKEN
from newsletter.mail.support import complaint
from newsletter.runtime.themes import letters
from newsletter.runtime.themes.check import check
from tests.mail.samples import sample_week

MADE = render(sample_week(5))


def said(html=MADE.html, text=MADE.text):
    found = findings(
        html, text, unsubscribe=links.unsubscribe(TOKEN), postal_address="14 Ropewalk, Port Alder, PA 20417"
    )
    return [(each.level, each.text) for each in found]


def test_the_shipped_letters_are_without_fault():
    assert {each.week: each.findings for each in letters.check()} == {kind: [] for kind in letters.KINDS}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('href="{{ letter.link[1] }}"', 'href="#"', "no link that can be pressed"),
        ("letter.link", "letter.lnik", "lnik"),
    ],
)
def test_a_fault_of_ones_own_letter_is_found(own, old, new, said):
    shipped = jinja.source("email/letter.html")
    assert old in shipped
    (own / "email").mkdir()
    (own / "email" / "letter.html").write_text(shipped.replace(old, new))
    jinja.for_mail.cache_clear()
    assert any(said in finding.text for each in letters.check() for finding in each.findings)


def test_the_shipped_themes_are_without_fault_on_every_week():
    tried = check()
    assert {each.theme for each in tried} == {"roundup", "plain"}
    assert len({each.week for each in tried}) == 5
    assert [each for each in tried if each.findings] == []


@pytest.mark.parametrize(
    ("old", "new", "level", "message"),
    [
        (links.unsubscribe(TOKEN), "https://x.example/", "error", "HTML part has no link for unsubscribing"),
        ("14 Ropewalk", "15 Ropewalk", "error", "HTML part has no postal address"),
        ('role="presentation"', "", "error", "A table without role"),
        ('alt=""', "", "error", "A picture without alt"),
        ('width="120"', 'width="100%"', "error", "whole pixels"),
        ("<h2", "<h4", "error", "Headings"),
        ('lang="en"', "", "error", "lang and dir"),
        ("color:#5c5a55", "color:#bbbbbb", "warning", "hard to read in light mode: #bbbbbb on"),
        (".muted{color:#a8a49b", ".muted{color:#333333", "warning", "hard to read in dark mode: #333333 on #"),
        ("text-transform:uppercase", "position:absolute", "warning", "position: Gmail, Outlook and Yahoo ignore it"),
        ("font-size:16px", "font-size:1rem", "warning", "font-size: 1rem: use px"),
        ("text-transform:uppercase", "text-wobble:much", "warning", "nobody here knows"),
        (
            "</body>",
            f"<p style='color:#1b1b1a;background-color:#ffffff'>{'x' * 80_000}</p></body>",
            "warning",
            "cuts off",
        ),
    ],
)
def test_a_fault_is_found_and_said_in_words(old, new, level, message):
    assert old in MADE.html
    found = said(MADE.html.replace(old, new))
    assert any(message in text and level == its for its, text in found), found


def test_the_text_part_needs_the_way_out_and_the_address_too():
    assert [level for level, _ in said(text="Hello")] == ["error", "error"]


def test_nothing_is_said_of_a_good_mail():
    assert said() == []


def test_words_that_nobody_sees_are_not_measured():
    assert dim('<!DOCTYPE html><html><body><p style="display:none;color:#ffffff">x</p></body></html>') == []
    assert dim('<!DOCTYPE html><html><body><p style="color:#fefefe">x</p></body></html>')[0].ratio < 1.1


def test_vendor_properties_are_meant_and_flex_is_not():
    assert complaint("mso-line-height-rule", "exactly") == ""
    assert complaint("display", "block") == ""
    assert "flex" in complaint("display", "flex")
    assert "url()" in complaint("background", "url(x)")
