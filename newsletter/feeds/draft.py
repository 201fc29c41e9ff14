"""What every feed format has in common: drafts of entries become entries, or are dropped with a reason. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from newsletter.errors import NewsletterError
from newsletter.feeds import urls
from newsletter.feeds.sanitise import dek, fold, opening, plain
from newsletter.feeds.values import NAME_LIMIT, TITLE_LIMIT, Entry, FeedContent, Image, Person

MOST_ITEMS = 2000
_GUID_LIMIT = 1000
_MOST_REASONS = 200


class NotAFeed(NewsletterError):
    """The bytes are no feed; the text says what they seem to be."""


@dataclass(frozen=True)
class Draft:
    """An item as the format gives it; text may still be markup. `markup` is the full text, `summary` the feed's own."""

    guid: str
    link: str
    base: str
    title: str
    summary: str = ""
    markup: str = ""
    people: tuple[Person, ...] = ()
    categories: tuple[str, ...] = ()
    image: Image | None = None
    published_at: datetime | None = None
    updated_at: datetime | None = None


def content(title: str, drafts: Iterable[Draft]) -> FeedContent:
    """The feed's entries in its order; at most 2,000."""
    entries: list[Entry] = []
    dropped: list[str] = []
    source = iter(drafts)
    for each in islice(source, MOST_ITEMS):
        made = _entry(each)
        if isinstance(made, Entry):
            entries.append(made)
        else:
            dropped.append(made)
    beyond = sum(1 for _ in source)
    kept, doubled = _each_once(entries)
    reasons = [*dropped, *doubled][:_MOST_REASONS] + (
        [f"{beyond} entries beyond the first {MOST_ITEMS}"] if beyond else []
    )
    return FeedContent(plain(title, 200), tuple(kept), tuple(reasons))


def _entry(draft: Draft) -> Entry | str:
    title = plain(draft.title, TITLE_LIMIT)
    if not title:
        return f"no title ({fold(draft.link)[:200] or 'no link either'})"
    url = urls.canonical(draft.link, draft.base) if draft.link.strip() else None
    if url is None:
        return f"no usable link ({title[:100]})"
    text, cut = _dek(draft, title)
    published, updated = draft.published_at or draft.updated_at, draft.updated_at
    return Entry(
        guid=fold(draft.guid)[:_GUID_LIMIT] or urls.key(url), url=url, title=title, dek=text, dek_is_cut=cut,
        byline=draft.people, categories=_categories(draft.categories), image=draft.image, published_at=published,
        updated_at=updated if updated and published and updated > published else None,
    )  # fmt: skip


def _dek(draft: Draft, title: str) -> tuple[str, bool]:
    text, cut = dek(draft.summary)
    if cut:
        text = opening(draft.summary)
    if not text or text.casefold() == title.casefold():
        text, cut = opening(draft.markup), True
    return ("", False) if text.casefold() == title.casefold() else (text, cut)


def _categories(texts: Iterable[str]) -> tuple[str, ...]:
    found = (plain(text, NAME_LIMIT) for text in texts)
    return tuple(dict.fromkeys(text for text in found if text))[:40]


def _each_once(entries: list[Entry]) -> tuple[list[Entry], list[str]]:
    """A guid that several stories share identifies none of them: their addresses do. An address counts once."""
    shared = {guid for guid, count in Counter(entry.guid for entry in entries).items() if count > 1}
    kept: dict[str, Entry] = {}
    doubled = []
    for entry in entries:
        key = urls.key(entry.url)
        if key in kept:
            doubled.append(f"twice in the feed ({entry.title[:100]})")
        else:
            kept[key] = replace(entry, guid=key) if entry.guid in shared else entry
    return list(kept.values()), doubled
