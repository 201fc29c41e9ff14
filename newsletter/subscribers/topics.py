"""Which topics a reader asked for. A set of them has a key, which subscriptions and renderings share."""

import hashlib
import json
from collections.abc import Collection, Iterable

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
    return of_keys([key]).get(key, [])


def of_keys(keys: Collection[str]) -> dict[str, list[str]]:
    """The topics of several sets, by their keys and in their order; "" is left out."""
    wanted = [key for key in keys if key]
    if strange := [key for key in wanted if key not in _known]:
        _known.update(TopicSet.objects.filter(key__in=strange).values_list("key", "topics"))
    return {key: _known.get(key, []) for key in wanted}


_known: dict[str, list[str]] = {}  # a key is made of its topics, so what it stands for never changes
