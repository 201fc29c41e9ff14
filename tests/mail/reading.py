"""Reads a finished mail as a client would, for the tests to ask about."""

import re
from functools import cache

from lxml import html as parser
from lxml.html import HtmlElement

from newsletter.mail.outlook import revealed

COMMENT = re.compile(r"<!--\[if.*?<!\[endif\]-->", re.DOTALL)


@cache
def tree(html: str) -> HtmlElement:
    """The document, without conditional comments."""
    return parser.fromstring(html.encode(), parser=parser.HTMLParser(encoding="utf-8"))


def words(html: str) -> str:
    """What a reader sees, spaces collapsed."""
    body = parser.fromstring(html.encode(), parser=parser.HTMLParser(encoding="utf-8", remove_comments=True)).body
    return " ".join(" ".join(body.itertext()).split())


def addresses(html: str) -> list[str]:
    """Every href and src, in order."""
    return [value for _element, attribute, value, _at in tree(html).iterlinks() if attribute in {"href", "src"}]


def style_sheets(html: str) -> list[str]:
    """The text of each <style> that is left."""
    return [element.text for element in tree(html).iter("style")]


def outlook_view(html: str) -> str:
    """The document as Outlook on Windows reads it."""
    return revealed(html)
