"""HTML from outside → trees and the images in them. Pure; nothing here opens a file or a connection (S-47)."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from urllib.parse import unquote

from lxml import etree

from newsletter.feeds import urls
from newsletter.feeds.sanitise import fold, plain
from newsletter.feeds.values import Image

# lxml's elements have no public name.
Element = etree._Element  # noqa: SLF001
ALT_LIMIT = 300
CREDIT_LIMIT = 200
# Below this an image is an icon, an avatar or a counting pixel.
_SMALLEST = 120
_FRAME_LEVELS = 5
_MOST_BEHIND = 3
# How many pictures of one document are looked at.
_MOST = 40
# Twice the widest slot of a mail, and some.
_WIDEST = 2000
# WordPress.com resizes by parameter and never enlarges (developer.wordpress.com/docs/photon/api); its feeds ask for
# 150 pixels.
_PHOTON_HOST = re.compile(r"https?://(?:[\w-]+\.files\.wordpress\.com|i[0-3]\.wp\.com)/")
_PHOTON = re.compile(r"([?&])w=\d{2,3}(?=&|$)")
_ASKED = 1200
# Advertisements and counting pixels that feeds carry; they seldom say how small they are.
_COUNTER = re.compile(
    r"//[^/]*(?:doubleclick|feedads|feeds\.feedburner|feedsportal|stats\.wordpress|pixel\.wp|feeds\.wordpress|scorecardresearch"
    r"|google-analytics|quantserve|gravatar)\.|/(?:pixel|spacer|blank|tracking|1x1|clear)[^/]*\.gif",
    re.IGNORECASE,
)
_LAZY = ("data-runner-src", "data-lazy-src", "data-src", "data-original", "data-lazy", "data-image-src")
_SETS = ("srcset", "data-srcset", "data-lazy-srcset", "data-runner-srcset")
_CREDIT_CLASS = re.compile(
    r"photo-?credit|image-?credit|img-?credit|media-?credit|(?:^|[\s_-])credits?(?:$|[\s_-])", re.IGNORECASE
)
_CREDIT_WORDS = re.compile(
    r"(?:\b(?:photos?|images?|pictures?|illustrations?|photograph(?:s|ed)?)\s*(?:credits?|courtesy(?:\s+of)?|by|:)+\s*:?\s*"
    r"|\bcredits?\s*:\s*|\bcourtesy(?:\s+of)\s+|©\s*)(?P<who>.{2,160})$",
    re.IGNORECASE,
)
_AGENCY = (
    r"Reuters|AP|AP Photo|AFP|Getty(?: Images)?|EPA|Shutterstock|Alamy|iStock|Flickr|Unsplash|Wikimedia(?: Commons)?"
    r"|CC[ -]BY[\w .-]*|Public Domain|Creative Commons|Bloomberg|Anadolu|Sipa|Xinhua|Zuma|Pool|Handout"
    r"|Associated Press|DoD|U\.S\. \w+"
)
# "(Jane Doe/Reuters)", "(U.S. Navy photo by …)", "(shutterstock/ X)": brackets at the end that name a source.
_IN_BRACKETS = re.compile(
    rf"\((?P<who>[^()]*(?:\bphotos?\b|\bimages?\b|/|\b(?:{_AGENCY})\b)[^()]*)\)\s*\.?$", re.IGNORECASE
)
_AGENCY_END = re.compile(
    rf"(?:^|[.!?]\s+)(?P<who>[^.!?]{{0,80}}?(?:/|\bvia\s)\s?[^.!?]{{0,40}}\b(?:{_AGENCY})\b[^.!?]{{0,40}})\.?$",
    re.IGNORECASE,
)


def tree(html: bytes | str, encoding: str | None = None) -> Element | None:
    """The document's root, or None when there is none; libxml2 without network, entities or unlimited depth."""
    data = html.encode("utf-8", "replace") if isinstance(html, str) else html
    parser = etree.HTMLParser(
        encoding="utf-8" if isinstance(html, str) else encoding, no_network=True, remove_comments=True, remove_pis=True,
        huge_tree=False,
    )  # fmt: skip
    try:
        return etree.fromstring(data.replace(b"\0", b""), parser) if data.strip() else None
    except (etree.XMLSyntaxError, ValueError, LookupError):
        return None


def first_image(html: str, base: str) -> Image | None:
    """The first picture in a piece of HTML that is more than an icon, with what its figure says about it."""
    if "<img" not in html and "<IMG" not in html:
        return None
    root = tree(html)
    return next(images(root, base), None) if root is not None else None


def images(root: Element, base: str) -> Iterator[Image]:
    """Every usable picture below an element, in order."""
    for element in islice(root.iter("img"), _MOST):
        image = image_of(element, base)
        if image is not None:
            yield image


def image_of(element: Element, base: str) -> Image | None:
    """What an <img> shows: lazy ones keep the real address in other attributes."""
    width, height = pixels(element.get("width")), pixels(element.get("height"))
    if any(size is not None and size < _SMALLEST for size in (width, height)):
        return None
    url = next((made for each in _sources(element) if (made := image_url(each, base))), None)
    if url is None or _COUNTER.search(url):
        return None
    alt = plain(element.get("alt") or "", ALT_LIMIT)
    return Image(url, width, height, alt, credit_of(element))


def image_url(text: str, base: str) -> str | None:
    """An absolute http(s) address of a picture with its query as it is: sizes and signatures live there."""
    text = text.strip()
    if not text or text.startswith("data:"):
        return None
    made = urls.canonical(text, base)
    return _PHOTON.sub(rf"\1w={_ASKED}", made) if made and _PHOTON_HOST.match(made) else made


