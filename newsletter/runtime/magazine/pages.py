"""The magazine's HTML pages, with the metadata that publications put into theirs."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt

from newsletter.runtime.magazine.content import NAME, TAGLINE, Article
from newsletter.runtime.magazine.pictures import HEIGHT, WIDTH

_environment = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.globals |= {"name": NAME, "tagline": TAGLINE, "width": WIDTH, "height": HEIGHT}
_markdown = MarkdownIt("commonmark", {"html": False})


def front_page(articles: Sequence[Article], site: str) -> bytes:
    """All `articles`, newest first, the first of them as the lead; `site` is the address without a slash."""
    return _page("front.html", site=site, lead=articles[0], rest=articles[1:])


def article_page(article: Article, site: str) -> bytes:
    """One article with JSON-LD, OpenGraph and its photo's credit."""
    linked_data = json.dumps(news_article(article, site), ensure_ascii=False).replace("</", "<\\/")
    return _page("article.html", site=site, article=article, body=paragraphs(article), linked_data=linked_data)


def subscribe_page(site: str) -> bytes:
    """Says honestly that the magazine is invented, and how a reader is added."""
    return _page("subscribe.html", site=site)


def not_found_page(site: str) -> bytes:
    """For every other address."""
    return _page("not_found.html", site=site)


def paragraphs(article: Article) -> str:
    """The article's text as HTML."""
    return str(_markdown.render(article.body))


def news_article(article: Article, site: str) -> dict[str, Any]:
    """The article as schema.org/NewsArticle."""
    url = f"{site}{article.path}"
    return {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "mainEntityOfPage": {"@type": "WebPage", "@id": url},
        "url": url,
        "headline": article.title,
        "description": article.dek,
        "articleSection": article.kind,
        "keywords": list(article.topics),
        "datePublished": article.published_at.isoformat(),
        "dateModified": article.updated_at.isoformat(),
        "author": [_person(author.name, author.role) for author in article.authors],
        "publisher": {"@type": "NewsMediaOrganization", "name": NAME, "url": f"{site}/"},
        **_image(article, site),
    }


def _person(name: str, role: str) -> dict[str, str]:
    return {"@type": "Person", "name": name} | ({"jobTitle": role} if role else {})


def _image(article: Article, site: str) -> dict[str, Any]:
    if article.photo is None:
        return {}
    image = {
        "@type": "ImageObject",
        "url": f"{site}{article.photo_path}",
        "width": WIDTH,
        "height": HEIGHT,
        "caption": article.photo.caption,
    }
    return {"image": image | ({"creditText": article.photo.credit} if article.photo.credit else {})}


def _page(template: str, **values: object) -> bytes:
    return _environment.get_template(template).render(**values).encode()
