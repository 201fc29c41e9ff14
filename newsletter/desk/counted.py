"""Counts of readers, remembered for a while: of a million they take a second, and a page may ask for them again."""

from collections.abc import Mapping

from django.core.cache import cache

from newsletter.deliveries import plan
from newsletter.editions import variants
from newsletter.editions.models import Edition

KEPT = 60  # seconds


def audience(edition: Edition) -> int:
    """How many readers would get an edition, counted within the last minute."""
    return int(cache.get_or_set(f"audience-{edition.pk}", lambda: plan.audience(edition), KEPT) or 0)


def afresh(edition: Edition) -> int:
    """The same, counted now."""
    cache.delete(f"audience-{edition.pk}")
    return audience(edition)


def by_topics(edition: Edition) -> Mapping[str, int]:
    """Its newsletter's variants.counts, within the last minute."""
    return variants.counts_lately(edition.newsletter)
