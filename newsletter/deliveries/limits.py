"""Permission to claim: the provider's wishes, the daily quota, and the copies a second of all workers together.

Redis holds the token bucket only. What a provider asked for and what was used of a quota are columns, so that a lost
Redis forgets nothing that matters; while it does not answer, nothing new is claimed.
"""

import logging
import time
from datetime import datetime
from functools import cache

import redis
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from newsletter import config
from newsletter.deliveries.models import TransportState
from newsletter.transports.base import Transport

log = logging.getLogger(__name__)
PATIENCE = 1.0  # seconds a worker waits for tokens; after that the tick rings again

# One bucket for all workers, by the server's own clock. It holds at most a batch, or a second's worth: a burst is never
# longer than that. Answers 0 when the tokens were taken, else the milliseconds until there are enough.
_TAKE = """
local rate, most, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local clock = redis.call('TIME')
local now = clock[1] * 1000 + clock[2] / 1000
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = math.min(most, (tonumber(kept[1]) or most) + math.max(0, now - (tonumber(kept[2]) or now)) * rate / 1000)
local short = wanted - tokens
if short <= 0 then tokens = tokens - wanted end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', tostring(now))
redis.call('PEXPIRE', KEYS[1], math.ceil(most / rate * 1000) + 1000)
if short <= 0 then return 0 end
return math.ceil(short / rate * 1000)
"""


def permit(transport: Transport) -> bool:
    """Whether a worker may claim a batch for this transport now. Waits a moment for tokens, never longer."""
    settings = config.current()
    if _rests(transport.name) or _quota_left(transport.name, settings.daily_quota) < 1:
        return False
    try:
        return _tokens_within_patience(transport, settings.rate)
    except redis.RedisError as error:
        log.warning("nothing is claimed while Redis does not answer: %s", error)
        return False


def rest(transport: str, until: datetime, reason: str) -> None:
    """The provider asked everybody to wait: nobody claims before `until`."""
    TransportState.objects.get_or_create(name=transport)
    later = TransportState.objects.filter(name=transport).exclude(not_before__gt=until)
    later.update(not_before=until, reason=reason[:200])


def use(transport: str, copies: int) -> None:
    """Count copies against today's quota, where there is one."""
    if not config.current().daily_quota:
        return
    today = timezone.now().date()
    TransportState.objects.get_or_create(name=transport)
    TransportState.objects.filter(name=transport).exclude(used_on=today).update(used_on=today, used=0)
    TransportState.objects.filter(name=transport).update(used=F("used") + copies)


def standing(transport: str) -> str:
    """Why nothing is claimed for this transport just now, in plain words, or ""."""
    state = TransportState.objects.filter(name=transport, not_before__gt=Now()).first()
    if state is not None and state.not_before is not None:
        return f"{state.reason} Nothing goes out before {state.not_before:%H:%M:%S} UTC."
    quota = config.current().daily_quota
    if quota and _quota_left(transport, quota) < 1:
        return f"Today's quota of {quota:,} copies is used up; the rest waits for tomorrow (UTC)."
    return ""


def _rests(transport: str) -> bool:
    return TransportState.objects.filter(name=transport, not_before__gt=Now()).exists()


def _quota_left(transport: str, quota: int) -> int:
    if not quota:
        return 1
    used = TransportState.objects.filter(name=transport, used_on=timezone.now().date()).values_list("used", flat=True)
    return quota - (used.first() or 0)


def _tokens_within_patience(transport: Transport, rate: int) -> bool:
    if not rate:
        return bool(_redis().ping())
    deadline = time.monotonic() + PATIENCE
    while True:
        wait = _take(transport, rate)
        if not wait:
            return True
        if time.monotonic() + wait > deadline:
            return False
        time.sleep(wait)


def _take(transport: Transport, rate: int) -> float:
    """Take a batch's worth of tokens; 0.0, or the seconds until there are enough."""
    most = max(rate, transport.batch_size)
    key = f"newsletter:bucket:{transport.name}"
    return float(_script()(keys=[key], args=[rate, most, transport.batch_size])) / 1000


@cache
def _redis() -> redis.Redis:
    return redis.Redis.from_url(config.current().redis_client_url, socket_timeout=5, socket_connect_timeout=5)


@cache
def _script() -> "redis.commands.core.Script":
    return _redis().register_script(_TAKE)