def pixels(value: object) -> int | None:
    """ "1200", "1200px", 1200 → 1200; None for anything else, such as "100%"."""
    match = re.fullmatch(r"\s*(\d{1,5})(?:\.\d+)?\s*(?:px)?\s*", str(value)) if value is not None else None
    return int(match[1]) or None if match else None


def width_in(url: str) -> int | None:
    """The width that an address asks for, as WordPress, RebelMouse and imgix write it: ?w=150, ?width=980."""
    match = re.search(r"[?&](?:w|width)=(\d{2,4})(?:&|$)", url)
    return int(match[1]) if match else None


def same_picture(one: str, other: str) -> bool:
    """Whether two addresses show one picture, at whatever size or through whatever resizer."""
    a, b = _file_name(one), _file_name(other)
    return bool(a) and a == b


def _file_name(url: str) -> str:
    for _ in range(3):
        url = unquote(url)
    name = url.partition("?")[0].rpartition("/")[2].replace("+", " ").lower()
    # WordPress: photo-1024x683.jpg and photo-scaled.jpg are sizes of photo.jpg.
    return re.sub(r"-(?:\d{2,5}x\d{2,5}|scaled)(?=\.\w{1,5}$)", "", name)


def credit_of(element: Element) -> str:
    """Who took the picture, as its attributes or its figure say; "" when nobody says. Never guessed."""
    for name in ("data-credit", "data-photo-credit", "data-image-credit"):
        if element.get(name):
            return credit(element.get(name) or "")
    outermost = element
    for frame in frames(element):
        found = credit_in(frame)
        if found:
            return found
        outermost = frame
    return _credit_after(outermost)


def _credit_after(element: Element) -> str:
    """RebelMouse's lead: caption and credit stand behind the picture, not around it. A paragraph or photo ends that."""
    for each in islice(element.itersiblings(), _MOST_BEHIND):
        if each.tag in ("p", "img", "picture", "h1", "h2", "h3") or next(each.iter("img"), None) is not None:
            return ""
        for inner in each.iter():
            if _CREDIT_CLASS.search(inner.get("class") or ""):
                return credit(text_of(inner))
    return ""


def frames(element: Element) -> Iterator[Element]:
    """The elements around a picture that belong to it alone, innermost first: a caption there speaks of it."""
    for level, ancestor in enumerate(element.iterancestors()):
        if level >= _FRAME_LEVELS or ancestor.tag in ("article", "main", "section", "body", "html"):
            return
        shown = (each for each in ancestor.iter("img") if not _in_noscript(each))
        if len(list(islice(shown, 2))) > 1:
            return
        yield ancestor


def _in_noscript(element: Element) -> bool:
    parent = element.getparent()
    return parent is not None and parent.tag == "noscript"


def credit_in(figure: Element) -> str:
    """The credit inside a figure: an element marked as one, else words of credit in the caption."""
    for each in figure.iter():
        if each.get("class") and _CREDIT_CLASS.search(each.get("class") or ""):
            found = credit(text_of(each))
            if found:
                return found
    for caption in figure.iter("figcaption", "small"):
        found = credit_from_caption(text_of(caption))
        if found:
            return found
    return ""


def credit(text: str) -> str:
    """ "Photo credit: Jane Doe / Reuters" → "Jane Doe / Reuters"."""
    text = _unwrapped(plain(text, CREDIT_LIMIT))
    match = _CREDIT_WORDS.match(text)
    return _unwrapped(match["who"] if match else text)


def _unwrapped(text: str) -> str:
    """Without brackets around it, or one that nothing closes; those of "Jane Doe (AFP)" stay."""
    text = text.strip(" .:;,")
    if text.startswith("(") and text.find(")") in (-1, len(text) - 1):
        text = text.strip("()")
    return (text if text.count("(") == text.count(")") else text.strip("()")).strip(" .:;,")


def credit_from_caption(text: str) -> str:
    """The credit at a caption's end, if its words say that it is one; else ""."""
    text = plain(text)[-600:]
    for pattern in (_IN_BRACKETS, _CREDIT_WORDS, _AGENCY_END):
        match = pattern.search(text)
        if match and len(match["who"]) <= CREDIT_LIMIT:
            return credit(match["who"])
    return ""


def text_of(element: Element) -> str:
    """All text below an element, as plain text."""
    return fold(" ".join(str(part) for part in element.itertext()))


def widest(candidates: Iterable[Image]) -> Image | None:
    """The picture with the greatest known width; the first of those whose width nobody says."""
    return max(candidates, key=lambda image: image.width or 0, default=None)


def _sources(element: Element) -> Iterator[str]:
    attributes: Mapping[str, str] = {str(key): str(value) for key, value in element.attrib.items()}
    for name in _SETS:
        if attributes.get(name):
            yield from _largest(attributes[name])
    for name in (*_LAZY, "src"):
        if attributes.get(name):
            yield attributes[name]


def _largest(srcset: str) -> Iterator[str]:
    """The candidates of a srcset, widest first, but none above 2,000 pixels while a smaller one exists."""
    found = [(int(width), url) for url, width in re.findall(r"(\S{1,1000})\s+(\d{1,5})w", srcset[:10_000])]
    fitting = [each for each in found if each[0] <= _WIDEST] or found
    yield from (url for _, url in sorted(fitting, reverse=True)[:1])
