"""The gallery's pictures show what they say: a phone is narrow, night is dark, and images can be off."""

import pytest
from PIL import Image

from newsletter.runtime.themes import look
from tests.gates.mails import all_mails
from tests.gates.tools import chromium

GROUND = {"desktop": "#fbfaf7", "phone": "#ffffff", "phone-dark": "#161615", "dark": "#0e0e0d", "images-off": "#fbfaf7"}


@pytest.fixture(scope="module")
def taken(tmp_path_factory):
    chromium()
    folder = tmp_path_factory.mktemp("gallery")
    page = look.write("roundup", all_mails()["roundup-one-story"], folder)
    return {path.stem.removeprefix("roundup-"): Image.open(path).convert("RGB") for path in look.shots(page, folder)}


def test_every_view_is_taken_at_its_width_on_its_ground(taken):
    assert taken.keys() == look.VIEWS.keys()
    for name, picture in taken.items():
        assert picture.width == look.VIEWS[name].width
        assert "#{:02x}{:02x}{:02x}".format(*picture.getpixel((4, 4))) == GROUND[name]
        assert 300 < picture.height <= look.TALLEST + 24


def test_the_photo_is_gone_where_images_are_off(taken):
    colours = {name: len(taken[name].getcolors(1 << 24)) for name in ("desktop", "images-off")}
    assert colours["images-off"] < colours["desktop"]
