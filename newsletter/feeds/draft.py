"""What every feed format has in common: drafts of entries become entries, or are dropped with a reason. Pure."""

import functools
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

from newsletter.errors import NewsletterError
from newsletter.feeds import urls
from newsletter.feeds.salvage import TOO_MUCH
from newsletter.feeds.sanitise import dek, fold, opening, plain
from newsletter.feeds.values import NAME_LIMIT, TITLE_LIMIT, Entry, FeedContent, Image, Person

MOST_ITEMS = 2000
_GUID_LIMIT = 1000
_MOST_REASONS = 200
Made = TypeVar("Made")


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


def content(title: str, makers: Sequence[Callable[[], Draft]], lost: int = 0) -> FeedContent:
    """The feed's entries in its order; of more than 2,000 the newest. `lost` items could not even be told apart."""
    drafts, dropped = _drafts(makers)
    dropped += ["newsletter itself failed to read it"] * lost
    entries: list[Entry] = []
    for each in _newest(drafts):
        made = _guarded(functools.partial(_entry, each))
        if isinstance(made, Entry):
            entries.append(made)
        else:
            dropped.append(made)
    kept, doubled = _each_once(entries)
    reasons, beyond = [*dropped, *doubled][:_MOST_REASONS], len(drafts) - MOST_ITEMS
    if beyond > 0:
        reasons.append(f"{beyond} entries beyond the newest {MOST_ITEMS}")
    return FeedContent(plain(title, 200), tuple(kept), tuple(reasons))


def _drafts(makers: Iterable[Callable[[], Draft]]) -> tuple[list[Draft], list[str]]:
    tried = [_guarded(maker) for maker in makers]
    return [each for each in tried if isinstance(each, Draft)], [each for each in tried if isinstance(each, str)]


def _guarded(make: Callable[[], Made]) -> Made | str:
    """What is made of one item. A fault of ours that its content brings out costs the item, not the feed."""
    try:
        return make()
    except TOO_MUCH:
        raise
    except Exception as error:  # noqa: BLE001 # said in words
        return f"newsletter itself failed to read it ({fold(repr(error))[:150]})"


def _newest(drafts: list[Draft]) -> list[Draft]:
    """At most 2,000, in the feed's order: some feeds have their oldest first. Without dates the first ones."""
    if len(drafts) <= MOST_ITEMS:
        return drafts
    ranked = sorted(range(len(drafts)), key=lambda at: _told(drafts[at]), reverse=True)
    return [drafts[at] for at in sorted(ranked[:MOST_ITEMS])]


def _told(draft: Draft) -> datetime:
    return draft.published_at or draft.updated_at or datetime.min.replace(tzinfo=UTC)


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
