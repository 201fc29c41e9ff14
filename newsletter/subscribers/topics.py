"""Which topics a reader asked for. A set of them has a key, which subscriptions and renderings share."""

import hashlib
import json
from collections.abc import Iterable

from newsletter.subscribers.models import TopicSet

KEY_LENGTH = 16


def key_of(topics: Iterable[str]) -> str:
    """The key of a set, kept from now on; "" is everything."""
    chosen = sorted(set(topics))
    if not chosen:
        return ""
    key = hashlib.sha256(json.dumps(chosen).encode()).hexdigest()[:KEY_LENGTH]
    TopicSet.objects.get_or_create(key=key, defaults={"topics": chosen})
    return key


def of_key(key: str) -> list[str]:
    """The topics of a set; none is everything."""
    return TopicSet.objects.filter(key=key).values_list("topics", flat=True).first() or [] if key else []
