"""What makes a mail one publication's own: logo, type faces, social links and lines of the footer. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from newsletter.mail.content import plain, web_address

FONTS: dict[str, str] = {
    "georgia": "Georgia,Times New Roman,serif",
    "charter": "Charter,Georgia,Times New Roman,serif",
    "palatino": "Palatino,Palatino Linotype,Book Antiqua,Georgia,serif",
    "times": "Times New Roman,Times,serif",
    "system": "-apple-system,BlinkMacSystemFont,Segoe UI,Roboto,Helvetica,Arial,sans-serif",
    "helvetica": "Helvetica Neue,Helvetica,Arial,sans-serif",
    "verdana": "Verdana,Geneva,sans-serif",
    "trebuchet": "Trebuchet MS,Segoe UI,Helvetica,sans-serif",
}
"""Faces that readers have on their machines: Gmail and Outlook load none."""
HEADLINE_FONT, TEXT_FONT = "georgia", "system"

LOGO_WIDEST, LOGO_TALLEST = 240, 96
"""Pixels of a logo as shown: it stands beside the name, never in its place."""
MOST_LINKS = 8
MOST_LINES = 6


@dataclass(frozen=True)
class Logo:
    """`width` and `height` are pixels as shown; the file should have twice as many."""

    url: str
    width: int
    height: int


@dataclass(frozen=True)
class Link:
    """A place where the publication is too."""

    name: str
    url: str


@dataclass(frozen=True)
class Brand:
    """As the templates see it; what is no web address has been left out."""

    logo: Logo | None = None
    social: tuple[Link, ...] = ()
    footer: tuple[str, ...] = ()


def brand(facts: Mapping[str, Any]) -> Brand:
    """The brand in a snapshot's newsletter facts; those approved before there were brands have none."""
    url = web_address(facts.get("logo_url", ""))
    logo = Logo(url, *size(facts["logo_size"])) if url else None
    return Brand(logo, _links(facts.get("social", [])), _lines(facts.get("footer", "")))


def size(text: str) -> tuple[int, int]:
    """Width and height of a logo as written: "96x48". Raises ValueError for none, or for one that is too large."""
    width, _, height = text.partition("x")
    found = (int(width), int(height))
    if not (0 < found[0] <= LOGO_WIDEST and 0 < found[1] <= LOGO_TALLEST):
        raise ValueError(f"a logo is at most {LOGO_WIDEST}x{LOGO_TALLEST}")
    return found


def fonts(facts: Mapping[str, Any]) -> dict[str, str]:
    """The two stacks that style sheets ask for, `serif` for headlines and `sans` for the rest."""
    return {
        "serif": FONTS.get(facts.get("headline_font", ""), FONTS[HEADLINE_FONT]),
        "sans": FONTS.get(facts.get("text_font", ""), FONTS[TEXT_FONT]),
    }


def _links(social: Sequence[Mapping[str, str]]) -> tuple[Link, ...]:
    found = (Link(plain(link["name"]), web_address(link["url"])) for link in social[:MOST_LINKS])
    return tuple(link for link in found if link.name and link.url)


def _lines(footer: str) -> tuple[str, ...]:
    return tuple(filter(None, map(plain, footer.splitlines())))[:MOST_LINES]
