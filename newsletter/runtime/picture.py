"""A PNG of a page, where a Chromium is found."""

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageChops

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = (
    "--headless", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
)  # fmt: skip
SECONDS = 30
TALLEST = 7000  # pixels; what is blank below is cut off
NARROWEST = 500  # pixels of a window
FLAT = 48  # colours
_EXACTLY = [255, *(0,) * 255]


def browser() -> str | None:
    """The path of a Chromium, or None."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


@dataclass(frozen=True)
class View:
    """How the page is looked at; `width` in CSS pixels."""

    width: int = 700
    dark: bool = False
    images: bool = True


def take(url: str, target: Path, view: View = View()) -> bool:
    """Write a picture of the whole page; False where there is no Chromium or it fails: a picture is never vital."""
    program = browser()
    if program is None:
        return False
    with tempfile.TemporaryDirectory() as profile:
        # Chromium refuses its sandbox to root; the page is one that we made.
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        size = [f"--window-size={max(view.width, NARROWEST)},{TALLEST}", f"--user-data-dir={profile}"]
        page = url if view.width >= NARROWEST else _narrow(url, view, Path(profile))
        try:
            subprocess.run(  # noqa: S603 # found on PATH
                [program, *FLAGS, *sandbox, *_wishes(view), *size, f"--screenshot={target}", page],
                check=True, capture_output=True, timeout=SECONDS,
            )  # fmt: skip
        except (subprocess.SubprocessError, OSError):
            return False
    _trim(target, view.width)
    return True


def compress(path: Path, tallest: int) -> None:
    """The page's beginning, in 256 colours: text and a few photos lose nothing that one sees."""
    with Image.open(path) as opened:
        beginning = opened.convert("RGB").crop((0, 0, opened.width, min(opened.height, tallest)))
    save(beginning, path)


def save(picture: Image.Image, path: Path) -> None:
    """As PNG in 256 colours. The flat ones, ground, ink and accent, stay exactly as they are; photos share the rest."""
    found: list[tuple[int, Any]] = sorted(picture.getcolors(picture.width * picture.height) or [], reverse=True)[:FLAT]
    flat = [colour for _, colour in found]
    # Coverage took a third less space and half the time, and made green and violet bands of a sky.
    reduced = picture.quantize(256 - FLAT, Image.Quantize.MEDIANCUT, kmeans=1)
    palette = [*(reduced.getpalette() or []), *(0,) * 3 * 256][: 3 * (256 - FLAT)]
    reduced.putpalette([*palette, *(channel for colour in flat for channel in colour)])
    for index, colour in enumerate(flat, start=256 - FLAT):
        # Pillow matches a palette only roughly: white would become #fdfdfd.
        apart = ImageChops.difference(picture, Image.new("RGB", picture.size, colour)).split()
        furthest = ImageChops.lighter(ImageChops.lighter(apart[0], apart[1]), apart[2])
        reduced.paste(index, mask=furthest.point(_EXACTLY))
    reduced.save(path, optimize=True)


def _wishes(view: View) -> list[str]:
    wishes = [*(["preferredColorScheme=0"] if view.dark else []), *([] if view.images else ["imagesEnabled=false"])]
    return [f"--blink-settings={','.join(wishes)}"] if wishes else []


def _narrow(url: str, view: View, folder: Path) -> str:
    """A page with the page in a frame: no window of Chromium is as narrow as a phone."""
    frame = f'<iframe src="{url}" width="{view.width}" height="{TALLEST}" style="border:0;display:block"></iframe>'
    scheme = "dark" if view.dark else "light"
    path = folder / "narrow.html"
    path.write_text(f'<!DOCTYPE html><html style="color-scheme:{scheme}"><body style="margin:0">{frame}</body></html>')
    return path.as_uri()


def _trim(path: Path, width: int) -> None:
    """Cut off what is right of the page, and the empty ground below it."""
    with Image.open(path) as opened:
        picture = opened.convert("RGB").crop((0, 0, width, opened.height))
    ground = Image.new("RGB", picture.size, picture.getpixel((0, picture.height - 1)))
    box = ImageChops.difference(picture, ground).getbbox()
    if box:
        picture.crop((0, 0, picture.width, min(box[3] + 24, picture.height))).save(path, optimize=True)
