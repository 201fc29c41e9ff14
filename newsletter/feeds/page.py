"""An article's page → what it says about the article. Pure.

Three witnesses in this order: JSON-LD, the head's meta elements, the visible markup (RebelMouse, WordPress, Ghost,
plain). The first that knows a field is believed. A picture's credit comes only from words about that very picture.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, replace
from datetime import datetime
from itertools import islice

from newsletter.feeds import bylines, jsonld, urls
from newsletter.feeds.dates import moment
from newsletter.feeds.markup import (
    ALT_LIMIT,
    Element,
    credit_of,
    image_of,
    image_url,
    images,
    pixels,
    same_picture,
    text_of,
    tree,
    width_in,
)  # fmt: skip
from newsletter.feeds.sanitise import dek, plain
from newsletter.feeds.values import NAME_LIMIT, TITLE_LIMIT, Image, PageFacts, Person

# Class names by CMS: RebelMouse, WordPress themes, Ghost themes, then what hand-made sites call these things.
_TITLE = ("widget__headline", "entry-title", "gh-article-title", "article-title", "post-title", "headline")
_DEK = (
    "widget__subheadline", "entry-subtitle", "gh-article-excerpt", "article-excerpt", "article-dek", "dek", "deck",
    "standfirst", "subtitle", "subheadline", "subhead", "article-subtitle", "post-subtitle",
)  # fmt: skip
_AUTHOR = (
    "social-author__name", "gh-article-author-name", "author-name", "byline__name", "author__name", "byline-name",
    "author", "byline", "article-author", "post-author",
)  # fmt: skip
_SECTION = (
    "widget__section",
    "cat-links",
    "gh-article-tag",
    "article-tag",
    "post-tag",
    "kicker",
    "eyebrow",
    "section-name",
)
_DATE = ("social-date", "entry-date", "gh-article-date", "article-date", "post-date", "published", "date")
# Characters: a cut description shorter than this says nothing; longer texts are not what their class claims.
_STILL_A_DEK = 40
_LONGEST_BYLINE = 300
_LONGEST_SECTION = 60
_SEPARATORS = re.compile(r"\s+[|–—·•«»:-]+\s+|\s*[|»]\s*")
_CHARSET = re.compile(r"charset=\"?([\w.:-]{1,40})", re.IGNORECASE)


def read_page(body: bytes, url: str, content_type: str = "") -> PageFacts:
    """Everything the page says; empty facts for bytes that are no HTML. `url` is where it came from."""
    root = tree(body, _encoding(body, content_type))
    if root is None:
        return PageFacts()
    shown = _from_markup(root, url)
    facts = _first_of(jsonld.read(root, url), _from_meta(root, url), shown)
    image = _completed(facts.image, root, url) if facts.image else None
    facts = replace(facts, url=_own_address(root, facts, url), image=image)
    title = without_site(facts.title, [facts.site_name, urls.bare_host(url)])
    return replace(facts, title=_as_headed(title, shown.title))


def _as_headed(title: str, headline: str) -> str:
    """The visible headline, where the title is that and then some: "A story | Opinion | The X"."""
    begins = bool(headline) and title.casefold().startswith(headline.casefold())
    return headline if begins and _SEPARATORS.match(title, len(headline)) else title


def without_site(title: str, names: Iterable[str]) -> str:
    """The title without " | Site Name" at its end or beginning."""
    sites = {_squeezed(name) for name in names if name} | {_squeezed(name.partition(".")[0]) for name in names if name}
    separators = list(_SEPARATORS.finditer(title))
    if separators and _squeezed(title[separators[-1].end() :]) in sites:
        return title[: separators[-1].start()].strip()
    if separators and _squeezed(title[: separators[0].start()]) in sites:
        return title[separators[0].end() :].strip()
    return title


def _squeezed(name: str) -> str:
    return re.sub(r"\W|^the\s", "", name.casefold())


def _first_of(*witnesses: PageFacts) -> PageFacts:
    known = PageFacts()
    for each in witnesses:
        silent = [field.name for field in fields(PageFacts) if not getattr(known, field.name)]
        known = replace(known, **{name: getattr(each, name) for name in silent})
    # Sections and tags are words of one list, whoever says them; a kind may stand in the visible kicker only.
    return replace(known, categories=tuple(dict.fromkeys(word for each in witnesses for word in each.categories)))


def _encoding(body: bytes, content_type: str) -> str | None:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        match = _CHARSET.search(content_type)
        return match[1] if match else None
    return "utf-8"


def _own_address(root: Element, facts: PageFacts, url: str) -> str:
    """The page's canonical address, if it is on the same site: nobody may speak for another's article."""
    links = [
        link.get("href") or "" for link in root.iter("link") if "canonical" in (link.get("rel") or "").lower().split()
    ]
    for said in (*links, facts.url):
        made = urls.canonical(said, url) if said else None
        # A broken theme names the front page as every article's canonical address.
        if made and urls.same_host(made, url) and (urls.is_front(url) or not urls.is_front(made)):
            return made
    return urls.canonical(url) or ""


def _from_meta(root: Element, url: str) -> PageFacts:
    metas: dict[str, list[str]] = {}
    for meta in root.iter("meta"):
        name, said = meta.get("property") or meta.get("name") or meta.get("itemprop"), meta.get("content")
        if name and said:
            metas.setdefault(name.strip().lower(), []).append(said)

    def first(*names: str) -> str:
        return next((metas[name][0] for name in names if name in metas), "")

    authors = [
        each
        for name in ("author", "article:author", "parsely-author", "citation_author")
        for each in metas.get(name, ())
    ]
    words = [*metas.get("article:section", ()), *metas.get("parsely-section", ()), *metas.get("article:tag", ())]
    return PageFacts(
        url=urls.canonical(first("og:url"), url) or "" if first("og:url") else "",
        title=plain(first("og:title", "twitter:title") or _title_element(root), TITLE_LIMIT),
        dek=_whole_dek(first("og:description", "description", "twitter:description")),
        byline=bylines.gather(authors),
        categories=tuple(word for each in words if (word := plain(each, NAME_LIMIT))),
        image=_meta_image(first, url),
        published_at=moment(first("article:published_time", "parsely-pub-date", "date", "datepublished")),
        updated_at=moment(first("article:modified_time", "og:updated_time", "datemodified")),
        site_name=plain(first("og:site_name", "application-name"), NAME_LIMIT),
    )


def _meta_image(first: Callable[..., str], url: str) -> Image | None:
    made = image_url(
        first("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src"), url
    )
    if not made:
        return None
    alt = plain(first("og:image:alt", "twitter:image:alt"), ALT_LIMIT)
    width, height = pixels(first("og:image:width")), pixels(first("og:image:height"))
    return Image(made, width or width_in(made), height, alt)


def _whole_dek(text: str) -> str:
    made, cut = dek(text)
    # WordPress cuts descriptions off in mid-sentence; a cut one is still better than none.
    return made if made and (not cut or len(made) > _STILL_A_DEK) else ""


def _title_element(root: Element) -> str:
    return next((text_of(each) for each in root.iter("title")), "")


def _from_markup(root: Element, url: str) -> PageFacts:
    within = next(root.iter("article"), None)
    within = within if within is not None else next(root.iter("main"), root)
    found = _by_class(root, (*_TITLE, *_DEK, *_AUTHOR, *_SECTION, *_DATE))
    title = _text_in(found, _TITLE) or next((text_of(each) for each in root.iter("h1")), "")
    return PageFacts(
        title=plain(title, TITLE_LIMIT),
        dek=_whole_dek(_text_in(found, _DEK)),
        byline=_visible_byline(root, found),
        categories=tuple(_visible_sections(found)),
        image=next(images(within, url), None),
        published_at=_visible_date(within, found),
    )


def _by_class(root: Element, names: Iterable[str]) -> dict[str, list[Element]]:
    """The first elements of each wanted class, in document order."""
    wanted, found = set(names), dict[str, list[Element]]()
    for element in root.iter():
        marked = element.get("class")
        for name in wanted.intersection(marked.lower().split()) if marked else ():
            if len(found.setdefault(name, [])) < bylines.MOST:
                found[name].append(element)
    return found


def _text_in(found: dict[str, list[Element]], names: Iterable[str]) -> str:
    texts = (text_of(element) for name in names for element in found.get(name, ())[:1])
    return next((text for text in texts if text), "")


def _visible_byline(root: Element, found: dict[str, list[Element]]) -> tuple[Person, ...]:
    marked = [
        each
        for each in root.iter("a", "span", "div", "p")
        if each.get("itemprop") == "author" or each.get("rel") == "author"
    ]
    for elements in (*(found.get(name, []) for name in _AUTHOR), list(islice(marked, bylines.MOST))):
        texts = [text for each in elements if len(text := text_of(each)) <= _LONGEST_BYLINE]
        people = bylines.gather(texts)
        if people:
            return people
    return ()


def _visible_sections(found: dict[str, list[Element]]) -> Iterator[str]:
    for name in _SECTION:
        for element in found.get(name, ()):
            links = [text_of(link) for link in element.iter("a")]
            for text in links or re.split(r"[|/,]", text_of(element)):
                if 0 < len(text.strip()) <= _LONGEST_SECTION:
                    yield plain(text)


def _visible_date(within: Element, found: dict[str, list[Element]]) -> datetime | None:
    stamps = (each.get("datetime") or text_of(each) for each in islice(within.iter("time"), 5))
    texts = (text_of(each).partition("|")[0] for name in _DATE for each in found.get(name, ())[:2])
    return next((when for text in (*stamps, *texts) if (when := moment(text))), None)


def _completed(image: Image, root: Element, url: str) -> Image:
    """The picture with the alt text, size and credit that the page gives where it shows it."""
    for element in islice(root.iter("img"), 60):
        shown = image_of(element, url)
        if shown and same_picture(shown.url, image.url):
            image = replace(
                image, width=image.width or shown.width, height=image.height if image.width else shown.height,
                alt=image.alt or shown.alt, credit=image.credit or shown.credit or credit_of(element),
            )  # fmt: skip
    return image
