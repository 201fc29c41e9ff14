"""Readers by how their address or name begins, whatever its case: by an index, with a million of them too."""

from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Collate, Lower

from newsletter.subscribers.models import Subscriber

# Byte by byte, as migration 0035 orders its indexes: in any other order a beginning is no range.
COLLATIONS = {"postgresql": "C", "sqlite": "BINARY"}
LAST = "\U0010ffff"


def begins(found: QuerySet[Subscriber], words: str) -> QuerySet[Subscriber]:
    """Of `found`, those whose address or name begins with these words."""
    keys = found.alias(address=_folded("email"), called=_folded("name"))
    first, last = _folded(Value(words)), _folded(Value(words + LAST))
    return keys.filter(Q(address__gte=first, address__lt=last) | Q(called__gte=first, called__lt=last))


def _folded(words: Any) -> Collate:
    """As the database folds case, on both sides alike."""
    return Collate(Lower(words), COLLATIONS[connection.vendor])
