"""The outside half of a collection: feed and pages into plain values. No database, so it may run in threads."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from newsletter.errors import NewsletterError
from newsletter.feeds import bounded, fetch, pages, urls
from newsletter.feeds.facts import FeedFacts, merge, needs_page
from newsletter.feeds.fetch import Request, Response
from newsletter.feeds.guard import FetchError
from newsletter.feeds.values import ArticleFacts, Entry, FeedContent, PageFacts

MOST_PAGES = 60
_REFUSED = 4  # HTTP 4xx
_LATER = (408, 425, 429)


@dataclass(frozen=True)
class Story:
    """An entry with its facts. `page_settled`: its page was read, is not needed, or will never answer."""

    entry: Entry
    facts: ArticleFacts
    page_settled: bool


@dataclass(frozen=True)
class Harvest:
    """What one visit to a feed brought; `error` in plain words, "" when it went well."""

    error: str = ""
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
        return Harvest(error=str(error))
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
        Story(
            entry,
            merge(entry, trusted.get(entry.url), feed),
            entry.url not in wanted or _settled(answers.get(entry.url)),
        )
        for entry in entries
    )


def _trusted(answers: dict[str, pages.Answer]) -> dict[str, PageFacts]:
    """Pages that speak for one address each: where several end at one (a login, a consent wall), none is believed."""
    read = {address: page for address, page in answers.items() if isinstance(page, PageFacts)}
    ends = Counter(urls.key(page.url) for page in read.values() if page.url)
    return {address: page for address, page in read.items() if not page.url or ends[urls.key(page.url)] == 1}


def _settled(answer: pages.Answer | None) -> bool:
    """A page that timed out may answer later; one that is gone or forbidden will not."""
    if isinstance(answer, FetchError):
        return answer.status // 100 == _REFUSED and answer.status not in _LATER
    return answer is not None
