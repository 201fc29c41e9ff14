"""The outside half of a collection: feed and pages into plain values. No database, so it may run in threads."""

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from newsletter.errors import NewsletterError
from newsletter.feeds import bounded, fetch, pages, urls
from newsletter.feeds.bounded import Unreadable
from newsletter.feeds.facts import AHEAD, FeedFacts, leads_elsewhere, merge, needs_page
from newsletter.feeds.fetch import Request, Response
from newsletter.feeds.guard import FetchError
from newsletter.feeds.values import ArticleFacts, Entry, FeedContent, PageFacts

MOST_PAGES = 60
_REFUSED = 4  # HTTP 4xx
_LATER = (408, 425, 429)
_GONE = (404, 410)
# Characters; a longer title is no title.
_LONGEST_TITLE = 300
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Story:
    """An entry with its facts. `page_settled`: its page was read, is not needed, or will never answer.

    `doubt`: why nobody should print it before an editor has looked, in plain words, or "".
    """

    entry: Entry
    facts: ArticleFacts
    page_settled: bool
    doubt: str = ""


@dataclass(frozen=True)
class Harvest:
    """What one visit to a feed brought; `error` in plain words, "" when it went well.

    `wait`: seconds for which a server that answered with an error wants to be left alone.
    """

    error: str = ""
    wait: float = 0.0
    not_modified: bool = False
    etag: str = ""
    last_modified: str = ""
    title: str = ""
    stories: tuple[Story, ...] = ()
    retried: tuple[Story, ...] = ()
    unchanged: int = 0
    dropped: tuple[str, ...] = ()


def visit(request: Request, feed: FeedFacts, is_known: Callable[[Entry], bool], retry: Iterable[Entry] = ()) -> Harvest:
    """Fetch the feed, read it, and read the pages that new, changed and retried entries need.

    What goes wrong outside is in the Harvest, not raised.
    """
    try:
        answer = fetch.get(request)
        content = FeedContent("", ()) if answer.not_modified else _read(answer)
    except NewsletterError as error:
        return Harvest(error=str(error), wait=error.wait if isinstance(error, FetchError) else 0.0)
    feed = replace(feed, title=feed.title or content.title)
    fresh = [entry for entry in content.entries if not is_known(entry)]
    guids = {entry.guid for entry in fresh}
    waiting = [entry for entry in retry if entry.guid not in guids]
    stories = complete([*fresh, *waiting], feed, private=request.private)
    return Harvest(
        not_modified=answer.not_modified, etag=answer.etag, last_modified=answer.last_modified, title=content.title,
        stories=stories[: len(fresh)], retried=stories[len(fresh) :], unchanged=len(content.entries) - len(fresh),
        dropped=content.dropped,
    )  # fmt: skip


def read(request: Request) -> FeedContent:
    """Fetch and read a feed. Raises FetchError, NotAFeed and Unreadable."""
    return _read(fetch.get(request))


def _read(answer: Response) -> FeedContent:
    return bounded.read_feed(answer.body, answer.url, answer.content_type)


def complete(
    entries: Iterable[Entry], feed: FeedFacts, *, private: bool, most_pages: int = MOST_PAGES
) -> tuple[Story, ...]:
    """The entries with their facts, the newest `most_pages` of those with gaps filled from their pages."""
    entries = list(entries)
    gaps = [entry for entry in entries if needs_page(entry, feed)]
    gaps.sort(key=lambda entry: entry.published_at.timestamp() if entry.published_at else 0, reverse=True)
    answers = pages.read_pages([entry.url for entry in gaps[:most_pages]], private=private)
    wanted = {entry.url for entry in gaps}
    trusted = _trusted(answers)
    return tuple(
        _story(entry, trusted.get(entry.url), feed, answers.get(entry.url), needed=entry.url in wanted)
        for entry in entries
    )


def single(request: Request) -> Story:
    """An article that no feed gave, from its page alone. Raises FetchError, Unreadable and NewsletterError."""
    answer = fetch.get(request)
    kind = answer.content_type.partition(";")[0].strip().lower()
    if kind and "html" not in kind:
        raise NewsletterError(f"{request.url} is no web page: the server calls it {kind[:60]}.")
    with bounded.Child() as child:
        page = child.read_page(answer.body, answer.url, answer.content_type)
    if not page.title:
        raise NewsletterError(f"{request.url} is no article: the page has no title.", hint="Open it in a browser.")
    entry = Entry(guid=urls.key(request.url), url=request.url, title=page.title, dek_is_cut=True)
    if leads_elsewhere(entry, page):
        raise NewsletterError(f"{request.url} leads to the front page: the article is gone.")
    return Story(entry, merge(entry, page, FeedFacts()), page_settled=True)


def _story(
    entry: Entry, page: PageFacts | None, feed: FeedFacts, answer: pages.Answer | None, *, needed: bool
) -> Story:
    doubt = _doubt(entry, answer)
    try:
        facts = merge(entry, page, feed)
    except Exception:
        logger.exception("The article %s could not be made", entry.url)
        facts, doubt = ArticleFacts(entry.url, entry.title), "newsletter itself failed on it; its log says where."
    return Story(entry, facts, not needed or _settled(answer), doubt)


def _doubt(entry: Entry, answer: pages.Answer | None) -> str:
    if isinstance(answer, FetchError) and answer.status in _GONE:
        return f"Its page is gone: {answer}"
    if isinstance(answer, Unreadable):
        return f"Its page: {answer}"
    if isinstance(answer, PageFacts) and leads_elsewhere(entry, answer):
        return "Its address leads to the front page."
    if len(entry.title) > _LONGEST_TITLE:
        return f"Its title has {len(entry.title)} characters."
    if entry.published_at and entry.published_at > datetime.now(UTC) + AHEAD:
        return f"It is dated {entry.published_at:%d %B %Y}, which is to come."
    return ""


def _trusted(answers: dict[str, pages.Answer]) -> dict[str, PageFacts]:
    """Pages that speak for one address each: where several end at one (a login, a consent wall), none is believed."""
    read = {address: page for address, page in answers.items() if isinstance(page, PageFacts)}
    ends = Counter(urls.key(page.url) for page in read.values() if page.url)
    return {address: page for address, page in read.items() if not page.url or ends[urls.key(page.url)] == 1}


def _settled(answer: pages.Answer | None) -> bool:
    """A page that timed out, or that a cache does not know yet, may answer later; one that is forbidden will not."""
    if isinstance(answer, FetchError):
        return answer.status // 100 == _REFUSED and answer.status not in (*_LATER, *_GONE)
    return answer is not None
