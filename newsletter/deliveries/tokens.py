"""Token buckets that all workers share, in Redis and by its clock: how many copies a second may go out.

A bucket holds at most a batch, or a second's worth: a burst is never longer than that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import redis

from newsletter import config

# Takes from every bucket or from none. Answers for each bucket 0, or the milliseconds until it has enough. What is put
# back is a negative number of copies.
_TAKE = """
local wanted = tonumber(ARGV[1])
local clock = redis.call('TIME')
local now = clock[1] * 1000 + clock[2] / 1000
local waits, kept, lacking = {}, {}, false
for at, key in ipairs(KEYS) do
  local rate, most = tonumber(ARGV[2 * at]), tonumber(ARGV[2 * at + 1])
  local old = redis.call('HMGET', key, 'tokens', 'at')
  local grown = math.max(0, now - (tonumber(old[2]) or now)) * rate / 1000
  kept[at] = math.min(most, (tonumber(old[1]) or most) + grown)
  waits[at] = math.max(0, math.ceil((wanted - kept[at]) / rate * 1000))
  lacking = lacking or waits[at] > 0
end
for at, key in ipairs(KEYS) do
  local tokens = lacking and kept[at] or kept[at] - wanted
  redis.call('HSET', key, 'tokens', tostring(tokens), 'at', tostring(now))
  redis.call('PEXPIRE', key, math.ceil(ARGV[2 * at + 1] / ARGV[2 * at] * 1000) + 1000)
end
return waits
"""


@dataclass(frozen=True)
class Bucket:
    """A limit by its name, in copies a second; `batch` is the most that is ever taken at once."""

    name: str
    rate: int
    batch: int


def take(buckets: Sequence[Bucket], copies: int) -> list[float]:
    """Take tokens from all buckets, or from none when one has too few; the seconds until each has enough.

    All 0.0 says that they were taken; a negative number of copies is put back. Raises redis.RedisError.
    """
    if not buckets:
        return []
    numbers = [number for each in buckets for number in (each.rate, max(each.rate, each.batch, copies))]
    keys = [f"newsletter:bucket:{each.name}" for each in buckets]
    return [wait / 1000 for wait in _script()(keys=keys, args=[copies, *numbers])]


def ping() -> None:
    """Raises redis.RedisError when Redis does not answer."""
    _redis().ping()


@cache
def _redis() -> redis.Redis:
    return redis.Redis.from_url(config.current().redis_client_url, socket_timeout=5, socket_connect_timeout=5)


@cache
def _script() -> "redis.commands.core.Script":
    return _redis().register_script(_TAKE)
