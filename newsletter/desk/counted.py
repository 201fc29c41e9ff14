"""Counts of readers, remembered for a while: of a million they take a second, and a page may ask for them again."""

from collections.abc import Mapping
from typing import cast

from django.core.cache import cache

from newsletter.deliveries import plan
from newsletter.editions import variants
from newsletter.editions.models import Edition

KEPT = 60  # seconds


def audience(edition: Edition) -> int:
    """How many readers would get an edition, counted within the last minute."""
    return int(cache.get_or_set(f"audience-{edition.pk}", lambda: plan.audience(edition), KEPT) or 0)


def by_topics(edition: Edition) -> Mapping[str, int]:
    """Its newsletter's variants.counts, within the last minute."""
    newsletter = edition.newsletter
    found = cache.get_or_set(f"topics-{newsletter.pk}", lambda: variants.counts(newsletter), KEPT)
    return cast("Mapping[str, int]", found or {})
