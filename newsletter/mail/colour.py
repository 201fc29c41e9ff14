"""Colours that can be read on their ground. Pure; colours are #rrggbb."""

import colorsys
import re
from functools import lru_cache

from PIL import ImageColor

LIGHT_GROUND = "#fbfaf7"
DARK_GROUND = "#161615"
ACCENT = "#9b1c1f"
READABLE = 4.5
"""Contrast that WCAG 2.2, 1.4.3 asks for text of ordinary size."""

_HEX = re.compile(r"#[0-9a-fA-F]{6}\Z")
_STEPS = 50
_MIDDLE = 0.18  # the luminance that contrasts equally with black and white
_LINEAR_BELOW = 0.04045  # IEC 61966-2-1


def is_colour(text: str) -> bool:
    """Six hexadecimal digits after #: the one form that every mail client reads.

    >>> is_colour("#9b1c1f"), is_colour("red")
    (True, False)
    """
    return bool(_HEX.match(text))


@lru_cache(maxsize=256)
def as_hex(text: str) -> str:
    """However a style sheet writes an opaque colour, as #rrggbb; "" for what is none.

    >>> as_hex("#FFF"), as_hex("rgb(155, 28, 31)"), as_hex("maroon"), as_hex("transparent")
    ('#ffffff', '#9b1c1f', '#800000', '')
    """
    try:
        channels = ImageColor.getrgb(text.strip())
    except ValueError:
        return ""
    # A fourth one lets what is below it through.
    return "#" + "".join(f"{channel:02x}" for channel in channels) if len(channels) == len("rgb") else ""


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.2, "contrast ratio").

    >>> contrast("#000000", "#ffffff")
    21.0
    """
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return round((lighter + 0.05) / (darker + 0.05), 4)


def readable(colour: str, ground: str, minimum: float = READABLE) -> str:
    """`colour`, darkened or lightened as little as needed to reach `minimum` on `ground`.

    What is no colour at all becomes our own accent first.
    """
    start = _rgb(colour if is_colour(colour) else ACCENT)
    hue, lightness, saturation = colorsys.rgb_to_hls(*(channel / 255 for channel in start))
    goal = 1.0 if _luminance(ground) < _MIDDLE else 0.0
    for step in range(_STEPS + 1):
        # In HLS, so that a dark red becomes a light red: mixed with white it would turn to dust.
        tried = _hex(colorsys.hls_to_rgb(hue, lightness + (goal - lightness) * step / _STEPS, saturation))
        if contrast(tried, ground) >= minimum:
            break
    return tried


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _hex(shares: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(share * 255):02x}" for share in shares)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= _LINEAR_BELOW else ((channel + 0.055) / 1.055) ** 2.4
