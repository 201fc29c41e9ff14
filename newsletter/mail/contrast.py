"""Whether the words of a finished mail can be read on their ground, in light and in dark. Pure.

Only what this house's templates use is understood: colours in style attributes, and in the sheet for dark mode rules
for a class, or for a tag inside a class.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import html as parser
from lxml.html import HtmlElement

from newsletter.mail.colour import READABLE, as_hex, contrast
from newsletter.mail.slots import PIXEL

_DARK = re.compile(r"@media \(prefers-color-scheme: ?dark\) ?\{(.*?\})\s*\}", re.DOTALL)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_COLOUR = re.compile(r"(?:^|;)\s*color:\s*([^;!]+)")
_GROUND = re.compile(r"(?:^|;)\s*background(?:-color)?:\s*([^;!]+)")
_SILENT = {"script", "style", "title"}


@dataclass(frozen=True)
class Dim:
    """Words that cannot be read well: `ratio` is below 4.5 to 1."""

    words: str
    colour: str
    ground: str
    ratio: float
    scheme: str


@dataclass(frozen=True)
class _Rule:
    """`around` is a class, `tag` what has to stand inside it; "" for the element of the class itself."""

    around: str
    tag: str
    style: str


def dim(html: str) -> list[Dim]:
    """Every piece of text that is too faint, once per pair of colours and scheme."""
    document: Any = parser.document_fromstring(html.encode(), parser=parser.HTMLParser(encoding="utf-8"))
    found: dict[tuple[str, str, str], Dim] = {}
    for scheme, rules in (("light", []), ("dark", _rules(html))):
        for words, colour, ground in _texts(document.body, rules, ("#000000", "#ffffff")):
            ratio = contrast(colour, ground)
            if ratio < READABLE:
                found.setdefault((colour, ground, scheme), Dim(words, colour, ground, ratio, scheme))
    return list(found.values())


def _texts(element: HtmlElement, rules: list[_Rule], inherited: tuple[str, str]) -> Iterator[tuple[str, str, str]]:
    if "display:none" in (element.get("style") or "").replace(" ", ""):
        return
    colours = _colours(element, rules, inherited)
    if (said := _said(element.text)) and element.tag not in _SILENT and isinstance(element.tag, str):
        yield said, *colours
    for child in element:
        yield from _texts(child, rules, colours)
        if said := _said(child.tail):
            yield said, *colours


def _said(text: str | None) -> str:
    """The beginning of some words; the slot of a picture that nobody sees has none."""
    return " ".join((text or "").replace(PIXEL, "").split())[:40]


def _colours(element: HtmlElement, rules: list[_Rule], inherited: tuple[str, str]) -> tuple[str, str]:
    """Text and ground; the sheet for dark mode says !important and so comes after the tag's own style."""
    colour, ground = inherited
    for style in [element.get("style") or "", *(rule.style for rule in rules if _fits(rule, element))]:
        colour = _last(_COLOUR, style) or colour
        ground = _last(_GROUND, style) or ground
    return colour, ground


def _fits(rule: _Rule, element: HtmlElement) -> bool:
    if not rule.tag:
        return rule.around in _classes(element)
    return element.tag == rule.tag and any(rule.around in _classes(each) for each in element.iterancestors())


def _classes(element: HtmlElement) -> list[str]:
    return (element.get("class") or "").split()


def _rules(html: str) -> list[_Rule]:
    sheet = "".join(_DARK.findall(html))
    found = []
    for selectors, style in _RULE.findall(sheet):
        for selector in selectors.split(","):
            around, _, tag = selector.strip().partition(" ")
            found.append(_Rule(around.removeprefix("."), tag.strip(), style.replace("!important", "")))
    return found


def _last(pattern: re.Pattern[str], style: str) -> str:
    found = list(filter(None, map(as_hex, pattern.findall(style))))
    return found[-1] if found else ""
