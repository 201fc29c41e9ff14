"""A brand's accent can be read on both grounds, whatever it was."""

import colorsys
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.mail.colour import ACCENT, DARK_GROUND, LIGHT_GROUND, as_hex, contrast, is_colour, readable
from newsletter.mail.contrast import dim

colours = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


@given(colours, st.sampled_from([LIGHT_GROUND, DARK_GROUND, "#ffffff"]))
def test_every_colour_becomes_readable(colour, ground):
    assert contrast(readable(colour, ground), ground) >= 4.5


@given(colours, st.sampled_from([LIGHT_GROUND, DARK_GROUND]))
def test_a_colour_that_reads_already_is_left_alone(colour, ground):
    if contrast(colour, ground) >= 4.5:
        assert readable(colour, ground) == colour


def test_a_corrected_colour_keeps_its_hue():
    def hue(colour):
        return colorsys.rgb_to_hls(*(int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)))[0]

    assert hue(readable("#ffe600", LIGHT_GROUND)) == pytest.approx(hue("#ffe600"), abs=0.02)


@pytest.mark.parametrize("nonsense", ["", "red", "#fff", "#12345", "#9b1c1f;background:url(x)", "#9b1c1f\n"])
def test_what_is_no_colour_becomes_our_accent_and_never_reaches_a_style_sheet(nonsense):
    assert not is_colour(nonsense)
    assert readable(nonsense, LIGHT_GROUND) == ACCENT


@pytest.mark.parametrize("written", ["#FFF", "#ffffff", "white", "rgb(255, 255, 255)", " rgb(100%,100%,100%) "])
def test_a_colour_is_known_however_a_sheet_writes_it(written):
    assert as_hex(written) == "#ffffff"
    found = dim(f'<p style="margin:0;color:{written};background-color:#fff">Faint</p>')
    assert {(each.words, each.colour, each.ground) for each in found} == {("Faint", "#ffffff", "#ffffff")}


@pytest.mark.parametrize("written", ["transparent", "inherit", "rgba(0,0,0,.5)", "#12345678", "url(x)", ""])
def test_what_lets_its_ground_through_is_no_colour(written):
    assert as_hex(written) == ""
    assert dim(f'<p style="color:#fff;background:{written}">Faint</p>')


def test_contrast_is_that_of_the_standard():
    assert contrast("#000000", "#ffffff") == 21
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert re.fullmatch("#[0-9a-f]{6}", readable("#808080", "#808080"))
