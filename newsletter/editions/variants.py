"""Editions by topic: one rendering for each set of topics that enough readers asked for, shared by all who have it.

A copy for a set keeps the lead, every article that shares one of its topics, and what editors wrote by hand; or it has
everything, those articles first, where the newsletter wants that (topic_copies). A set of few readers, or one that
would leave too few stories, gets the full edition.
"""

from collections.abc import Collection, Mapping
from typing import cast

from django.core.cache import cache
from django.db.models import Count

from newsletter import config
from newsletter.editions.models import Edition
from newsletter.editions.snapshot import ItemContent, SectionContent, Snapshot
from newsletter.newsletters.models import Newsletter
from newsletter.subscribers.models import Subscription

ENOUGH = 20  # readers
LATELY = 60  # seconds
FULL = ""
"""The key of the full edition."""


def counts(newsletter: Newsletter) -> dict[str, int]:
    """How many active readers chose each set of topics, by its key; a look at every subscription."""
    active = Subscription.objects.filter(newsletter=newsletter, status=Subscription.Status.ACTIVE)
    return dict(active.order_by().values_list("topic_set").annotate(readers=Count("id")))


def counts_lately(newsletter: Newsletter) -> Mapping[str, int]:
    """The same within the last minute, for pages: of a million readers it takes a second."""
    found = cache.get_or_set(f"topics-{newsletter.pk}", lambda: counts(newsletter), LATELY)
    return cast("Mapping[str, int]", found or {})


def wanted(chosen: Mapping[str, int]) -> list[str]:
    """Of these `counts`, the keys of the sets that enough readers chose, those of most readers first."""
    enough = [key for key, readers in chosen.items() if key != FULL and readers >= ENOUGH]
    return sorted(enough, key=lambda key: (-chosen[key], key))[: config.current().most_variants]


def wanted_for(edition: Edition, chosen: Mapping[str, int] | None = None) -> list[str]:
    """The same for one edition: a correction says the same to everybody."""
    if edition.kind == Edition.Kind.CORRECTION:
        return []
    return wanted(counts(edition.newsletter) if chosen is None else chosen)


def readers(chosen: Mapping[str, int], keys: Collection[str]) -> dict[str, int]:
    """Of these `counts`, how many get each of these copies; all who chose none of them get the full edition."""
    own = {key: chosen.get(key, 0) for key in keys if key != FULL}
    return {FULL: sum(chosen.values()) - sum(own.values()), **own}


def of(snapshot: Snapshot, named: Mapping[str, Collection[str]], least: int) -> list[tuple[str, Snapshot]]:
    """The full edition, and a snapshot for each of these sets that keeps at least `least` stories, lead included. Pure.

    `named` has the topics of each set by its key (subscribers.topics.of_keys).
    """
    found = [(key, for_topics(snapshot, chosen)) for key, chosen in named.items()]
    return [(FULL, snapshot), *((key, each) for key, each in found if is_enough(stories(each), least))]


def is_enough(count: int, least: int) -> bool:
    """Whether so many stories make a copy, where a newsletter wants `least`. Pure."""
    return count >= max(1, least)


def for_topics(snapshot: Snapshot, chosen: Collection[str]) -> Snapshot:
    """What readers of these topics get: only what is about them, or that first, as the newsletter has it. Pure."""
    if snapshot["newsletter"].get("topic_copies") == Newsletter.TopicCopies.FIRST:
        return sorted_by(snapshot, chosen)
    return cut(snapshot, chosen)


def sorted_by(snapshot: Snapshot, chosen: Collection[str]) -> Snapshot:
    """Everything, after the lead first the sections with stories about these topics, and in each those first. Pure."""
    wanted = set(chosen)
    sections = [
        cast(
            "SectionContent", {**section, "items": sorted(section["items"], key=lambda item: not _shares(item, wanted))}
        )
        for section in snapshot["sections"]
    ]
    hold = [
        not section["is_lead"] and not any(_shares(item, wanted) for item in section["items"]) for section in sections
    ]
    ordered = [section for _, section in sorted(zip(hold, sections, strict=True), key=lambda pair: pair[0])]
    return cast("Snapshot", {**snapshot, "sections": ordered})


def cut(snapshot: Snapshot, chosen: Collection[str]) -> Snapshot:
    """The snapshot with what these topics leave of it; sections that are empty then vanish. Pure."""
    sections = [_section(section, set(chosen)) for section in snapshot["sections"]]
    return cast("Snapshot", {**snapshot, "sections": [section for section in sections if section["items"]]})


def stories(snapshot: Snapshot) -> int:
    """How many articles of the publication it has. Pure."""
    return sum(item["type"] == "article" for section in snapshot["sections"] for item in section["items"])


def _section(section: SectionContent, chosen: set[str]) -> SectionContent:
    kept = [item for item in section["items"] if section["is_lead"] or _is_for(item, chosen)]
    return cast("SectionContent", {**section, "items": kept})


def _is_for(item: ItemContent, chosen: set[str]) -> bool:
    return item["type"] != "article" or _shares(item, chosen)


def _shares(item: ItemContent, chosen: set[str]) -> bool:
    return item["type"] == "article" and bool(chosen & set(item["topics"]))
