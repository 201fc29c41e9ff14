"""The editor's note is Markdown: paragraphs, emphasis, lists and links, and nothing that could harm."""

import pytest

from newsletter.mail.note import to_html, to_text


def test_paragraphs_emphasis_lists_and_links_are_printed():
    html = to_html("One *quiet* week.\n\n- first\n- [second](https://keel.example/2)\n")
    assert "<p>One <em>quiet</em> week.</p>" in html
    assert '<a href="https://keel.example/2">second</a>' in html
    assert html.count("<li>") == 2


def test_an_empty_note_prints_nothing():
    assert to_html("  \n") == ""
    assert to_text("") == []


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        '<p style="p">x</p>',
        "[x](javascript:alert(1))",
        "[x](data:text/html,y)",
        "![x](https://evil.example/pixel.gif)",
        "<https://user:pw@evil.example>",
        "<img src=x onerror=alert(1)>",
    ],
)
def test_hostile_markdown_yields_no_tag_no_picture_and_no_link(hostile):
    html = to_html(hostile)
    assert not any(f"<{tag}" in html for tag in ("script", "img", "a ", "p style"))


@pytest.mark.parametrize("hostile", ["@@TOKEN@@", "&#64;&#64;TOKEN&#64;&#64;", "[x](https://e.example/@@TOKEN@@)"])
def test_a_note_never_holds_a_slot(hostile):
    assert "@@" not in to_html(hostile)
    assert all("@@" not in part.words + "".join(part.links) for part in to_text(f"*@*@TOKEN@*@* {hostile}"))


def test_a_note_has_no_headings_so_that_the_outline_of_the_letter_holds():
    assert "<h" not in to_html("# Big\n\nSmall\n=====\n\n---\n")


def test_in_plain_text_each_paragraph_is_followed_by_its_addresses():
    first, second, third = to_text(
        "Read [this](https://keel.example/1)\nand [that](mailto:a@keel.example).\n\n1. one\n2. two"
    )
    assert first.words == "Read this and that."
    assert first.links == ("https://keel.example/1", "mailto:a@keel.example")
    assert (second.words, third.words) == ("1. one", "2. two")
