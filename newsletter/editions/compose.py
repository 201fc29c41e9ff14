"""Which story goes where, and why. Pure: the same candidates give the same edition, and every story has its reason.

Sections choose in their order, each from the stories that fit its rules and that no earlier section took. Within a
section the newest come first, but an author or a topic that is already there waits for the others.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Candidate:
    """A story of the week."""

    article_id: int
    published_at: datetime
    kind: str
    topics: frozenset[str]
    feeds: frozenset[int]
    authors: frozenset[str]
    has_image: bool


@dataclass(frozen=True)
class Rules:
    """A section's frame. An empty set of feeds, kinds or topics admits all."""

    section_id: int
    name: str
    cap: int
    is_lead: bool = False
    feeds: frozenset[int] = frozenset()
    kinds: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()

    def admits(self, story: Candidate) -> bool:
        return (
            (not self.feeds or bool(self.feeds & story.feeds))
            and (not self.kinds or _fold([story.kind]) <= _fold(self.kinds))
            and (not self.topics or bool(_fold(self.topics) & _fold(story.topics)))
        )


@dataclass(frozen=True)
class Choice:
    """Where a story stands (`section_id` None: left out), and the reason in plain words."""

    article_id: int
    section_id: int | None
    position: int
    reason: str


@dataclass
class _Section:
    rules: Rules
    picked: list[Candidate] = field(default_factory=list)

    @property
    def room(self) -> int:
        return self.rules.cap - len(self.picked)


def compose(candidates: Iterable[Candidate], sections: Sequence[Rules]) -> list[Choice]:
    """Place every candidate once or say why not. `sections` in their order; caps count stories."""
    left = sorted(candidates, key=lambda story: (-story.published_at.timestamp(), story.article_id))
    choices: list[Choice] = []
    for rules in sections:
        picked = pick([story for story in left if rules.admits(story)], rules)
        choices += [
            Choice(story.article_id, rules.section_id, position, _why(rules, story))
            for position, story in enumerate(picked, start=1)
        ]
        taken = {story.article_id for story in picked}
        left = [story for story in left if story.article_id not in taken]
    return choices + [Choice(story.article_id, None, 0, _why_not(sections, story)) for story in left]


def pick(stories: Sequence[Candidate], rules: Rules) -> list[Candidate]:
    """Up to `cap` stories in the order they are printed; the lead wants a photo."""
    if rules.is_lead:
        with_photo = [story for story in stories if story.has_image]
        return list((with_photo or stories)[: rules.cap])
    picked: list[Candidate] = []
    waiting = list(stories)
    while waiting and len(picked) < rules.cap:
        # min keeps the first of equals, and waiting is newest first.
        best = min(waiting, key=lambda story: _crowding(story, picked))
        waiting.remove(best)
        picked.append(best)
    return sorted(picked, key=lambda story: (-story.published_at.timestamp(), story.article_id))


def _crowding(story: Candidate, picked: Sequence[Candidate]) -> int:
    """How much of a repetition a story would be: same author twice as bad as same topic."""
    authors = sum(bool(story.authors & other.authors) for other in picked)
    topics = sum(bool(story.topics & other.topics) for other in picked)
    return 2 * authors + topics


def _fold(words: Iterable[str]) -> set[str]:
    return {word.casefold() for word in words}


def _why(rules: Rules, story: Candidate) -> str:
    if rules.is_lead:
        return "the newest story with a photo" if story.has_image else "the newest story; none has a photo"
    asked = []
    if rules.kinds:
        asked.append(f"kind {story.kind}")
    if rules.topics:
        asked.append("topic " + ", ".join(sorted(topic for topic in story.topics if topic in rules.topics)))
    if rules.feeds:
        asked.append("its feed")
    return f"{rules.name} takes it for {' and '.join(asked)}" if asked else f"{rules.name} takes every story"


def _why_not(sections: Sequence[Rules], story: Candidate) -> str:
    full = [rules.name for rules in sections if rules.admits(story) and not rules.is_lead]
    if full:
        return f"no room: {', '.join(full)} took {'newer or more varied stories' if len(full) == 1 else 'others'}"
    return "no section takes its feed, kind and topics"
