"""Copying the database away and putting a copy back. Either way the ledger stays honest: see deliveries/epoch.py."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from django.conf import settings
from django.db import connection, connections

from newsletter.errors import ConfigError, Refused, UsageError
from newsletter.runtime import lock


def backup(target: Path) -> int:
    """Write a consistent copy of the database, while everything runs; returns its bytes. Raises UsageError.

    SQLite: its backup interface. PostgreSQL: pg_dump's custom format. The folder keys/ is not in it.
    """
    if target.exists():
        raise UsageError(f"{target} exists already and was not overwritten.")
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        if connection.vendor == "sqlite":
            _copy_sqlite(Path(settings.DATABASES["default"]["NAME"]), draft)
        else:
            _run(["pg_dump", "--format=custom", f"--file={draft}", *_server()])
        draft.replace(target)
    except OSError as error:
        raise UsageError(f"{target} cannot be written: {error.strerror}.") from error
    finally:
        draft.unlink(missing_ok=True)
    return target.stat().st_size


def restore(source: Path) -> None:
    """Replace the database by a copy. Raises Refused while `newsletter up` runs on it, UsageError for no copy of ours.

    Nothing is sent afterwards until `newsletter unlock`.
    """
    if connection.vendor == "sqlite":
        _restore_sqlite(source)
    else:
        _run(["pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction", *_server(), str(source)])


def _copy_sqlite(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)
    target.chmod(0o600)


def _restore_sqlite(source: Path) -> None:
    _insist_on_a_copy(source)
    os.close(lock.claim(settings.CONFIG))
    connections.close_all()
    database = Path(settings.DATABASES["default"]["NAME"])
    draft = database.with_suffix(".restoring")
    shutil.copyfile(source, draft)
    draft.chmod(0o600)
    # What the old log still holds belongs to the old database.
    for ending in ("-wal", "-shm"):
        database.with_name(database.name + ending).unlink(missing_ok=True)
    draft.replace(database)


def _insist_on_a_copy(source: Path) -> None:
    try:
        with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as copy:
            copy.execute("SELECT 1 FROM newsletter_edition LIMIT 1")
    except sqlite3.Error as error:
        raise UsageError(f"{source} is no backup of this program: {error}.") from error


def _server() -> list[str]:
    """Connection options of pg_dump and pg_restore; the password goes by the environment, not by the command line."""
    named = settings.DATABASES["default"]
    given = {"host": named.get("HOST"), "port": named.get("PORT"), "username": named.get("USER")}
    return [*(f"--{name}={value}" for name, value in given.items() if value), f"--dbname={named['NAME']}"]


def _run(command: list[str]) -> None:
    if shutil.which(command[0]) is None:
        raise ConfigError(f"{command[0]} is not on PATH.", hint="Install PostgreSQL's client programs.")
    environment = {**os.environ, "PGPASSWORD": str(settings.DATABASES["default"].get("PASSWORD", ""))}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise Refused(f"{command[0]} failed: {(done.stderr.strip().splitlines() or ['it said nothing'])[-1]}")
