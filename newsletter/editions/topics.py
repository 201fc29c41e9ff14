"""The topics that readers may choose from, and what a choice would bring them."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from newsletter.editions import variants
from newsletter.editions.draft import articles_so_far, of_run, schedule_of
from newsletter.editions.models import Edition, Item
from newsletter.editions.week import runs_after
from newsletter.newsletters.models import Newsletter

MOST, AT_LEAST = 12, 2  # topics; stories that make one
LATELY = 10  # editions


def offered(newsletter: Newsletter) -> list[str]:
    """The topics of the latest editions, those with most stories, by name; those that sections are about always."""
    own = {topic for rules in newsletter.sections.values_list("rules", flat=True) for topic in rules.get("topics", [])}
    latest = newsletter.editions.order_by("-id").values_list("id", flat=True)[:LATELY]
    items = Item.objects.filter(edition__in=list(latest), dropped=False, article__isnull=False)
    found = Counter(topic for topics in items.values_list("article__topics", flat=True) for topic in set(topics))
    frequent = [topic for topic, count in found.most_common(MOST) if count >= AT_LEAST]
    return sorted(own.union(frequent))[: 2 * MOST]


class Copy(StrEnum):
    """Which copy of the next edition a reader of some topics gets."""

    EVERYTHING = "everything"  # they chose none
    OWN = "own"  # what is about their topics, and the lead
    FIRST = "first"  # everything, what is about their topics first
    THIN = "thin"  # everything, as there is too little about their topics
    FEW = "few"  # everything, as too few readers chose these topics


@dataclass(frozen=True)
class Coming:
    """The next edition as far as it is known today: its stories, those about somebody's topics, those in their copy."""

    copy: Copy
    stories: int
    about: int
    own: int


def coming(newsletter: Newsletter, topic_set: str, chosen: Collection[str], now: datetime) -> Coming:
    """What these topics would bring, by the rules of approval. The lead is in every copy."""
    run = next(runs_after(schedule_of(newsletter), now))
    edition, wanted = of_run(newsletter, run), set(chosen)
    if edition is None:
        found = [(each, False) for each in articles_so_far(newsletter, run, now).values_list("topics", flat=True)]
    else:
        items = edition.items.filter(dropped=False, article__isnull=False)
        found = list(items.values_list("article__topics", "section__is_lead"))
    about = sum(bool(wanted & set(topics)) for topics, _ in found)
    own = sum(is_lead or bool(wanted & set(topics)) for topics, is_lead in found)
    if newsletter.topic_copies == Newsletter.TopicCopies.FIRST:
        own = len(found)
    return Coming(_copy(newsletter, edition, topic_set, own), len(found), about, own)


def _copy(newsletter: Newsletter, edition: Edition | None, topic_set: str, stories: int) -> Copy:
    if topic_set == variants.FULL:
        return Copy.EVERYTHING
    own = Copy.FIRST if newsletter.topic_copies == Newsletter.TopicCopies.FIRST else Copy.OWN
    if edition is not None and edition.renderings.filter(topic_set=topic_set).exists():
        return own
    if not variants.is_enough(stories, newsletter.min_items):
        return Copy.THIN
    approved = edition is not None and edition.renderings.exists()
    return own if not approved and topic_set in variants.wanted(variants.counts_lately(newsletter)) else Copy.FEW
