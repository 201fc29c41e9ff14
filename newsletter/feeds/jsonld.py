"""schema.org JSON-LD in pages: finds the node of the article and reads it. Pure.

Seen in the wild: HTML comments and trailing commas inside the block, arrays, @graph with @id references (Yoast), the
article under mainEntity, names as text or as objects, entities escaped twice.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from newsletter.feeds import bylines
from newsletter.feeds.dates import moment
from newsletter.feeds.markup import ALT_LIMIT, Element, credit, credit_from_caption, image_url, pixels
from newsletter.feeds.sanitise import dek, plain
from newsletter.feeds.urls import canonical
from newsletter.feeds.values import NAME_LIMIT, TITLE_LIMIT, Image, PageFacts, Person

Node = dict[str, Any]

_ARTICLES = re.compile(r"(?:Article|Posting|Report|Review|Interview)$")
# Types that say which kind of piece it is.
_KINDS = {
    "AnalysisNewsArticle": "Analysis", "OpinionNewsArticle": "Opinion", "ReviewNewsArticle": "Review",
    "ReportageNewsArticle": "Reporting",
}  # fmt: skip
_MOST_NODES = 2000
_DEPTH = 12
# A node with only @id, or @type and @id, points to another.
_REFERENCE = 2


def read(root: Element, base: str) -> PageFacts:
    """What the page's JSON-LD says about its article; empty facts when there is none."""
    nodes = [node for block in _blocks(root) for node in _walk(block, 0)][:_MOST_NODES]
    by_id = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and len(node) > 1}
    article = next((node for node in nodes if any(_ARTICLES.search(name) for name in _types(node))), None)
    return _facts(article, by_id, base) if article is not None else PageFacts()


def _facts(article: Node, by_id: dict[str, Node], base: str) -> PageFacts:
    description, cut = dek(_text(article.get("description")))
    publisher = next(iter(_nodes(article.get("publisher"), by_id)), {})
    return PageFacts(
        url=canonical(_text(article.get("url")) or _main_page(article), base) or "",
        title=plain(_text(article.get("headline")) or _text(article.get("name")), TITLE_LIMIT),
        dek="" if cut else description,
        byline=_byline(article, by_id),
        categories=tuple(_categories(article)),
        image=_image(article, by_id, base),
        published_at=moment(article.get("datePublished")),
        updated_at=moment(article.get("dateModified")),
        site_name=plain(_text(publisher.get("name")), NAME_LIMIT),
    )


def _blocks(root: Element) -> Iterator[Any]:
    for script in root.iter("script"):
        if (script.get("type") or "").split(";")[0].strip().lower() == "application/ld+json" and script.text:
            text = re.sub(r"^\s*(?:<!--|//<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\]\]>|\]\]>)\s*$", "", script.text.strip())
            for attempt in (text, re.sub(r",(\s*[}\]])", r"\1", text)):
                try:
                    yield json.loads(attempt.strip().rstrip(";"), strict=False)
                    break
                except (ValueError, RecursionError):
                    continue


def _walk(value: Any, depth: int) -> Iterator[Node]:
    if depth > _DEPTH:
        return
    if isinstance(value, list):
        for each in value[:_MOST_NODES]:
            yield from _walk(each, depth + 1)
    elif isinstance(value, dict):
        yield value
        for name in ("@graph", "mainEntity", "mainEntityOfPage", "author", "image", "publisher", "hasPart"):
            yield from _walk(value.get(name), depth + 1)


def _types(node: Node) -> list[str]:
    named = node.get("@type")
    return [each for each in (named if isinstance(named, list) else [named]) if isinstance(each, str)]


def _nodes(value: Any, by_id: dict[str, Node]) -> Iterator[Node]:
    """A property's values as nodes: references followed, plain text as a node with that name."""
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, dict):
            yield by_id.get(each["@id"], each) if isinstance(each.get("@id"), str) and len(each) <= _REFERENCE else each
        elif isinstance(each, str) and each:
            yield by_id.get(each, {"name": each, "url": each})


def _byline(article: Node, by_id: dict[str, Node]) -> tuple[Person, ...]:
    people: dict[str, Person] = {}
    for node in _nodes(article.get("author") or article.get("creator"), by_id):
        role = plain(_text(node.get("jobTitle")), NAME_LIMIT)
        for person in bylines.split(_text(node.get("name"))):
            people.setdefault(person.name.casefold(), Person(person.name, person.role or role))
    return tuple(people.values())[: bylines.MOST]


def _categories(article: Node) -> Iterator[str]:
    yield from (_KINDS[name] for name in _types(article) if name in _KINDS)
    sections = article.get("articleSection")
    for section in sections if isinstance(sections, list) else [sections]:
        for word in _text(section).split(","):
            if plain(word):
                yield plain(word, NAME_LIMIT)
    yield from (plain(_text(article.get(name)), NAME_LIMIT) for name in ("genre",) if _text(article.get(name)))


def _image(article: Node, by_id: dict[str, Node], base: str) -> Image | None:
    for node in _nodes(article.get("image"), by_id):
        url = image_url(_text(node.get("url")) or _text(node.get("contentUrl")) or _text(node.get("@id")), base)
        if url:
            width, height = (pixels(_size(node.get(name))) for name in ("width", "height"))
            return Image(url, width, height, plain(_text(node.get("alternateName")), ALT_LIMIT), _credit(node, by_id))
    return None


def _credit(node: Node, by_id: dict[str, Node]) -> str:
    makers = (_text(maker.get("name")) for name in ("creator", "author") for maker in _nodes(node.get(name), by_id))
    named = _text(node.get("creditText")) or next((each for each in makers if each), "")
    return credit(named) if named else credit_from_caption(_text(node.get("caption")))


def _size(value: Any) -> Any:
    return value.get("value") if isinstance(value, dict) else value


def _main_page(article: Node) -> str:
    page = article.get("mainEntityOfPage")
    return _text(page.get("@id")) or _text(page.get("url")) if isinstance(page, dict) else _text(page)


def _text(value: Any) -> str:
    if isinstance(value, list):
        value = next((each for each in value if isinstance(each, str)), "")
    return value if isinstance(value, str) else ""
