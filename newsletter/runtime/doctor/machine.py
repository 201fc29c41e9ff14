"""The machine: settings, keys, files, room, clocks."""

import os
import shutil
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from newsletter.config import OPTIONS, Config, config_path
from newsletter.errors import ConfigError
from newsletter.runtime.doctor.verdicts import Verdict, bad, doubtful, good, skipped

LEAST_SECRET = 50  # characters, as Django asks for
LITTLE_ROOM, NO_ROOM = 0.30, 0.15  # of a disk
ROOM_ENOUGH = 20e9  # bytes: of a large disk a small share is room enough
OFF_SECONDS, FAR_OFF_SECONDS = 1.0, 5.0


def settings(config: Config) -> Verdict:
    """Whether they can be used together."""
    from newsletter.mail import dkim
    from newsletter.transports import choose

    try:
        choose.check(config)
        dkim.made_from(config)
    except ConfigError as error:
        return bad(str(error), error.hint or "newsletter config show")
    return good(f"{len(OPTIONS)} settings, {_from_outside(config)} of them set; the transport is {config.transport}")


def site(config: Config) -> Verdict:
    """Whether readers can follow a link."""
    url = urlsplit(config.site_url)
    if url.scheme == "https":
        return good(config.site_url)
    if config.transport == "outbox":
        return good(f"{config.site_url}, which does while mail stays in the outbox")
    return doubtful(
        f"{config.site_url} is not https: mail programs offer no one-click unsubscribing for it.",
        "Set NEWSLETTER_SITE_URL to an https address.",
    )


def private_hosts(config: Config) -> Verdict:
    """Whether what is meant for tests is on in earnest."""
    if config.allow_private_hosts and config.transport != "outbox":
        return doubtful(
            "Feeds may name addresses of your own network, and mail is sent for real.",
            "Unset NEWSLETTER_ALLOW_PRIVATE_HOSTS unless this is an intranet.",
        )
    return good("feeds may not reach into your own network" if not config.allow_private_hosts else "on, for the outbox")


def keys(config: Config) -> Verdict:
    """Whether the two keys are there and long enough."""
    for name in ("secret_key", "address_key"):
        given = getattr(config, name)
        file = config.data_dir / "keys" / name
        if given and len(given) < LEAST_SECRET:
            remedy = f"openssl rand -base64 48; for {name} of a running installation read docs/one-server.md first"
            return doubtful(f"{name} has {len(given)} characters; {LEAST_SECRET} are wanted.", remedy)
        if not given and not file.exists():
            return doubtful(
                f"There is no {name} yet; the first process will make one in {file}.",
                "Set it, or start `newsletter up` once; then back the folder up.",
            )
    return good("secret_key and address_key are there")


def modes(config: Config) -> Verdict:
    """Whether others on this machine can read what is secret."""
    open_ = [path for path in _secret_files(config) if _readable_by_others(path)]
    if open_:
        named = ", ".join(map(str, open_))
        return bad(f"Everybody on this machine can read {named}.", f"chmod o-rwx {' '.join(map(str, open_))}")
    return good("nobody else can read the files that hold secrets")


def disk(config: Config) -> Verdict:
    """Whether there is room where the data go."""
    folder = next(each for each in (config.data_dir, *config.data_dir.parents) if each.exists())
    usage = shutil.disk_usage(folder)
    left = usage.free / usage.total
    evidence = f"{left:.0%} of the disk of {folder} is free ({usage.free / 1e9:.0f} GB)"
    if usage.free >= ROOM_ENOUGH or left >= LITTLE_ROOM:
        return good(evidence)
    if left < NO_ROOM:
        return bad(f"{evidence}.", "Make room, or move the data directory.")
    return doubtful(f"{evidence}.", "Make room soon.")


def writable(config: Config) -> Verdict:
    """Whether the data directory can be used."""
    folder = config.data_dir
    if not folder.exists():
        return doubtful(f"{folder} is not there yet.", "newsletter db migrate makes it.")
    if not folder.is_dir():
        return bad(f"{folder} is no folder.", "newsletter config show data_dir")
    if not os.access(folder, os.W_OK | os.X_OK):
        return bad(f"{folder} cannot be written by this user.", f"chown {os.geteuid()} {folder}")
    return good(str(folder))


def files(_config: Config) -> Verdict:
    """How many files a process may have open."""
    import resource

    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if 0 < limit < 256:  # noqa: PLR2004 # threads, connections, a spare
        return doubtful(f"A process may open {limit} files.", "ulimit -n 1024, or LimitNOFILE=1024 in the unit")
    return good(f"a process may open {limit:,} files")


def account(_config: Config) -> Verdict:
    """Who runs it."""
    if os.geteuid() == 0:
        return doubtful("This runs as root.", "Run it as a user of its own: docs/one-server.md")
    return good(f"user {os.geteuid()}")


def clock(_config: Config) -> Verdict:
    """Whether this machine and the database agree about the time."""
    from django.db import connection
    from django.db.models.functions import Now

    from newsletter.newsletters.models import Newsletter

    if connection.vendor == "sqlite":
        return skipped("SQLite has no clock of its own")
    before = time.time()
    row = Newsletter.objects.order_by("pk").annotate(theirs=Now()).values_list("theirs", flat=True).first()
    if row is None:
        return skipped("no newsletter yet")
    off = abs(row.timestamp() - (before + time.time()) / 2)
    evidence = f"{off:.2f} s between this machine and the database"
    if off > FAR_OFF_SECONDS:
        return bad(f"{evidence}.", "Set both by NTP: timedatectl set-ntp true")
    return (
        doubtful(f"{evidence}.", "Set both by NTP: timedatectl set-ntp true") if off > OFF_SECONDS else good(evidence)
    )


def _from_outside(config: Config) -> int:
    return sum(source != "default" for source in config.sources.values())


def _secret_files(config: Config) -> Iterator[Path]:
    from newsletter import config as settings_

    yield config_path()
    yield from settings_.secret_files()
    folder = config.data_dir / "keys"
    if folder.is_dir():
        yield folder
        yield from folder.iterdir()
    if not config.database_url:
        yield config.data_dir / "newsletter.sqlite3"


def _readable_by_others(path: Path) -> bool:
    try:
        found = path.stat()
    except OSError:
        return False
    closed = any(not stat.S_IMODE(parent.stat().st_mode) & stat.S_IXOTH for parent in path.absolute().parents)
    return bool(found.st_mode & stat.S_IROTH) and not closed
