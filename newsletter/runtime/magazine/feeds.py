"""The two feeds as bytes: RSS 2.0 with Media RSS and Dublin Core, and Atom (RFC 4287).

An entry lacks what its article's `feed_omits` names, so that a reader of the feed has to fetch the page.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from lxml import etree

from newsletter.runtime.magazine.content import NAME, TAGLINE, Article
from newsletter.runtime.magazine.pages import paragraphs
from newsletter.runtime.magazine.pictures import HEIGHT, WIDTH

NAMESPACES = {
    "media": "http://search.yahoo.com/mrss/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "atom": "http://www.w3.org/2005/Atom",
}
ATOM = NAMESPACES["atom"]
# The stubs do not know that None names the default namespace.
ATOM_PREFIXES: Any = {None: ATOM, "media": NAMESPACES["media"]}


def rss(articles: Sequence[Article], site: str) -> bytes:
    """The RSS 2.0 feed of those `articles` that it carries; `site` is the magazine's address without a slash."""
    own = [article for article in articles if "rss" in article.feeds]
    root = etree.Element("rss", {"version": "2.0"}, nsmap=NAMESPACES)
    channel = _add(root, "channel")
    _add(channel, "title", NAME)
    _add(channel, "link", f"{site}/")
    _add(channel, "atom:link", href=f"{site}/feeds/feed.rss", rel="self", type="application/rss+xml")
    _add(channel, "description", TAGLINE)
    _add(channel, "language", "en-us")
    _add(channel, "lastBuildDate", format_datetime(last_change(own)))
    for article in own:
        _add_rss_item(channel, article, site)
    return _document(root)


def atom(articles: Sequence[Article], site: str) -> bytes:
    """The Atom feed of those `articles` that it carries; `site` is the magazine's address without a slash."""
    own = [article for article in articles if "atom" in article.feeds]
    root = etree.Element(f"{{{ATOM}}}feed", nsmap=ATOM_PREFIXES)
    _add(root, "atom:id", f"{site}/feeds/notebook.atom")
    _add(root, "atom:title", f"{NAME}: Notebook")
    _add(root, "atom:subtitle", TAGLINE)
    _add(root, "atom:link", href=f"{site}/feeds/notebook.atom", rel="self")
    _add(root, "atom:link", href=f"{site}/", rel="alternate", type="text/html")
    _add(root, "atom:updated", last_change(own).isoformat())
    for article in own:
        _add_atom_entry(root, article, site)
    return _document(root)


def last_change(articles: Iterable[Article]) -> datetime:
    """When the newest or most recently corrected of `articles` appeared."""
    return max(article.updated_at for article in articles)


def _add_rss_item(channel: etree._Element, article: Article, site: str) -> None:
    item = _add(channel, "item")
    _add(item, "title", article.title)
    _add(item, "link", _link(article, site, "rss"))
    _add(item, "guid", f"even-keel-{article.slug}", isPermaLink="false")
    _add(item, "pubDate", format_datetime(article.published_at))
    for word in (article.kind, *article.topics):
        _add(item, "category", word)
    if "byline" not in article.feed_omits:
        for author in article.authors:
            _add(item, "dc:creator", author.name)
    if "dek" not in article.feed_omits:
        _add(item, "description", article.dek)
        _add(item, "content:encoded", paragraphs(article))
    _add_media(item, article, site)


def _add_atom_entry(root: etree._Element, article: Article, site: str) -> None:
    entry = _add(root, "atom:entry")
    _add(entry, "atom:id", f"tag:even-keel.example,2020:{article.slug}")
    _add(entry, "atom:title", article.title, type="text")
    _add(entry, "atom:link", href=_link(article, site, "atom"), rel="alternate", type="text/html")
    _add(entry, "atom:published", article.published_at.isoformat())
    _add(entry, "atom:updated", article.updated_at.isoformat())
    for word in (article.kind, *article.topics):
        _add(entry, "atom:category", term=word)
    if "byline" not in article.feed_omits:
        for author in article.authors:
            _add(_add(entry, "atom:author"), "atom:name", author.name)
    if "dek" not in article.feed_omits:
        _add(entry, "atom:summary", article.dek, type="text")
    _add_media(entry, article, site)


def _add_media(parent: etree._Element, article: Article, site: str) -> None:
    photo = article.photo
    if photo is None or "image" in article.feed_omits:
        return
    size = {"width": str(WIDTH), "height": str(HEIGHT)}
    url = f"{site}{article.photo_path}"
    content = _add(parent, "media:content", url=url, medium="image", type="image/jpeg", **size)
    if photo.credit:
        _add(content, "media:credit", photo.credit, role="photographer")


def _link(article: Article, site: str, feed: str) -> str:
    # A story in both feeds has a different link in each, as publications that measure their feeds really do.
    tracking = f"?utm_source={feed}&utm_medium=feed&utm_campaign=even-keel" if len(article.feeds) > 1 else ""
    return f"{site}{article.path}{tracking}"


def _add(parent: etree._Element, tag: str, text: str | None = None, /, **attributes: str) -> etree._Element:
    prefix, _, name = tag.rpartition(":")
    child = etree.SubElement(parent, f"{{{NAMESPACES[prefix]}}}{name}" if prefix else name, attributes)
    child.text = text
    return child


def _document(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)
