"""What is wrong with a finished mail, as far as a machine can tell. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from lxml import html as parser
from lxml.html import HtmlElement

from newsletter.mail.contrast import dim
from newsletter.mail.reading import seen, visible
from newsletter.mail.support import complaint

SIZE_WARNS = 80_000
"""Bytes of HTML; Gmail cuts a mail off at about 102,400."""

_SHEET = re.compile(r"<style[^>]*>(.*?)</style>", re.DOTALL)
_DECLARATION = re.compile(r"[{;]\s*([\w-]+)\s*:\s*([^;{}]+?)\s*(?:!important\s*)?(?=[;}])")
_IN_TAG = re.compile(r"(?:^|;)\s*([\w-]+)\s*:\s*([^;]+?)\s*(?=;|$)")


@dataclass(frozen=True)
class Finding:
    """An error must not be sent; a warning may be meant.

    `code`: no-unsubscribe, no-postal-address, structure, css, contrast or size; template where none could be made.
    """

    level: Literal["error", "warning"]
    text: str
    code: str = "template"


def findings(html: str, text: str, *, unsubscribe: str, postal_address: str) -> list[Finding]:
    """All faults of both parts, the errors first. `unsubscribe` is the address for leaving as it stands in them."""
    document = parser.document_fromstring(html.encode(), parser=parser.HTMLParser(encoding="utf-8"))
    found = [
        *_legal(html, text, unsubscribe, postal_address),
        *(Finding("error", each, "structure") for each in _structure(document)),
        *(Finding("warning", each, "css") for each in _css(html, document)),
        *(Finding("warning", each, "contrast") for each in _contrast(html)),
    ]
    if (size := len(html.encode())) > SIZE_WARNS:
        found.append(Finding("warning", f"The HTML has {size:,} bytes; Gmail cuts off at about 102,400", "size"))
    return found


def _legal(html: str, text: str, unsubscribe: str, postal_address: str) -> Iterator[Finding]:
    for name, part in (("HTML", html), ("text", text)):
        if unsubscribe not in part or (name == "HTML" and not _leads(part, unsubscribe)):
            words = f"The {name} part has no link for unsubscribing that can be seen; print {{{{ unsubscribe }}}}"
            yield Finding("error", words, "no-unsubscribe")
        printed = _bare(part if name == "text" else seen(part))
        if not _bare(postal_address) or _bare(postal_address) not in printed:
            words = f"The {name} part has no postal address; print {{{{ newsletter.postal_address }}}}"
            yield Finding("error", words, "no-postal-address")


def _bare(words: str) -> str:
    """Letters and digits alone: an address of several lines is printed in one, with commas between them."""
    return re.sub(r"[\W_]", "", words.casefold())


def _leads(html: str, address: str) -> bool:
    """Whether a link with words that can be seen leads there."""
    there = (each for each in visible(html) if each.tag == "a" and each.get("href") == address)
    return any(str(each.text_content()).strip() for each in there)


def _structure(document: HtmlElement) -> Iterator[str]:
    for table in document.iter("table"):
        if table.get("role") != "presentation":
            yield 'A table without role="presentation": screen readers would read it as data'
            break
    for picture in document.iter("img"):
        sizes = (picture.get("width", ""), picture.get("height", ""))
        if picture.get("alt") is None or not all(size.isdecimal() for size in sizes):
            yield f"A picture without alt, or without width and height in whole pixels: {picture.get('src')}"
    levels = [int(each.tag[1]) for each in document.iter("h1", "h2", "h3", "h4", "h5", "h6")]
    if levels.count(1) != 1 or any(after > before + 1 for before, after in pairwise(levels)):
        yield "Headings have to begin with one h1 and skip no level"
    if document.get("lang") is None or document.get("dir") is None:
        yield "<html> needs lang and dir"


def _css(html: str, document: HtmlElement) -> list[str]:
    declared = [pair for sheet in _SHEET.findall(html) for pair in _DECLARATION.findall(sheet)]
    for element in document.iter():
        declared += _IN_TAG.findall(element.get("style") or "")
    said = (complaint(name.lower(), value.lower()) for name, value in dict.fromkeys(declared))
    return list(dict.fromkeys(filter(None, said)))


def _contrast(html: str) -> Iterator[str]:
    for each in dim(html):
        yield (
            f"“{each.words}” is hard to read in {each.scheme} mode: {each.colour} on {each.ground}"
            f" is {each.ratio:.1f} to 1, and 4.5 is the least"
        )
