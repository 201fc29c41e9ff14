"""Who is a candidate for a copy of an edition, and why some get none: in SQL, over a run of subscriptions.

Whatever is decided here of a reader is decided from frozen numbers of the edition (canary_share, alive_since), never by
chance, so that a slice that is cut again comes out the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Max
from django.utils import timezone

from newsletter.editions.models import Edition
from newsletter.subscribers.models import Subscription

# Candidates are the active and paused subscriptions; `reason` is why one gets no copy, or empty.
_CANDIDATES = """
    SELECT sub.id, sub.subscriber_id, sub.alive_at, per.address_key, per.mailbox,
           {rendering} AS rendering, {wave} AS wave,
           CASE WHEN per.email IS NULL THEN 'erased'
                WHEN sup.id IS NOT NULL THEN 'suppressed: ' || sup.reason
                WHEN sub.status = 'paused' THEN 'paused'
                WHEN {left_out} THEN 'ramp'
                ELSE '' END AS reason
      FROM newsletter_subscription sub
      JOIN newsletter_subscriber per ON per.id = sub.subscriber_id
      LEFT JOIN newsletter_suppression sup ON sup.address_key = per.address_key
     WHERE sub.newsletter_id = %(newsletter)s AND sub.id > %(after)s AND sub.id <= %(until)s
       AND sub.status IN ('active', 'paused')
"""
# A correction goes to those whose copy of the faulty edition was taken, or may have been.
_OF_PARENT = """
       AND EXISTS (SELECT 1 FROM newsletter_delivery old
                    WHERE old.edition_id = %(parent)s AND old.subscriber_id = sub.subscriber_id
                      AND old.status IN ('accepted', 'delivered', 'bounced', 'dropped', 'complained', 'unknown'))
"""
# The public id is a random number; multiplied by another in a prime field it is a random number for this edition. The
# prime is 2^31 - 1, so that no product leaves 63 bits.
PRIME = 2_147_483_647
_WAVE = "CASE WHEN sub.public_id %% %(prime)s * %(salt)s %% %(prime)s < %(bound)s THEN 0 ELSE 1 END"
_LEFT_OUT = "sub.alive_at < %(alive_since)s OR sub.alive_at = %(alive_since)s AND sub.id > %(alive_last)s"
_COUNT = "SELECT COUNT(*) FROM ({candidates}) found WHERE reason = ''"
_NEWEST = "SELECT id FROM ({candidates}) found WHERE reason = '' ORDER BY alive_at DESC, id LIMIT 2 OFFSET %(newer)s"


@dataclass(frozen=True)
class Slice:
    """An edition's candidates after those that are planned already, up to the subscription `until`."""

    edition: Edition
    until: int
    rendering: str = "0"  # SQL that tells which rendering a reader gets

    def execute(self, sql: str, **more: Any) -> Iterator[tuple[Any, ...]]:
        """Run a statement over the slice's candidates; yields what it returns."""
        candidates = _CANDIDATES + (_OF_PARENT if self.edition.parent_id else "")
        words = {
            "rendering": self.rendering,
            "wave": _WAVE if self.edition.canary_share else "1",
            "left_out": _LEFT_OUT if self.edition.alive_since else "1 = 0",
        }
        for word, fragment in {"candidates": candidates, **words}.items():
            sql = sql.replace(f"{{{word}}}", fragment)
        with connection.cursor() as cursor:
            cursor.execute(sql, {**self._parameters(), **more})
            while rows := cursor.fetchmany(5000):
                yield from rows

    def _parameters(self) -> dict[str, Any]:
        adapt = connection.ops.adapt_datetimefield_value
        return {
            "edition": self.edition.pk,
            "newsletter": self.edition.newsletter_id,
            "parent": self.edition.parent_id,
            "after": self.edition.planned_until,
            "until": self.until,
            "now": adapt(timezone.now()),
            "alive_since": adapt(self.edition.alive_since),
            "alive_last": self.edition.alive_last,
            "prime": PRIME,
            "salt": 1 + self.edition.public_id % (PRIME - 1),
            "bound": round(self.edition.canary_share * PRIME),
        }

    def mailable(self) -> int:
        """How many get a copy."""
        return int(next(self.execute(_COUNT))[0])

    def newest(self, count: int) -> tuple[datetime, int] | None:
        """The sign of life and the id of the last subscription when the `count` newest get a copy; None: all do.

        Those with the very same sign of life are taken by id, so that a list that was imported at once fits too.
        """
        last_and_next = list(self.execute(_NEWEST, newer=count - 1))
        if len(last_and_next) < 2:  # noqa: PLR2004 # nobody comes after the last
            return None
        return Subscription.objects.values_list("alive_at", "id").get(pk=last_and_next[0][0])


def everybody(edition: Edition) -> Slice:
    """All of an edition's candidates that are not planned yet."""
    of_newsletter = Subscription.objects.filter(newsletter_id=edition.newsletter_id)
    return Slice(edition, int(of_newsletter.aggregate(last=Max("id"))["last"] or 0))
