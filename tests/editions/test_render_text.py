"""The plain-text part is a letter of its own: the same stories and links, 72 columns, one address a line."""

import pytest

from newsletter import links
from newsletter.editions.render import render
from newsletter.mail.slots import TOKEN, slots_in
from tests.mail.reading import addresses
from tests.mail.samples import everything, one_story, rtl_week, sample_week, ugly_week


@pytest.mark.parametrize("week", [sample_week(), one_story(), ugly_week(), rtl_week()])
def test_it_links_where_the_html_links(week):
    rendered = render(week)
    lines = rendered.text.splitlines()
    linked = {line for line in lines if line.startswith("http")}
    assert linked == {url for url in addresses(rendered.html) if "pictures." not in url}


def test_an_address_stands_alone_on_its_line_and_all_else_fits_in_72_columns():
    for line in render(sample_week()).text.splitlines():
        assert len(line) <= 72 or (line.startswith("https://") and " " not in line)
        assert "https://" not in line[1:]


def test_it_holds_the_token_in_the_ways_out_after_the_stories():
    text = render(sample_week()).text
    assert slots_in(text) == [TOKEN, TOKEN]
    assert text.index(links.unsubscribe(TOKEN)) > max(
        text.index(item["title"][:20]) for item in everything(sample_week())
    )


def test_it_begins_with_words_worth_previewing():
    assert render(sample_week()).text.startswith(
        "The Even Keel\nThursday 26 November 2026 · No. 12\n\nAlso: rice and rivers, a war powers clock"
    )


def test_it_holds_the_words_as_they_are_not_as_html():
    text = render(ugly_week()).text
    assert '<b>Bold</b> & "quoted" {{ braces }}' in text
    assert "&amp;" not in text


def test_it_names_the_sender_and_where_to_write():
    assert render(sample_week()).text.endswith("The Even Keel, 14 Ropewalk, Port Alder, PA 20417\n")


def test_it_has_no_lines_of_blanks_and_never_more_than_one_empty_line():
    for week in (sample_week(), one_story(), ugly_week()):
        text = render(week).text
        assert "\n\n\n" not in text
        assert not any(line != line.rstrip() for line in text.splitlines())
