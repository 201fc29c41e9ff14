"""A publication's photo → a JPEG or PNG that every mail client shows, and small enough for a mail. Pure.

To be run in the limited child only (bounded.fit_picture): decoders of pictures have bad days. Of what a camera wrote
into the file (EXIF, GPS, comments) nothing is kept; colours become sRGB, because mail clients know no other.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from newsletter.errors import NewsletterError

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF")
# A decoded pixel takes 3 or 4 bytes, and at times there are two copies: so many fit into the child's memory.
MOST_PIXELS = 40_000_000
_QUALITIES = (84, 78, 72, 64, 56, 48)
_FEW_COLOURS = 256
_ORIENTATION = 0x0112  # EXIF; from 5 on the picture lies on its side
_LYING = 5
_SHRINK = 0.85


@dataclass(frozen=True)
class Wish:
    """What the file may have: pixels (height 0: in proportion; else it is cut to that shape) and bytes."""

    width: int
    height: int
    most_bytes: int


def fitted(body: bytes, wish: Wish) -> tuple[dict[str, int | str], bytes]:
    """The facts (kind: jpg or png; width, height, source_width: pixels) and the file.

    Never enlarges; what is transparent becomes white, of a moving picture the first frame is taken. Raises
    NewsletterError with what is wrong with the bytes.
    """
    Image.MAX_IMAGE_PIXELS = None  # the limit below is ours, and counts what is decoded
    try:
        source = Image.open(io.BytesIO(body), formats=FORMATS)
        lying = source.getexif().get(_ORIENTATION, 1) >= _LYING
        source_width = source.height if lying else source.width
        picture = _decoded(source, wish)
    except NewsletterError:
        raise
    except UnidentifiedImageError:
        raise NewsletterError("It is no picture of a kind that mail can show (JPEG, PNG, WebP, AVIF, GIF).") from None
    except (OSError, ValueError, SyntaxError, TypeError, IndexError, KeyError, OverflowError) as error:
        # What Pillow's decoders raise when a file is not what it claims.
        raise NewsletterError("The picture is broken.") from error
    kind, made, file = _small_enough(_shaped(picture, wish), wish)
    return {"kind": kind, "width": made.width, "height": made.height, "source_width": source_width}, file


def _decoded(source: Image.Image, wish: Wish) -> Image.Image:
    """Upright, in sRGB, on white."""
    # JPEG can be decoded at a half, a quarter or an eighth: a photographer's original costs no more than its copy.
    wanted = 2 * max(wish.width, wish.height)
    source.draft("RGB" if source.mode != "CMYK" else "CMYK", (wanted, wanted))
    if source.width * source.height > MOST_PIXELS:
        raise NewsletterError(
            f"It has {source.width * source.height / 1e6:.0f} million pixels;"
            f" {MOST_PIXELS // 1_000_000} million are the limit."
        )
    profile = source.info.get("icc_profile")
    upright = ImageOps.exif_transpose(source)
    return _in_srgb(_on_white(upright), profile)


def _on_white(picture: Image.Image) -> Image.Image:
    """Without transparency: a dark mail would swallow black letters on nothing."""
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        ground = Image.new("RGBA", picture.size, "white")
        return Image.alpha_composite(ground, picture).convert("RGB")
    return picture if picture.mode in ("RGB", "CMYK") else picture.convert("RGB")


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    if profile:
        try:
            from_ = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            made = ImageCms.profileToProfile(picture, from_, ImageCms.createProfile("sRGB"), outputMode="RGB")
            if made is not None:
                return made
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a profile that does not fit is worth less than the plain numbers
    return picture.convert("RGB")


def _shaped(picture: Image.Image, wish: Wish) -> Image.Image:
    if wish.height:
        shape = min(1.0, picture.width / wish.width, picture.height / wish.height)
        size = (max(1, round(wish.width * shape)), max(1, round(wish.height * shape)))
        # Faces stand above the middle.
        return ImageOps.fit(picture, size, Image.Resampling.LANCZOS, centering=(0.5, 0.4))
    if picture.width <= wish.width:
        return picture
    height = max(1, round(picture.height * wish.width / picture.width))
    return picture.resize((wish.width, height), Image.Resampling.LANCZOS)


def _small_enough(picture: Image.Image, wish: Wish) -> tuple[str, Image.Image, bytes]:
    """The best file within the wished bytes: a chart's few colours as PNG, all else as JPEG, smaller if it must be."""
    while True:
        for kind, file in _files(picture):
            if len(file) <= wish.most_bytes:
                return kind, picture, file
        if picture.width < wish.width / 2:
            raise NewsletterError(f"No quality makes it smaller than {wish.most_bytes // 1000} kB.")
        picture = _shaped(picture, replace(wish, width=int(picture.width * _SHRINK), height=0))


def _files(picture: Image.Image) -> Iterator[tuple[str, bytes]]:
    if picture.getcolors(_FEW_COLOURS):
        yield "png", _saved(picture.quantize(_FEW_COLOURS, dither=Image.Dither.NONE), "PNG", optimize=True)
    for quality in _QUALITIES:
        yield "jpg", _saved(picture, "JPEG", quality=quality, progressive=True, optimize=True)


def _saved(picture: Image.Image, form: str, **options: int | bool) -> bytes:
    file = io.BytesIO()
    picture.info.clear()  # or Pillow writes profile and comments back
    picture.save(file, form, **options)
    return file.getvalue()
