"""Which addresses an edition leads to, and what their answers mean. Pure: others ask."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urlsplit

from newsletter.editions.preflight_findings import Finding, block, warn
from newsletter.editions.snapshot import ItemContent, Snapshot
from newsletter.feeds.probe import Probe
from newsletter.feeds.urls import same_host
from newsletter.mail import note, reading
from newsletter.mail.content import web_address

_FINE = range(200, 400)
_CLIENT_FAULT = range(400, 500)
# Robots are kept out, or asked to come later: a reader's browser may well get the page.
_NOT_FOR_ROBOTS = frozenset((401, 403, 405, 406, 407, 408, 409, 418, 421, 423, 425, 429, 451))
_NOT_FOUND = 404


@dataclass(frozen=True)
class Link:
    """An address as it was written. `own`: of the publication itself, or of this service."""

    url: str
    own: bool
    said: str
    item: int | None = None
    part: str = ""

    @property
    def asked(self) -> str:
        """What a reader's browser would ask for; "" where it leads nowhere."""
        return web_address(self.url)


def links(snapshot: Snapshot, site_url: str) -> list[Link]:
    """Every link of the mail that somebody wrote or a feed named, in its order; those to readers' pages are ours."""
    noted = _of_words(snapshot["note"], snapshot, site_url, part="note")
    return [*noted, *_of_items(snapshot, site_url), *_of_newsletter(snapshot, site_url)]


def of_templates(urls: Iterable[str], html: str, snapshot: Snapshot, site_url: str) -> list[Link]:
    """Those addresses, written in templates, that a finished mail does lead to."""
    home, printed = snapshot["newsletter"]["home_url"], set(reading.links(html))
    said = "A template of yours"
    return [Link(url, is_own(url, home, site_url), said, part="mail") for url in urls if url in printed]


def faults(found: Sequence[Link], answers: Mapping[str, Probe]) -> Iterator[Finding]:
    """What is wrong with how they are written, and with what answered; those not in `answers` were not asked."""
    asked = {link.asked for link in found} & answers.keys()
    offline = bool(asked) and all(answers[address].no_host for address in asked)
    if offline:
        yield warn("links-unasked", "No link could be asked: this machine reaches none of their servers.", part="mail")
    for link in found:
        if written := _as_written(link):
            yield written
        if not offline and link.asked in answers:
            yield from _as_answered(link, answers[link.asked])


def _as_written(link: Link) -> Finding | None:
    where = {"item": link.item, "part": link.part, "about": link.url}
    parts = urlsplit(link.url) if link.asked else None
    if parts is None:
        relative = "relative-link" if _is_relative(link.url) else "no-web-address"
        told = block if relative == "relative-link" and link.own else warn
        return told(relative, f"{link.said} links to “{link.url}”, which leads nowhere from a mail.", **where)
    if parts.scheme == "http":
        return warn("http-link", f"{link.said} links to {link.url} without https.", **where)
    return None


def _is_relative(url: str) -> bool:
    try:
        return not urlsplit(url.strip()).scheme
    except ValueError:
        return False


def _as_answered(link: Link, answer: Probe) -> Iterator[Finding]:
    where = {"item": link.item, "part": link.part, "about": link.url}
    if fault := _dead(link, answer):
        told, code = (block, "dead-link") if link.own else (warn, "dead-outside-link")
        yield told(code, f"{link.said} links to {link.url}. {fault}", **where)
    elif answer.status not in {*_FINE, *_CLIENT_FAULT}:
        yield warn("silent-link", f"{link.said} links to {link.url}. {answer.words}", **where)


def _dead(link: Link, answer: Probe) -> str:
    """Why no reader gets there, or ""; a page that was taken down often leads to the front page."""
    if answer.to_front and link.own:
        return "It leads to the front page."
    gone = answer.status in _CLIENT_FAULT and answer.status not in _NOT_FOR_ROBOTS
    return (answer.words or "It is not there.") if gone or answer.no_host else ""


