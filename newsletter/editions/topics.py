"""The topics that readers may choose from, and what a choice would bring them."""

from collections import Counter
from collections.abc import Collection
from datetime import datetime

from newsletter.editions.draft import articles_so_far, of_run, schedule_of
from newsletter.editions.models import Item
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


def coming(newsletter: Newsletter, chosen: Collection[str], now: datetime) -> tuple[int, int]:
    """How many stories the next edition would have with these topics, and how many it has; as far as is known today.

    The lead is in every copy. No topic is every topic.
    """
    run = next(runs_after(schedule_of(newsletter), now))
    edition, wanted = of_run(newsletter, run), set(chosen)
    if edition is None:
        found = [(each, False) for each in articles_so_far(newsletter, run, now).values_list("topics", flat=True)]
    else:
        items = edition.items.filter(dropped=False, article__isnull=False)
        found = list(items.values_list("article__topics", "section__is_lead"))
    return sum(is_lead or not wanted or bool(wanted & set(topics)) for topics, is_lead in found), len(found)
