"""What a reader of a finished mail meets: its words and its links, without what is hidden. Pure."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from lxml import html as parser
from lxml.html import HtmlElement

_SILENT = frozenset(("script", "style", "title", "head"))
_SPOKEN = ("alt", "title", "aria-label")


def visible(html: str) -> Iterator[HtmlElement]:
    """Every element of the body that is not hidden by its own style or by that of one around it."""
    return _shown(_body(html))


def seen(html: str) -> str:
    """The words that can be seen, in their order."""
    return "".join(_texts(_body(html)))


def words(html: str) -> Iterator[str]:
    """Texts, what stands for pictures, and addresses as a person would write them, hidden ones included."""
    body = _body(html)
    yield from body.xpath(".//text()[not(ancestor::style or ancestor::script)]")
    for element in body.iter("*"):
        yield from (element.get(name, "") for name in _SPOKEN)
        yield unquote(element.get("href") or element.get("src") or "")


def links(html: str) -> Iterator[str]:
    """Where its links lead, as written, in their order."""
    return (str(element.get("href")) for element in _body(html).iter("a") if element.get("href") is not None)


def _body(html: str) -> Any:
    document: Any = parser.document_fromstring(html.encode(), parser=parser.HTMLParser(encoding="utf-8"))
    return document.body


def _shown(element: HtmlElement) -> Iterator[HtmlElement]:
    if not isinstance(element.tag, str) or element.tag in _SILENT or _is_hidden(element):
        return
    yield element
    for child in element:
        yield from _shown(child)


def _texts(element: HtmlElement) -> Iterator[str]:
    if not isinstance(element.tag, str) or element.tag in _SILENT or _is_hidden(element):
        return
    yield element.text or ""
    for child in element:
        yield from _texts(child)
        yield child.tail or ""


def _is_hidden(element: HtmlElement) -> bool:
    style = (element.get("style") or "").replace(" ", "").lower()
    return "display:none" in style or "visibility:hidden" in style
