"""Permission to claim: the providers' wishes, the daily quota, and the copies a second of all workers together.

Redis holds the token buckets only. What a provider asked for and what was used of a quota are columns, so that a lost
Redis forgets nothing that matters; while it does not answer, nothing new is claimed.
"""

import logging
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from itertools import takewhile
from typing import Any

import redis
from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Now
from django.utils import timezone

from newsletter import config
from newsletter.deliveries import quota, rows, slowdown, tokens
from newsletter.deliveries.models import Attempt, Batch, TransportState
from newsletter.subscribers.mailboxes import Mailbox
from newsletter.transports.base import Accepted, Outcome, Rejected, Transport, Unknown

log = logging.getLogger(__name__)
_ALL = ""  # no mailbox provider is called so
FIRST_DOUBT, LONGEST_DOUBT = timedelta(seconds=2), timedelta(minutes=1)  # rests after answers that got lost
PATIENCE = 1.0  # seconds a worker waits for tokens; after that the tick rings again


class Turn:
    """One worker's turn to claim: which mailbox providers are shut for it, and how large a batch may be.

    This one lets everything pass.
    """

    def __init__(self) -> None:
        self.shut: set[str] = set()
        self.most: int | None = None

    def take(self, _batch: Batch) -> bool:
        """Permission for this batch; what it takes of the limits is taken."""
        return True

    def give_back(self, batch: Batch) -> None:
        """Another worker was faster with it."""

    def wait(self) -> bool:
        """Wait a moment for what is short; True if it is worth another look."""
        return False


class LimitedTurn(Turn):
    """Within the rates and the quota of a transport."""

    def __init__(self, transport: Transport, resting: set[str]) -> None:
        super().__init__()
        self.shut = resting
        self.most = quota.left(transport.name)
        self._transport = transport
        self._deadline = time.monotonic() + PATIENCE
        self._short: dict[str, float] = {}  # providers without tokens, and the seconds until they have some

    def take(self, batch: Batch) -> bool:
        if self.most is not None and batch.left > self.most:
            return False
        try:
            return self._take_tokens(batch) and self._reserve(batch)
        except redis.RedisError as error:
            log.warning("nothing is claimed while Redis does not answer: %s", error)
            self.shut.update(Mailbox)
            return False

    def give_back(self, batch: Batch) -> None:
        tokens.take(self._buckets(batch), -batch.left)
        unused(self._transport.name, batch, batch.left)

    def wait(self) -> bool:
        soonest = min(self._short.values(), default=PATIENCE)
        if not self._short or time.monotonic() + soonest > self._deadline:
            return False
        time.sleep(soonest)
        self.shut -= self._short.keys()
        self._short.clear()
        return True

    def _take_tokens(self, batch: Batch) -> bool:
        while True:
            waits = self._try(batch)
            if not waits:
                return True
            total = waits.pop(self._transport.name, 0.0)
            if waits:
                self._short[batch.mailbox] = max(waits.values())
                self.shut.add(batch.mailbox)
                return False
            if time.monotonic() + total > self._deadline:
                self.shut.update(Mailbox)
                return False
            time.sleep(total)

    def _try(self, batch: Batch) -> dict[str, float]:
        """Take the tokens, or the seconds until the buckets that lack some have enough."""
        buckets = self._buckets(batch)
        waits = tokens.take(buckets, batch.left)
        return {bucket.name: wait for bucket, wait in zip(buckets, waits, strict=True) if wait}

    def _buckets(self, batch: Batch) -> list[tokens.Bucket]:
        own = tokens.Bucket(
            f"{self._transport.name}:{batch.mailbox}",
            config.current().mailbox_rates.get(batch.mailbox, 0),
            self._transport.batch_size,
        )
        return [*_total(self._transport), *([own] if own.rate else [])]

    def _reserve(self, batch: Batch) -> bool:
        if self.most is None:
            return True
        batch.counted_on = quota.reserve(self._transport.name, batch.left)
        if batch.counted_on is None:
            tokens.take(self._buckets(batch), -batch.left)
            self.most = quota.left(self._transport.name)
        return batch.counted_on is not None


