"""Feed bytes → entries. Pure: feedparser gets a BytesIO and nothing else, for it opens anything else as a file or URL.

feedparser's sanitiser and its resolving of links inside content are off: both are slow and neither is a boundary.
"""

import calendar
import functools
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import feedparser

from newsletter.feeds import bylines, draft, jsonfeed, references, salvage
from newsletter.feeds.draft import Draft, NotAFeed
from newsletter.feeds.markup import credit, first_image, image_url, pixels, same_picture, tree, widest, width_in
from newsletter.feeds.urls import canonical, same_host
from newsletter.feeds.values import FeedContent, Image, Person

_ENTITY = re.compile(rb"<!ENTITY", re.IGNORECASE)
_HTML = re.compile(rb"\s*(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_SHIFTING = re.compile(rb"<\?xml[^>]{0,200}encoding\s*=\s*[\"'](?:iso-2022|hz)", re.IGNORECASE)
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}encoding\s*=\s*[\"']([\w.:-]{1,40})", re.IGNORECASE)
# Pixels; what is narrower is a thumbnail.
_THUMBNAIL = 300
_PICTURE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif)(?:$|\?)", re.IGNORECASE)
_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")


def read_feed(body: bytes, url: str, content_type: str = "") -> FeedContent:
    """RSS 2.0, RSS 1.0 (RDF), Atom or JSON Feed. Raises NotAFeed.

    `url` is where the body came from, relative links start there; `content_type` is the HTTP header. Costs about 15 ms
    for 30 full texts, but hostile bytes can cost seconds and hundreds of megabytes: see bounded.read_feed.
    """
    body = body.lstrip(b" \t\r\n")
    if not body:
        raise NotAFeed(f"{url} is empty.")
    if body.startswith((b"{", b"[", b"\xef\xbb\xbf{")):
        return jsonfeed.read(body, url)
    if _HTML.match(body[:10_000]):
        raise _a_web_page(body, url)
    if _ENTITY.search(body.replace(b"\0", b"")):
        raise NotAFeed(f"{url} defines entities of its own, which can be used to attack; it was not read.")
    return _read_xml(body, url, content_type)


def _read_xml(body: bytes, url: str, content_type: str) -> FeedContent:
    body = references.mended(_without_cut_characters(body))
    headers = _headers(body, content_type)
    parsed, lost = salvage.parsed(body, lambda part: _parsed(part, headers))
    version = _string(parsed, "version")  # feedparser says none of what it takes to be empty
    if not version and not parsed.entries:
        raise NotAFeed(f"{url} is no feed; {_resembles(body, content_type)}.")
    people = tuple(_people(parsed.feed)) if version.startswith("atom") else ()
    base = _base(_string(parsed.feed, "link"), url)
    makers = [functools.partial(_draft, entry, base, people) for entry in parsed.entries]
    return draft.content(parsed.feed.get("title") or "", makers, lost)


def _parsed(body: bytes, headers: dict[str, str]) -> Any:
    return feedparser.parse(
        io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False, response_headers=headers
    )


def _base(home: str, url: str) -> str:
    """Where relative links start: at the feed, unless somebody else serves the feed for the site (FeedBurner)."""
    site = canonical(home, url) if home else None
    return url if site is None or same_host(site, url) else site


def _headers(body: bytes, content_type: str) -> dict[str, str]:
    """What feedparser may know of the answer. Bytes that are UTF-8 are not something else, whatever a header says."""
    headers = {}
    charset = re.search(r"charset=\"?([\w.:-]{1,40})", content_type, re.IGNORECASE)
    if not _SHIFTING.match(body[:400]) and _is_utf8(body):
        headers["content-type"] = "application/xml; charset=utf-8"
    elif charset:
        headers["content-type"] = f"application/xml; charset={charset[1]}"
    return headers


def _without_cut_characters(body: bytes) -> bytes:
    """UTF-8 in which a plugin cut a few characters in the middle stays UTF-8: a guess would spoil all the others."""
    declared = _DECLARED.match(body[:400])
    if _is_utf8(body) or (declared and declared[1].lower() not in (b"utf-8", b"utf8")):
        return body
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    whole = sum(not char.isascii() for char in text) - broken
    return text.replace("\ufffd", "").encode() if broken * 4 <= whole else body


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _draft(entry: Any, base: str, people: tuple[str, ...]) -> Draft:
    markup = max((_string(part, "value") for part in entry.get("content") or ()), key=len, default="")
    summary = _string(entry, "summary")
    return Draft(
        guid=_string(entry, "id"),
        link=_string(entry, "feedburner_origlink") or _string(entry, "link") or _permalink(entry),
        base=base,
        title=_string(entry, "title"),
        summary="" if summary == markup else summary,
        markup=markup,
        people=_byline(entry) or bylines.gather(people),
        categories=tuple(_string(tag, "term") or _string(tag, "label") for tag in entry.get("tags") or ()),
        image=_best(_image(entry, base), first_image(markup, base) or first_image(summary, base)),
        published_at=_when(entry, "published_parsed") or _when(entry, "created_parsed"),
        updated_at=_when(entry, "updated_parsed"),
    )


