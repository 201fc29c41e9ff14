"""A PNG of a page, where a Chromium is found."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from PIL import Image, ImageChops

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = (
    "--headless", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
)  # fmt: skip
SECONDS = 30
TALLEST = 6000  # pixels; what is blank below is cut off


def browser() -> str | None:
    """The path of a Chromium, or None."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def take(url: str, target: Path, *, width: int = 700) -> bool:
    """Write a picture of the whole page; False where there is no Chromium or it fails: a picture is never vital."""
    program = browser()
    if program is None:
        return False
    with tempfile.TemporaryDirectory() as profile:
        # Chromium refuses its sandbox to root; the page is one that we made.
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        size = [f"--window-size={width},{TALLEST}", f"--user-data-dir={profile}", f"--screenshot={target}"]
        try:
            subprocess.run(  # noqa: S603 # found on PATH
                [program, *FLAGS, *sandbox, *size, url], check=True, capture_output=True, timeout=SECONDS
            )
        except (subprocess.SubprocessError, OSError):
            return False
    _trim(target)
    return True


def _trim(path: Path) -> None:
    """Cut off the empty ground below the page."""
    with Image.open(path) as opened:
        picture = opened.convert("RGB")
    ground = Image.new("RGB", picture.size, picture.getpixel((0, picture.height - 1)))
    box = ImageChops.difference(picture, ground).getbbox()
    if box:
        picture.crop((0, 0, picture.width, min(box[3] + 24, picture.height))).save(path, optimize=True)
