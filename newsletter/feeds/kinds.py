"""Two independent axes out of a publication's categories: what sort of piece it is, and what it is about. Pure."""

import re
from collections.abc import Iterable, Sequence
from functools import cache

# From the telling to the general: an "Analysis | QiOSK" is an Analysis, and everything new is "Latest".
KINDS = (
    "Interview", "Video", "Podcast", "Book Review", "Review", "Obituary", "Editorial", "Op-Ed", "Opinion", "Commentary",
    "Explainer", "Investigation", "Analysis", "Essay", "Symposium", "Feature", "Reporting", "QiOSK", "News", "Latest",
)  # fmt: skip
# How a site sorts its own front page; no reader asks for it.
_HOUSEKEEPING = frozenset((
    "uncategorized", "uncategorised", "all", "home", "homepage", "front-page", "frontpage", "front", "featured",
    "top-stories", "top-story", "main", "default", "article", "articles", "post", "posts", "blog", "feed", "rss",
    "newsletter", "editors-picks", "editors'-picks", "lead", "hero", "carousel",
))  # fmt: skip
_BEFORE = re.compile(r"(?P<kind>[\w -]{4,20}?)(?P<mark>\s*\|\s*|:\s+)(?=\S)")
TOPICS_LIMIT = 12
_WORD_LIMIT = 60


def axes(categories: Iterable[str], kinds: Sequence[str] = KINDS) -> tuple[str, tuple[str, ...]]:
    """Kind ("" when no category is one) and topics, in the publication's spelling and order.

    `kinds`: the words that count as kinds, the most telling first.
    """
    ranks = _ranks(tuple(kinds))
    best = len(kinds)
    topics: dict[str, str] = {}
    for word in _words(categories):
        rank = ranks.get(_folded(word))
        if rank is not None:
            best = min(best, rank)
        elif word.lower().replace(" ", "-") not in _HOUSEKEEPING:
            # WordPress gives "Middle East" and "middle-east" side by side: its name and its slug.
            known = topics.setdefault(_folded(word), word)
            if known == known.lower() and word != word.lower():
                topics[_folded(word)] = word
    kind = kinds[best] if best < len(kinds) else ""
    return kind, tuple(topics.values())[:TOPICS_LIMIT]


@cache
def _ranks(kinds: tuple[str, ...]) -> dict[str, int]:
    return {_folded(kind): rank for rank, kind in enumerate(kinds)}


def kind_before(title: str, kind: str, kinds: Sequence[str] = KINDS) -> tuple[str, str]:
    """Kind and title, where the title begins with its kind: "Opinion | A story", or "Analysis: A story" of that kind.

    The kicker says it already. A kind that only the title names is the story's.
    """
    mark = _BEFORE.match(title)
    named = next((each for each in kinds if mark and _folded(each) == _folded(mark["kind"])), "")
    if not mark or not named or (":" in mark["mark"] and _folded(named) != _folded(kind)):
        return kind, title
    return kind or named, title[mark.end() :]


def _words(categories: Iterable[str]) -> Iterable[str]:
    for category in categories:
        for word in category.split("|"):
            word = word.replace("\\'", "'").strip()  # noqa: PLW2901
            if word and len(word) <= _WORD_LIMIT:
                yield word


def _folded(word: str) -> str:
    # "Interviews" and "interview" are one kind; "Analysis" loses its s on both sides.
    return word.casefold().replace("-", " ").strip().removesuffix("s")