def turn(transport: Transport) -> LimitedTurn | None:
    """A worker's turn to claim for this transport, None when nothing may be claimed at all."""
    resting = _resting(transport)
    if _ALL in resting:
        return None
    try:
        tokens.ping()
    except redis.RedisError as error:
        log.warning("nothing is claimed while Redis does not answer: %s", error)
        return None
    return LimitedTurn(transport, resting)


def permit(transport: Transport, copies: int) -> bool:
    """Whether copies outside any batch may go out now; what it permits is counted. Waits for nothing."""
    if _rests(transport):
        return False
    try:
        if any(tokens.take(_total(transport), copies)):
            return False
    except redis.RedisError as error:
        log.warning("nothing is claimed while Redis does not answer: %s", error)
        return False
    return not config.current().daily_quota or quota.reserve(transport.name, copies) is not None


def unused(transport: str, batch: Batch, copies: int) -> None:
    """Of a claimed batch so many copies were not handed over, or surely in vain: the quota has room for others."""
    if batch.counted_on is not None and copies:
        quota.give_back(transport, copies, batch.counted_on)


def heed(transport: str, outcomes: Sequence[Outcome]) -> None:
    """Rest if one of the answers says that the provider wants to be left alone by everybody, or if they got lost."""
    for outcome in outcomes:
        if isinstance(outcome, Accepted) and outcome.rest_until:
            return rest(transport, outcome.rest_until, "The provider takes no more just now.")
        if isinstance(outcome, Rejected) and outcome.all_wait and outcome.not_before:
            return rest(transport, outcome.not_before, outcome.reason)
    lost = next((outcome for outcome in outcomes if isinstance(outcome, Unknown)), None)
    if lost is not None and not any(isinstance(outcome, Accepted) for outcome in outcomes):
        rest(transport, timezone.now() + _doubt(transport), lost.reason)
    return None


def _doubt(transport: str) -> timedelta:
    """How long to rest so that an outage does not make batch after batch unknown: doubling while no answer comes."""
    answered = Attempt.objects.filter(transport=transport, finished_at__isnull=False).order_by("-pk")
    in_vain = sum(1 for _ in takewhile("unknown".__eq__, answered.values_list("outcome", flat=True)[:8]))
    return min(FIRST_DOUBT * (1 << max(in_vain - 1, 0)), LONGEST_DOUBT)


def rest(transport: str, until: datetime, reason: str) -> None:
    """The provider asked everybody to wait: nobody claims before `until`."""
    TransportState.objects.get_or_create(name=transport)
    later = TransportState.objects.filter(name=transport).exclude(not_before__gt=until)
    later.update(not_before=until, reason=reason[:200])


def standing(transport: str) -> str:
    """Why something is not claimed for this transport just now, in plain words, or ""."""
    state = TransportState.objects.filter(name=transport, not_before__gt=Now()).first()
    if state is not None and state.not_before is not None:
        return f"{state.reason} Nothing goes out before {state.not_before:%H:%M:%S} UTC."
    return quota.told(transport) or " ".join(slowdown.told(transport))


def _rests(transport: Transport) -> bool:
    return _rests_itself(transport.name).exists()


def _resting(transport: Transport) -> set[str]:
    """The mailbox providers that are left alone now; `_ALL` among them when the transport itself is."""
    with rows.cursor() as cursor:
        cursor.execute(*_who_rests(transport.name))
        return {row[0] for row in cursor.fetchall()}


@cache
def _who_rests(transport: str) -> tuple[str, tuple[Any, ...]]:
    """The query, put together once: that took Django longer than the database takes to answer it before each batch."""
    itself = _rests_itself(transport).values_list(Value(_ALL, CharField()))
    sql, parameters = itself.union(slowdown.resting_now(transport).values_list("mailbox")).query.sql_with_params()
    return sql, parameters


def _rests_itself(transport: str) -> QuerySet[TransportState]:
    return TransportState.objects.filter(name=transport, not_before__gt=Now())


def _total(transport: Transport) -> list[tokens.Bucket]:
    rate = config.current().rate
    return [tokens.Bucket(transport.name, rate, transport.batch_size)] if rate else []
