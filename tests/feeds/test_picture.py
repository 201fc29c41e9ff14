"""A photo becomes fit for mail: a format, a size and colours that every client shows, and nothing else in the file."""

import io
import resource
from collections.abc import Callable

import pytest
from PIL import Image

from newsletter.feeds import bounded
from newsletter.feeds.bounded import NotAPicture
from tests.feeds import paint

LEAD = {"width": 1200, "height": 0, "most_bytes": 120_000}
SMALL = {"width": 240, "height": 160, "most_bytes": 20_000}


def fitted(body: bytes, **wish: int) -> tuple[Image.Image, int]:
    """The picture as a mail client would open it, and its bytes."""
    facts, file = bounded.fit_picture(body, **(wish or LEAD))
    opened = Image.open(io.BytesIO(file))
    assert opened.format == {"jpg": "JPEG", "png": "PNG"}[str(facts["kind"])]
    assert opened.size == (facts["width"], facts["height"])
    opened.load()
    return opened, len(file)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF", "GIF"])
def test_whatever_the_site_uses_becomes_jpeg_or_png_at_the_slots_size(form: str) -> None:
    body = paint.encoded(paint.gradient(1600, 1000), form)
    assert fitted(body)[0].size == (1200, 750)


@pytest.mark.parametrize(("wish", "most"), [(LEAD, 120_000), (SMALL, 20_000)], ids=["lead", "small"])
def test_a_photo_full_of_detail_stays_within_the_budget(wish: dict[str, int], most: int) -> None:
    picture, size = fitted(paint.encoded(paint.photo(3000, 2000, seed=60), "JPEG", quality=95), **wish)
    assert size <= most
    assert picture.width >= wish["width"] / 2


def test_a_small_slot_is_cut_to_its_shape_and_nothing_is_stretched() -> None:
    tall = Image.new("RGB", (600, 1200), "white")
    tall.paste("black", (100, 500, 500, 900))  # a square, which stays one
    picture, _ = fitted(paint.encoded(tall, "PNG"), **SMALL)
    assert picture.size == (240, 160)
    dark = picture.convert("L").point(lambda value: 255 if value < 128 else 0).getbbox()
    assert dark is not None
    assert dark[2] - dark[0] == pytest.approx(160, abs=2)  # 400 of 600 pixels are two thirds of 240


def test_a_small_original_is_not_enlarged_and_says_how_wide_it_is() -> None:
    facts, _ = bounded.fit_picture(paint.encoded(paint.photo(300, 200), "JPEG"), **LEAD)
    assert (facts["width"], facts["height"], facts["source_width"]) == (300, 200, 300)


def test_where_and_with_what_it_was_taken_does_not_go_out() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Spy Camera"
    exif.get_ifd(0x8825)[1] = "N"
    body = paint.encoded(
        paint.photo(900, 600), "JPEG", exif=exif, comment=b"secret", icc_profile=paint.profile_of("sRGB")
    )
    assert b"Spy Camera" in body
    _, file = bounded.fit_picture(body, **LEAD)
    assert b"Spy" not in file
    assert b"secret" not in file
    assert b"ICC_PROFILE" not in file
    assert not Image.open(io.BytesIO(file)).getexif()


def test_a_photo_that_the_camera_took_on_its_side_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    lying = paint.gradient(900, 600)
    facts, file = bounded.fit_picture(paint.encoded(lying, "JPEG", exif=exif), **LEAD)
    assert (facts["width"], facts["height"], facts["source_width"]) == (600, 900, 600)
    red, _, blue = Image.open(io.BytesIO(file)).convert("RGB").getpixel((300, 10))
    assert red > blue  # its left is on top now


