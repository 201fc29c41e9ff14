"""Titles and deks from outside are plain text."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from newsletter.feeds.sanitise import dek, opening, plain


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("AT&T &amp; Verizon", "AT&T & Verizon"),
        ("War &amp;#8220;ends&amp;#8221;", "War “ends”"),
        ("<b>Bold</b> <i>words</i>", "Bold words"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;After", "After"),
        ("<scr<script>ipt>alert(1)</script>", "ipt>alert(1)"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        (" white \n\t space ", "white space"),
        ("<p>One.</p><p>Two.</p>", "One. Two."),
        ("a\u202egnp.exe", "agnp.exe"),
        ("zero\u200bwidth\ufeff\u00ad", "zerowidth"),
        ("nul\x00bell\x07\r\nBcc: x", "nulbell Bcc: x"),
        ("half \ud83d pair", "half pair"),
        ("e\u0301", "é"),
        ("👩‍👩‍👧 می‌خواهم", "👩‍👩‍👧 می‌خواهم"),
        ("{{ 7*7 }} %name% -sub- {% x %}", "{{ 7*7 }} %name% -sub- {% x %}"),
    ],
)
def test_text_is_plain(text: str, shown: str) -> None:
    assert plain(text) == shown


@given(some.text(alphabet=some.sampled_from("<>&;/ab p=\"'#x!-\n&lt;&amp;"), max_size=80))
def test_plain_text_stays_plain_and_never_has_a_tag(text: str) -> None:
    once = plain(text)
    assert plain(once) == once
    assert "<script" not in once.lower()


def test_long_text_is_cut_after_a_word() -> None:
    assert plain("one two three four", 12) == "one two…"
    assert len(plain("x" * 900, 500)) == 500


@pytest.mark.parametrize(
    ("summary", "shown"),
    [
        ("A sentence by the editor.", ("A sentence by the editor.", False)),
        ("<p>How it came about, and why it matters to [&#8230;]</p><p>The post <b>How</b> appeared first on X.</p>",
         ("How it came about, and why it matters to…", True)),
        ("The minister resigned on Monday. More was to follow. Continue reading…",
         ("The minister resigned on Monday. More was to follow.", False)),
        ("", ("", False)),
    ],
)  # fmt: skip
def test_the_cms_does_not_speak_in_a_dek(summary: str, shown: tuple[str, bool]) -> None:
    assert dek(summary) == shown


def test_a_full_text_gives_its_first_sentences() -> None:
    opening, cut = dek("<p>" + "Mr. Smith went to Washington on Monday to see it. " * 40 + "</p>")
    assert cut
    assert opening.startswith("Mr. Smith went to Washington on Monday to see it. Mr. Smith")
    assert opening.endswith("it.")
    assert len(opening) <= 320


def test_what_ends_in_a_colon_goes_on_elsewhere() -> None:
    markup = f"<p>There are two ways to do it, and neither is what people think:</p><p>{'x ' * 400}"
    assert opening(markup) == "There are two ways to do it, and neither is what people think…"


@pytest.mark.parametrize(
    ("place", "rest"),
    [
        ("NEWARK, N.J. (AP) — ", "Jurors finished a second day without a verdict in the bribery trial."),
        ("Geneva (Reuters) - ", "Talks resumed on Monday, and ended on Monday, without a word of why."),
        ("PARIS (AFP) – ", "“We are late,” the minister said, and then he said it once more."),
        ("WASHINGTON — ", "The bill passed with one vote to spare on Monday, which was his own."),
        ("EL PASO, Texas — ", "Nobody had asked the river what it wanted, and it did not say."),
        ("", "NATO — an alliance of habit — meets in a tent this week, and in mud."),
        ("", "Two ports (and a half of one) — The long read of the week in pictures."),
    ],
)
def test_where_an_agency_sat_is_no_dek(place: str, rest: str) -> None:
    assert opening(f"<p>{place}{rest}</p>") == rest


def test_a_publications_own_dek_keeps_the_place_it_begins_with() -> None:
    assert dek("GAZA CITY — A hospital keeps its clock running.") == (
        "GAZA CITY — A hospital keeps its clock running.",
        False,
    )


@pytest.mark.parametrize(
    "opening_sentences",
    [
        (
            "He called it “a matter of time.” Nobody asked whose time that was, or had been, "
            "in all those years before it began."
        ),
        (
            "In the U.S. Senate this took a night that nobody there wants to remember, "
            "and everybody does, in his or her own way."
        ),
        (
            "Мост открыли ночью, и никто не пришёл смотреть, кроме тех, кто его построил, "
            "и ещё тех, кому он был нужен давно."
        ),
        "橋は夜に開いた。" * 14,
    ],
)
def test_an_opening_ends_with_a_whole_sentence_and_its_quotes(opening_sentences: str) -> None:
    rest = " And then the rest of it went on for a very long while." * 20
    made, cut = dek(opening_sentences + rest)
    assert cut
    assert made.replace(" ", "") == opening_sentences.replace(" ", "")


def test_the_opening_passes_over_labels() -> None:
    markup = "<p>Analysis</p><p>It began, as these things do, with a letter that nobody had asked for.</p><p>Then</p>"
    assert opening(markup) == "It began, as these things do, with a letter that nobody had asked for."