def _of_items(snapshot: Snapshot, site_url: str) -> Iterator[Link]:
    for section in snapshot["sections"]:
        for item in section["items"]:
            if item["type"] == "note":
                yield from _of_words(item["text"], snapshot, site_url, item=item["id"])
            elif item["url"]:
                yield Link(item["url"], _is_own(item, snapshot, site_url), f"“{item['title']}”", item=item["id"])


def _is_own(item: ItemContent, snapshot: Snapshot, site_url: str) -> bool:
    """Where no home is named, the publication's own are its articles."""
    home, url = snapshot["newsletter"]["home_url"], cast("Any", item)["url"]
    return (item["type"] == "article" and not home) or is_own(url, home, site_url)


def is_own(url: str, *homes: str) -> bool:
    """Whether an address belongs to one of these sites; a relative one can only belong to them."""
    try:
        host = urlsplit(url.strip()).netloc or (urlsplit(f"//{url.strip()}").netloc if _names_a_host(url) else "")
        return not host or any(home and same_host(f"https://{host}", home) for home in homes)
    except ValueError:  # an address, or a home, that cannot be read is nobody's
        return False


def _names_a_host(url: str) -> bool:
    """ "www.example.org/page", written without its scheme."""
    return url.strip().lower().startswith("www.")


def _of_words(markdown: str, snapshot: Snapshot, site_url: str, **where: Any) -> Iterator[Link]:
    for url in note.raw_links(markdown):
        yield Link(url, is_own(url, snapshot["newsletter"]["home_url"], site_url), "The note", **where)


def _of_newsletter(snapshot: Snapshot, site_url: str) -> Iterator[Link]:
    facts = snapshot["newsletter"]
    if facts["home_url"]:
        yield Link(facts["home_url"], True, "The masthead", part="newsletter")
    for link in facts.get("social", []):
        said = f"The footer's {link['name']}"
        yield Link(link["url"], is_own(link["url"], facts["home_url"], site_url), said, part="newsletter")


@dataclass(frozen=True)
class Site:
    """This service as readers reach it. `kept_in`: its address is loopback or private. `lenient`: that may be meant.

    `addresses` are what every mail needs, by what it is called; `name` is how the site answers to be known again.
    """

    url: str
    kept_in: bool
    lenient: bool
    name: str
    addresses: Mapping[str, str] = field(default_factory=dict)


BROWSER_VIEW = "view in browser"


def site(facts: Site, answers: Mapping[str, Probe]) -> Iterator[Finding]:
    """Whether a reader can leave, read in the browser and see pictures; for the outbox nobody has to ask."""
    told, where = (warn if facts.lenient else block), {"part": "site"}
    if facts.kept_in or not facts.url.startswith("https://"):
        words = f"The links of the mail would point to {facts.url}, which is not a public https address."
        yield told("site-url", words, **where)
    unasked = ", ".join(called for called, address in facts.addresses.items() if address not in answers)
    if unasked and not facts.kept_in:
        words = f"Nobody asked yet whether readers reach {facts.url}: {unasked}. A worker does so within a minute."
        yield told("site-unasked", words, **where)
    for called, address in facts.addresses.items():
        if address in answers and (fault := _unanswered(called, answers[address], facts.name)):
            words = f"The {called} address, {address}, is of no use: {fault}"
            yield told("site-silent", words, about=called, **where)


def _unanswered(called: str, answer: Probe, name: str) -> str:
    if answer.status and answer.site != name:
        return "another site answers there."
    # Before it goes out an edition has no page yet: that we say so ourselves is the answer.
    if answer.status in _FINE or (called == BROWSER_VIEW and answer.status == _NOT_FOUND):
        return ""
    return answer.words or "it does not answer."


def to_ask(found: Iterable[Link]) -> list[str]:
    """The addresses worth asking."""
    return list(dict.fromkeys(link.asked for link in found if link.asked))
