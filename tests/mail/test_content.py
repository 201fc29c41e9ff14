"""Words and addresses from outside are made fit to print."""

import pytest

from newsletter.mail.content import credit_line, mail_address, plain, web_address


def test_text_becomes_one_line_without_control_characters():
    assert plain("  A\n title\t with\x00 \x07noise\ud800 ") == "A title with noise"


def test_text_cannot_turn_the_words_after_it_around():
    assert plain("safe \u202eexe.gpj\u2066 end") == "safe exe.gpj end"


def test_text_keeps_its_joiners_so_that_emoji_and_persian_stay_whole():
    assert plain("👩‍👩‍👧 می‌روم") == "👩‍👩‍👧 می‌روم"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://example.org/",
        "/relative",
        "//example.org/x",
        "https://",
        "https://user:secret@example.org/",
        "https://exa mple.org:notaport/",
        "http://[broken",
        "https://" + "a" * 70 + ".example/",
    ],
)
def test_an_address_that_is_not_plainly_of_the_web_is_no_link(url):
    assert web_address(url) == ""


@pytest.mark.parametrize(
    ("url", "printed"),
    [
        ("https://example.org/a?b=1&c=%20#d", "https://example.org/a?b=1&c=%20#d"),
        ("HTTP://Example.org/Ä b", "http://example.org/%C3%84%20b"),
        ("https://müller.example:8443/", "https://xn--mller-kva.example:8443/"),
        ("https://[::1]:8000/x", "https://[::1]:8000/x"),
        ('https://example.org/"><script>', "https://example.org/%22%3E%3Cscript%3E"),
        ("https://example.org/@@TOKEN@@", "https://example.org/%40%40TOKEN%40%40"),
    ],
)
def test_an_address_is_printed_in_ascii_and_never_holds_a_slot(url, printed):
    assert web_address(url) == printed


def test_a_mail_link_has_one_address():
    assert mail_address("mailto:letters@keel.example") == "mailto:letters@keel.example"
    assert mail_address("mailto:a@b@@TOKEN@@") == ""
    assert mail_address("mailto:") == ""


def test_a_credit_says_once_what_it_is_about():
    assert credit_line("Ada Obi / Reuters") == "Photo: Ada Obi / Reuters"
    assert credit_line("Photograph by Ada Obi") == "Photograph by Ada Obi"
    assert credit_line("© Ada Obi") == "© Ada Obi"
    assert credit_line("") == ""
