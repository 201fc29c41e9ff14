"""The weeks as files to open, and as pictures where a Chromium is found. Photos are drawn, nothing is downloaded."""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageDraw

from newsletter.editions.render import Rendered
from newsletter.mail.outlook import revealed
from newsletter.runtime import picture
from newsletter.runtime.magazine import pictures
from newsletter.runtime.themes.weeks import PHOTOS

FOLDER = "photos"
TALLEST = 6800  # pixels of a picture in the gallery
VIEWS = {
    "desktop": picture.View(width=720),
    "phone": picture.View(width=375),
    "phone-dark": picture.View(width=375, dark=True),
    "dark": picture.View(width=720, dark=True),
    "images-off": picture.View(width=720, images=False),
}
_PHOTO = re.compile(re.escape(PHOTOS) + r"/([\w%.-]+)")
_SCENES = sorted(pictures.SCENES)
_FITTING = {
    "the-ceasefire": "mountains",
    "rice": "terraces",
    "europe": "runway",
    "what-a-water": "strait",
    "house": "capitol",
    "arms": "containers",
    "peacekeepers": "savanna",
    "baltic": "sea",
    "the-case": "table",
    "mediators": "chamber",
    "coast": "harbour",
    "map": "contours",
}
_LOGO = "logo.png"


def write(name: str, made: Rendered, folder: Path) -> Path:
    """NAME.html, NAME-outlook.html and NAME.txt, with their photos beside them; the first one's path."""
    local = with_local_photos(made.html, FOLDER)
    for photo in set(_PHOTO.findall(made.html)):
        draw(photo, folder / FOLDER)
    (folder / f"{name}.html").write_text(local, encoding="utf-8")
    (folder / f"{name}-outlook.html").write_text(revealed(local), encoding="utf-8")
    (folder / f"{name}.txt").write_text(made.text, encoding="utf-8")
    return folder / f"{name}.html"


def shots(page: Path, folder: Path) -> Iterator[Path]:
    """A PNG of the page for each of VIEWS; none where there is no Chromium."""
    for name, view in VIEWS.items():
        target = folder / f"{page.stem}-{name}.png"
        if picture.take(page.resolve().as_uri(), target, view):
            picture.compress(target, TALLEST)
            yield target


def album(page: Path, folder: Path) -> Iterator[Path]:
    """As shots, of a mail in one file, and one more: how Outlook on Windows reads it."""
    folder.mkdir(parents=True, exist_ok=True)
    yield from shots(page, folder)
    with tempfile.TemporaryDirectory() as scratch:
        outlook = Path(scratch) / "outlook.html"
        outlook.write_text(revealed(page.read_text(encoding="utf-8")), encoding="utf-8")
        target = folder / f"{page.stem}-outlook.png"
        if picture.take(outlook.as_uri(), target, VIEWS["desktop"]):
            picture.compress(target, TALLEST)
            yield target


def with_local_photos(html: str, place: str) -> str:
    """The invented addresses of photos become names below `place`."""
    return html.replace(f"{PHOTOS}/", f"{place}/")


def draw(photo: str, folder: Path) -> Path:
    """The photo of that name, drawn unless it is there; the same name gives the same picture everywhere."""
    path = folder / photo
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    if photo == _LOGO:
        _logo().save(path)
    else:
        number = sum(map(ord, photo))
        fitting = next((scene for start, scene in _FITTING.items() if photo.startswith(start)), None)
        path.write_bytes(pictures.draw(fitting or _SCENES[number % len(_SCENES)], number))
    return path


def _logo() -> Image.Image:
    """An even keel: a hull between two lines of water."""
    image = Image.new("RGB", (112, 112), "#12324a")
    pen = ImageDraw.Draw(image)
    pen.ellipse((20, 20, 92, 92), outline="#f2e9d8", width=6)
    pen.line((20, 66, 92, 66), fill="#f2e9d8", width=6)
    return image
