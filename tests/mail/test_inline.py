"""Inlining moves styles into tags and changes nothing else."""

import socket
import threading

import pytest

from newsletter.mail.inline import InlineError, inline
from tests.mail.reading import addresses, tree, words

MAIL = """<!DOCTYPE html>
<html lang="en"><head><title>x</title>
<!--[if mso]><noscript>96</noscript><![endif]-->
<style>.red { color: #9b1c1f; } td { padding: 8px; }</style>
<style data-premailer="ignore">@media (prefers-color-scheme:dark){.red{color:#f0887f!important}}</style>
<style data-premailer="ignore">[data-ogsc] .red{color:#f0887f!important}</style>
</head><body>
<!--[if mso]><table><tr><td><![endif]-->
<table><tr><td><p class="red">Words &amp; <a href="https://x.example/u/@@TOKEN@@?a=1&amp;b=it's">link</a></p>
<img src="https://x.example/p.jpg" width="120" height="80" alt=""></td></tr></table>
<!--[if mso]></td></tr></table><![endif]-->
</body></html>"""


def with_style(css: str) -> str:
    return MAIL.replace("<style>", f"<style>{css} ", 1)


def test_rules_end_up_in_the_tags_they_fit():
    finished = tree(inline(MAIL))
    assert finished.find(".//p").get("style") == "color:#9b1c1f"
    assert finished.find(".//td").get("style") == "padding:8px"


def test_the_doctype_stays():
    assert inline("\ufeff\n" + MAIL).startswith("<!DOCTYPE html>")


def test_sheets_for_dark_mode_stay_as_they_were_written():
    finished = inline(MAIL)
    assert "@media (prefers-color-scheme:dark){.red{color:#f0887f!important}}" in finished
    assert "[data-ogsc] .red{color:#f0887f!important}" in finished
    assert "data-premailer" not in finished


def test_what_is_meant_for_outlook_stays():
    finished = inline(MAIL)
    for comment in ("<!--[if mso]><noscript>96</noscript><![endif]-->", "<!--[if mso]><table><tr><td><![endif]-->"):
        assert comment in finished


def test_links_pictures_and_words_stay():
    finished = inline(MAIL)
    assert addresses(finished) == ["https://x.example/u/@@TOKEN@@?a=1&b=it's", "https://x.example/p.jpg"]
    assert words(finished) == words(MAIL)


def test_picture_sizes_are_not_overwritten_by_styles():
    picture = tree(inline(with_style("img { width: 100%; height: auto; }"))).find(".//img")
    assert (picture.get("width"), picture.get("height")) == ("120", "80")


def test_inlining_twice_keeps_words_and_links():
    once = inline(MAIL)
    # The kept sheets have lost their mark, so only the words and links are compared.
    marked = once.replace("<style>", '<style data-premailer="ignore">')
    assert words(inline(marked)) == words(once)
    assert addresses(inline(marked)) == addresses(once)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ("", "DOCTYPE"),
        (MAIL.replace("<!DOCTYPE", "<!doctype"), "DOCTYPE"),
        (MAIL.replace("<body>", "<body><script>1</script>"), "<script>"),
        (MAIL.replace("<title>", '<link rel="stylesheet" href="https://x.example/a.css"><title>'), "<link>"),
        (MAIL.replace("<body>", '<body><form action="https://x.example">'), "<form>"),
        (MAIL.replace("<body>", "<body><![if !mso]>a<![endif]>"), "bare form"),
        (MAIL.replace("</table><![endif]-->", "</table>"), "not closed"),
        (with_style(".red { color: #111111 !important; }"), "!important"),
        (with_style("@import url(https://x.example/a.css);"), "loads something"),
        (with_style(".red { background: url(https://x.example/a.png); }"), "loads something"),
        (with_style("@media print { .red { color: #000000; } }"), "left rules over"),
        (with_style("a:hover { color: #000000; }"), "left rules over"),
        (MAIL.replace("/p.jpg", "/ü.jpg"), "plain ASCII"),
        (MAIL.replace(".red{color:#f0887f!important}}", ".red{color:#f0887f!important}}" + " " * 17_000), "16,384"),
        (with_style("@media print { @media screen { .red { color: #000000; } } }"), "cannot be moved into its tags"),
    ],
)
def test_what_would_break_in_a_client_is_refused_with_the_reason(broken, message):
    with pytest.raises(InlineError, match="(?s)" + message.replace("(", r"\(")) as refused:
        inline(broken)
    assert "templates/email" in refused.value.hint


def test_not_even_an_import_that_slips_through_reaches_the_network():
    """Given a server that counts, when the parser underneath meets @import, then nobody calls."""
    import cssutils

    with socket.create_server(("127.0.0.1", 0)) as server:
        calls = []
        waiting = threading.Thread(target=lambda: calls.append(server.accept()), daemon=True)
        waiting.start()
        cssutils.parseString(f'@import "http://127.0.0.1:{server.getsockname()[1]}/a.css"; p {{ color: #111111 }}')
        # Accepting happens in order: our own call is the first one.
        with socket.create_connection(server.getsockname()) as own:
            waiting.join(5)
            assert calls[0][1] == own.getsockname()
            calls[0][0].close()
