"""What our processes stand on: the database, Redis, and each other."""

from typing import Any

from django.db import Error, connection
from django.utils import timezone

from newsletter import __version__, clock
from newsletter.config import Config
from newsletter.errors import ConfigError, NewsletterError
from newsletter.runtime import server
from newsletter.runtime.doctor.verdicts import Verdict, bad, doubtful, good, skipped
from newsletter.tracking import life, tables, watchdog

LEAST_POSTGRES = 140000
FULL = 0.8
DURABLE = ("fsync", "full_page_writes", "synchronous_commit")


def database(_config: Config) -> Verdict:
    """Whether it answers, and is new enough."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error as error:
        said = (str(error).strip().splitlines() or [type(error).__name__])[0]
        return bad(f"The database did not answer: {said}", "newsletter config show database_url")
    version: Any = getattr(connection, "pg_version", None)
    if version and version < LEAST_POSTGRES:
        return bad(f"PostgreSQL {version // 10000} is too old.", "Use PostgreSQL 14 or newer.")
    return good(f"PostgreSQL {version // 10000}" if version else "SQLite")


def migrations(_config: Config) -> Verdict:
    """Whether the tables are those of this version."""
    missing = tables.missing()
    if missing:
        return bad(f"{len(missing)} migrations are not applied, first {missing[0]}.", "newsletter db migrate")
    return good(f"the tables are those of version {__version__}")


def durability(_config: Config) -> Verdict:
    """Whether a commit survives a power cut: the whole ledger rests on it."""
    if connection.vendor == "sqlite":
        journal, synchronous = _asked("PRAGMA journal_mode"), _asked("PRAGMA synchronous")
        if (journal, str(synchronous)) != ("wal", "2"):
            return bad(f"SQLite runs with {journal} and synchronous={synchronous}.", "Use a local disk, not NFS.")
        return good("SQLite in WAL mode, synchronous=FULL")
    off = [name for name in DURABLE if _asked(f"SHOW {name}") == "off"]
    if off:
        return bad(f"PostgreSQL runs with {', '.join(off)} off: a power cut may lose what was sent.", "Set it to on.")
    return good("commits survive a power cut")


def connections(_config: Config) -> Verdict:
    """Whether PostgreSQL has connections left."""
    if connection.vendor == "sqlite":
        return skipped("SQLite has none")
    used = int(_asked("SELECT count(*) FROM pg_stat_activity"))
    most = int(_asked("SHOW max_connections"))
    if used > FULL * most:
        return doubtful(f"{used} of {most} connections are in use.", "Raise max_connections, or run fewer processes.")
    return good(f"{used} of {most} connections are in use")


def redis(config: Config) -> Verdict:
    """Whether Redis answers; nothing new is claimed without it."""
    try:
        server.check(config, seconds=3.0)
    except ConfigError as error:
        return bad(str(error), error.hint)
    except NewsletterError as error:
        remedy = "newsletter config show redis_url" if config.redis_url else "newsletter up starts the embedded one"
        return bad(str(error), remedy)
    return good("it answers")


def redis_policy(config: Config) -> Verdict:
    """Whether a full Redis refuses a bell rather than dropping another."""
    import redis as client

    try:
        asked = client.Redis.from_url(config.redis_client_url, socket_timeout=3.0, socket_connect_timeout=3.0)
        info = asked.info()
        asked.close()
    except (client.RedisError, ValueError):
        return skipped("it does not answer")
    policy = info.get("maxmemory_policy", "unknown")
    if policy != "noeviction":
        return bad(f"maxmemory-policy is {policy}: bells may vanish.", "CONFIG SET maxmemory-policy noeviction")
    used, most = int(info.get("used_memory", 0)), int(info.get("maxmemory", 0))
    if most and used > FULL * most:
        return doubtful(f"{used / most:.0%} of its memory is used.", "Raise maxmemory; it needs 64 MB.")
    return good(f"noeviction, {used / 1e6:.0f} MB used")


def workers(_config: Config) -> Verdict:
    """Whether somebody works, rung by a beat, and in this version."""
    seen = life.workers(timezone.now())
    if not seen:
        silence = life.silence()
        last = f"The last sign was {clock.duration(silence)} ago" if silence is not None else "There never was one"
        return bad(f"No worker gives a sign of life. {last}.", "newsletter up, or `run beat` and `run worker`")
    old = [each for each in seen if each.version != __version__]
    if old:
        named = ", ".join(f"{each.host} ({each.version})" for each in old)
        return doubtful(f"Workers of another version than {__version__}: {named}.", "Restart them.")
    return good(", ".join(f"{each.host}: {clock.duration(life.age(each))} ago" for each in seen))


def sends(_config: Config) -> Verdict:
    """What the watchdog says is wrong just now."""
    # Feeds and workers have checks of their own.
    found = [each for each in watchdog.look() if each.key != "no-life"]
    urgent = [each for each in found if each.level == each.level.PAGE]
    if urgent:
        return bad(urgent[0].words, urgent[0].command)
    return doubtful(found[0].words, found[0].command) if found else good("nothing is late, stuck or unknown")


def _asked(sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        row = cursor.fetchone()
    return row[0] if row else None