def test_the_colours_of_a_profile_become_srgb() -> None:
    # Given a profile whose first number is blue and whose last is red
    srgb = paint.profile_of("sRGB")
    swapped = srgb.replace(b"rXYZ", b"xxxx").replace(b"bXYZ", b"rXYZ").replace(b"xxxx", b"bXYZ")
    body = paint.encoded(Image.new("RGB", (700, 400), (255, 0, 0)), "PNG", icc_profile=swapped)
    # Then what its maker saw is what a reader sees
    red, _, blue = fitted(body)[0].convert("RGB").getpixel((9, 9))
    assert red < 40
    assert blue > 200


def test_a_profile_that_is_none_does_no_harm() -> None:
    body = paint.encoded(Image.new("RGB", (700, 400), (128, 128, 128)), "PNG", icc_profile=b"no profile at all")
    assert fitted(body)[0].convert("RGB").getpixel((9, 9)) == (128, 128, 128)


def test_ink_becomes_light() -> None:
    cyan = Image.new("CMYK", (700, 400), (255, 0, 0, 0))
    red, green, blue = fitted(paint.encoded(cyan, "JPEG"))[0].convert("RGB").getpixel((9, 9))
    assert red < 60
    assert min(green, blue) > 180


def test_what_is_transparent_becomes_white() -> None:
    logo = Image.new("RGBA", (800, 400), (0, 0, 0, 0))
    logo.paste((0, 0, 0, 255), (300, 100, 500, 300))
    picture = fitted(paint.encoded(logo, "PNG"))[0].convert("RGB")
    assert picture.getpixel((5, 5)) == (255, 255, 255)
    assert picture.getpixel((400, 200)) == (0, 0, 0)


def test_a_chart_stays_sharp_as_png() -> None:
    chart = Image.new("RGB", (1400, 700), "white")
    chart.paste("navy", (100, 100, 200, 700))
    assert fitted(paint.encoded(chart, "PNG"))[0].format == "PNG"


def test_of_a_moving_picture_the_first_frame_is_taken() -> None:
    frames = [Image.new("RGB", (700, 400), colour) for colour in ("red", "blue")]
    body = paint.encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert fitted(body)[0].convert("RGB").getpixel((9, 9)) == (255, 0, 0)


def test_a_photographers_original_is_no_bomb() -> None:
    assert fitted(paint.encoded(paint.gradient(9000, 6000), "JPEG"))[0].size == (1200, 800)


BROKEN: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "no picture of a kind"),
    "a page": (lambda: b"<html>Not found</html>", "no picture of a kind"),
    "a drawing with script": (
        lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
        "no picture of a kind",
    ),
    "a document": (lambda: b"%PDF-1.7\n", "no picture of a kind"),
    "postscript": (lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "no picture of a kind"),
    "cut off": (lambda: paint.encoded(paint.photo(900, 600), "JPEG")[:9000], "is broken"),
    "cut off png": (lambda: paint.encoded(paint.photo(900, 600), "PNG")[:9000], "is broken"),
    "cut off webp": (lambda: paint.encoded(paint.photo(900, 600), "WEBP")[:9000], "broken|no picture|limits"),
    "cut off avif": (lambda: paint.encoded(paint.gradient(900, 600), "AVIF")[:700], "broken|no picture|limits"),
    "a bomb": (lambda: paint.png_of_size(20_000, 5_000), "100 million pixels; 40 million are the limit"),
    "a claim": (
        lambda: paint.png_of_size(40_000, 1).replace(b"\0\0\x9c\x40\0\0\0\1", b"\x7f\xff\xff\xff\x7f\xff\xff\xff"),
        "broken|no picture|limit",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_fit_picture_says_why_and_costs_the_parent_nothing(name: str) -> None:
    make, says = BROKEN[name]
    body = make()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(NotAPicture, match=says):
        bounded.fit_picture(body, **LEAD)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024


@pytest.mark.usefixtures("cold")
def test_decoding_that_never_ends_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "WALL_SECONDS", 0.01)
    with pytest.raises(NotAPicture, match="limits on memory and time"):
        bounded.fit_picture(paint.encoded(paint.photo(900, 600), "JPEG"), **LEAD)
