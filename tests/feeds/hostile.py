"""Feed documents whose every field is a hostile text: those that a browser sees in tests/browser/desk."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from xml.sax.saxutils import escape, quoteattr

from tests.browser.desk.vectors import VECTORS
from tests.fakes.feed_site import FeedSite, Route

# Without what an edition is refused for: a place of a template that nobody filled in.
TEXTS = [each for each in VECTORS if "{{" not in each and "@@" not in each]
STORIES = 28  # in each of four fields a text: all of them in one document
_RSS = """<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:media="http://search.yahoo.com/mrss/"><channel><title>{name}</title><link>{home}</link>{entries}</channel></rss>"""
_ITEM = """<item><title>{title}</title><description>{dek}</description><dc:creator>{byline}</dc:creator>
<link>{link}</link><guid isPermaLink="false">{n}</guid><category>{credit}</category>
<media:content url={photo} medium="image" width="1200" height="800"><media:credit>{credit}</media:credit>
<media:description>{credit}</media:description></media:content><pubDate>{rfc}</pubDate></item>"""
_ATOM = """<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"
 xmlns:media="http://search.yahoo.com/mrss/"><title type="html">{name}</title><id>{home}</id>{entries}</feed>"""
_ENTRY = """<entry><title type="html">{title}</title><summary type="html">{dek}</summary>
<author><name>{byline}</name><uri>{credit}</uri></author><link href={quoted_link}/><id>urn:x:{n}</id>
<category term={quoted}/><media:content url={photo} medium="image" width="1200" height="800">
<media:credit>{credit}</media:credit></media:content><published>{iso}</published><updated>{iso}</updated></entry>"""


_PAGE = (
    "<!DOCTYPE html><title>A story</title><meta property='og:description' content={0}><h1>A story</h1><p>Words</p>{1}"
)


class EnemySite(FeedSite):
    """Answers every address of a story with a page that is no better than the feed."""

    def answer(self, path: str) -> Route:
        if path in self._routes:
            return super().answer(path)
        evil = TEXTS[len(path) % len(TEXTS)]
        return Route(_PAGE.format(quoteattr(evil), evil).encode(), 200, {"Content-Type": "text/html; charset=utf-8"})


def rss(home: str, shift: int) -> str:
    """`shift` (0 to 3) says which quarter of the texts comes into which field."""
    return _filled(_RSS, _ITEM, home, shift)


def atom(home: str, shift: int) -> str:
    """The same as Atom, where titles and summaries are HTML."""
    return _filled(_ATOM, _ENTRY, home, shift)


def _filled(frame: str, entry: str, home: str, shift: int) -> str:
    entries = "".join(entry.format(**_fields(n, home, shift)) for n in range(STORIES))
    return frame.format(name="The Enemy " + escape(TEXTS[2]), home=home, entries=entries)


def _fields(n: int, home: str, shift: int) -> dict[str, str]:
    title, dek, byline, credit = (_text(n + STORIES * ((part + shift) % 4)) for part in range(4))
    at = datetime.now(UTC) - timedelta(hours=1, minutes=n)
    # Every seventh leads where no browser should go; a reader of feeds may only drop it.
    link = "javascript:alert(1)" if n % 7 == 6 else f"{home}/{n}?{credit}"
    photo = ("https://photos.example/p.gif?" + byline, f"{home}/p.jpg?{byline}", "javascript:alert(1)", byline)[n % 4]
    return {
        "n": str(n), "title": f"Story {n} {escape(title)}", "dek": escape(dek), "byline": escape(byline),
        "credit": escape(credit), "quoted": quoteattr(credit), "photo": quoteattr(photo), "link": escape(link),
        "quoted_link": quoteattr(link), "rfc": format_datetime(at), "iso": at.isoformat(),
    }  # fmt: skip


def _text(number: int) -> str:
    return TEXTS[number % len(TEXTS)]
