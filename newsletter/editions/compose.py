"""Which story goes where, and why. Pure: the same candidates give the same edition, and every story has its reason.

What an editor pinned has its place first. Then sections choose in their order, each from the stories that fit its
rules and that no earlier section took. Within a section the newest come first, but an author or a topic that is already
there waits for the others.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
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
    has_image: bool  # one wide enough to lead
    pinned: bool = False  # an editor wants it in, whatever the caps say
    pinned_to: int | None = None  # the section that the editor named
    carried: str = ""  # which edition of another newsletter had it, such as "The Daily No. 3"


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
    not_elsewhere: bool = False  # not what another newsletter had
    by_hand: bool = False  # only what an editor places there

    def admits(self, story: Candidate) -> bool:
        return (
            not self.by_hand
            and not (self.not_elsewhere and story.carried)
            and (not self.feeds or bool(self.feeds & story.feeds))
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


def compose(candidates: Iterable[Candidate], sections: Sequence[Rules]) -> list[Choice]:
    """Place every candidate once or say why not. `sections` in their order; caps count stories, pinned ones first.

    More pins than a cap are all taken; only the lead is ever one story.
    """
    stories = sorted(candidates, key=_newest_first)
    pins = _homes([story for story in stories if story.pinned], sections)
    left = [story for story in stories if story.article_id not in pins]
    choices: list[Choice] = []
    for rules in sections:
        pinned = [story for story in stories if pins.get(story.article_id) == rules.section_id]
        picked = pick([story for story in left if rules.admits(story)], rules, pinned)
        choices += [
            Choice(story.article_id, rules.section_id, position, _why(rules, story))
            for position, story in enumerate(picked, start=1)
        ]
        taken = {story.article_id for story in picked}
        left = [story for story in left if story.article_id not in taken]
    return choices + [Choice(story.article_id, None, 0, _why_not(sections, story)) for story in left]


def pick(stories: Sequence[Candidate], rules: Rules, pinned: Sequence[Candidate] = ()) -> list[Candidate]:
    """All that are pinned and others up to `cap`, in the order they are printed; the lead wants a photo."""
    if rules.is_lead:
        with_photo = [story for story in stories if story.has_image]
        return list((pinned or with_photo or stories)[: rules.cap])
    picked = list(pinned)
    waiting = list(stories)
    while waiting and len(picked) < rules.cap:
        # min keeps the first of equals, and waiting is newest first.
        best = min(waiting, key=lambda story: _crowding(story, picked))
        waiting.remove(best)
        picked.append(best)
    return sorted(picked, key=_newest_first)


def _homes(pinned: Sequence[Candidate], sections: Sequence[Rules]) -> dict[int, int]:
    """The section of each pinned story: the one named, else the first that would take it, else the first there is."""
    homes: dict[int, int] = {}
    lead = next((rules for rules in sections if rules.is_lead), None)
    body = [rules for rules in sections if not rules.is_lead]
    body.sort(key=lambda rules: (rules.by_hand, not rules.cap))  # stable: else in the order of the mail
    for story in pinned:
        named = next((rules for rules in sections if rules.section_id == story.pinned_to), None)
        if named is lead and lead and (not lead.cap or lead.section_id in homes.values()):
            named = None  # somebody leads already
        home = named or next((rules for rules in body if rules.admits(story)), body[0] if body else None)
        if home:
            homes[story.article_id] = home.section_id
    return homes


def _newest_first(story: Candidate) -> tuple[float, int]:
    return -story.published_at.timestamp(), story.article_id


def _crowding(story: Candidate, picked: Sequence[Candidate]) -> int:
    """How much of a repetition a story would be: same author twice as bad as same topic."""
    authors = sum(bool(story.authors & other.authors) for other in picked)
    topics = sum(bool(story.topics & other.topics) for other in picked)
    return 2 * authors + topics


def _fold(words: Iterable[str]) -> set[str]:
    return {word.casefold() for word in words}


def _why(rules: Rules, story: Candidate) -> str:
    also = f"; {story.carried} had it too" if story.carried else ""
    return _taken_for(rules, story) + also


def _taken_for(rules: Rules, story: Candidate) -> str:
    if story.pinned:
        return f"pinned to {rules.name}" if story.pinned_to == rules.section_id else "pinned"
    if rules.is_lead:
        return (
            "the newest story with a photo" if story.has_image else "the newest story; none has a photo that could lead"
        )
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
    if story.carried and any(replace(rules, not_elsewhere=False).admits(story) for rules in sections):
        return f"{story.carried} had it, and no section takes what another newsletter had"
    return "no section takes its feed, kind and topics"
