"""The editor's note: Markdown in, safe HTML or plain text out."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.token import Token
from markupsafe import Markup

from newsletter.mail.content import mail_address, plain, web_address
from newsletter.mail.slots import neutralise

_TAGS = {"p", "em", "strong", "a", "ul", "ol", "li", "br", "blockquote"}
# A note is a few paragraphs: a heading would break the letter's outline, code and rules have no style in it.
_NOT_IN_A_NOTE = ["heading", "lheading", "hr", "code", "fence", "html_block", "html_inline", "backticks"]


Link = Callable[[str], str]


def to_html(markdown: str, link: Link = str) -> Markup:
    """Paragraphs, emphasis, lists and links to http(s) and mailto, each put through `link`; "" for an empty note."""
    html = nh3.clean(
        _parser().render(_printable(markdown)),
        tags=_TAGS,
        attributes={"a": {"href"}},
        attribute_filter=lambda _tag, _name, value: link(_address(value)) or None,
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
    )
    return Markup(neutralise(html).strip())  # noqa: S704 - nh3 has just cleaned it


@dataclass(frozen=True)
class Paragraph:
    """A paragraph or list entry in plain text, and the addresses that its links lead to."""

    words: str
    links: tuple[str, ...]


def to_text(markdown: str, link: Link = str) -> list[Paragraph]:
    """The note's paragraphs and list entries, in order."""
    paragraphs = []
    mark = ""
    for token in _parser().parse(_printable(markdown)):
        if token.type == "list_item_open":
            mark = f"{token.info}. " if token.info else "- "
        if token.type == "inline" and (words := plain(_words(token))):
            paragraphs.append(Paragraph(mark + words, tuple(map(link, _links(token)))))
            mark = ""
    return paragraphs


def raw_links(markdown: str) -> list[str]:
    """Where its links lead as they were written, also those that a mail leaves out."""
    tokens = _every_link().parse(_printable(markdown))
    inside = (part for token in tokens for part in token.children or [])
    return [str(part.attrs["href"]) for part in inside if part.type == "link_open"]


@cache
def _every_link() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).disable(_NOT_IN_A_NOTE)
    parser.validateLink = lambda url: url is not None  # type: ignore[method-assign] # its documented hook
    return parser


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).disable(_NOT_IN_A_NOTE)
    parser.add_render_rule("image", _picture_in_words)
    parser.validateLink = lambda url: bool(_address(url))  # type: ignore[method-assign] # its documented hook
    return parser


def _picture_in_words(_renderer: Any, tokens: list[Token], index: int, *_rest: Any) -> str:
    return escapeHtml(tokens[index].content)


def _printable(markdown: str) -> str:
    """Lone surrogates, which JSON may carry, cannot be encoded."""
    return markdown.encode(errors="replace").decode()


def _address(url: str) -> str:
    return web_address(url) or mail_address(url)


def _words(inline: Token) -> str:
    return "".join(" " if part.type in {"softbreak", "hardbreak"} else part.content for part in inline.children or [])


def _links(inline: Token) -> tuple[str, ...]:
    opened = [part for part in inline.children or [] if part.type == "link_open"]
    return tuple(_address(str(part.attrs["href"])) for part in opened)