def _string(owner: Any, name: str) -> str:
    # dict.get: feedparser's own invents "updated" from "published" with a warning.
    value = dict.get(owner, name)
    return value if isinstance(value, str) else ""


def _permalink(entry: Any) -> str:
    guid = _string(entry, "id")
    return guid if guid.startswith(("http://", "https://")) else ""


def _people(owner: Any) -> Iterator[str]:
    for author in dict.get(owner, "authors") or ():
        yield _string(author, "name") or _string(author, "email")


def _byline(entry: Any) -> tuple[Person, ...]:
    written, people = _string(entry, "author"), [*_people(entry)]
    # feedparser cuts "jane@magazine.example (Jane Doe)" in the middle: it knows no ending longer than four letters.
    alone = not people or ("@" in written and len(people) == 1)
    return bylines.gather([written] if alone else people)


def _when(entry: Any, name: str) -> datetime | None:
    parsed = dict.get(entry, name)
    try:
        return datetime.fromtimestamp(calendar.timegm(parsed), UTC) if parsed else None
    except (ValueError, OverflowError, TypeError, OSError):
        return None


def _image(entry: Any, base: str) -> Image | None:
    """The widest picture of media:content, else of the enclosures, else the thumbnail."""
    pictures = [media for media in dict.get(entry, "media_content") or () if _is_picture(media, "url")]
    credits_ = [credit(_string(each, "content")) for each in dict.get(entry, "media_credit") or ()]
    # feedparser does not tie a credit to its picture: it is taken only where there is no doubt.
    tied = credits_ if len(credits_) == len(pictures) else credits_ * len(pictures) if len(credits_) == 1 else []
    found = [_media(media, base, tied[at] if tied else "") for at, media in enumerate(pictures)]
    if not any(found):
        enclosures = [link for link in dict.get(entry, "links") or () if _string(link, "rel") == "enclosure"]
        found = [_media(link, base, "", "href") for link in enclosures if _is_picture(link, "href")]
    if not any(found):
        alone = credits_[0] if len(credits_) == 1 else ""
        found = [_media(thumbnail, base, alone) for thumbnail in dict.get(entry, "media_thumbnail") or ()]
    return widest(image for image in found if image)


def _best(media: Image | None, inline: Image | None) -> Image | None:
    """The feed's own choice, completed from the same picture in the text; the text's if the feed's is a thumbnail."""
    if media is None or inline is None:
        return media or inline
    if same_picture(media.url, inline.url):
        media = replace(media, alt=media.alt or inline.alt, credit=media.credit or inline.credit)
    small = media.width is not None and media.width < _THUMBNAIL
    return inline if small and (inline.width or _THUMBNAIL) > (media.width or 0) else media


def _media(media: Any, base: str, credited: str, name: str = "url") -> Image | None:
    url = image_url(_string(media, name), base)
    if url is None:
        return None
    width = pixels(dict.get(media, "width")) or width_in(url)
    return Image(url, width, pixels(dict.get(media, "height")), credit=credited)


def _is_picture(media: Any, name: str) -> bool:
    kind = _string(media, "medium") or _string(media, "type").partition("/")[0]
    return kind == "image" or (not kind and _PICTURE.search(_string(media, name)) is not None)


def _a_web_page(body: bytes, url: str) -> NotAFeed:
    found = feeds_of_page(body, url)
    if not found:
        return NotAFeed(f"{url} is a web page, not a feed, and it names no feed.", hint="Look for a link called RSS.")
    return NotAFeed(f"{url} is a web page, not a feed.", hint=f"Its feed is {found[0]}")


def feeds_of_page(body: bytes, url: str) -> list[str]:
    """The feeds that an HTML page names in its head, in its order."""
    root = tree(body[: 1024 * 1024])
    if root is None:
        return []
    links = [link for link in root.iter("link") if (link.get("type") or "").lower() in _FEED_TYPES]
    found = (canonical(link.get("href") or "", url) for link in links if link.get("href"))
    return list(dict.fromkeys(made for made in found if made))


def _resembles(body: bytes, content_type: str) -> str:
    if body.startswith((b"\x89PNG", b"\xff\xd8", b"GIF8", b"RIFF")):
        return "it seems to be a picture"
    if body.startswith(b"%PDF"):
        return "it seems to be a PDF document"
    if re.match(rb"<\?xml|<[a-z]", body[:20], re.IGNORECASE):
        return "it is XML or HTML of another sort"
    named = content_type.partition(";")[0].strip()
    return f"the server calls it {named[:60]}" if named else "it is text or data of another sort"
