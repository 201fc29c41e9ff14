"""Creating and updating the tables, while everything runs."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.backends.utils import CursorWrapper

from newsletter import config
from newsletter.errors import Unreachable
from newsletter.runtime.server import unusable

# On PostgreSQL whoever waits to change a table makes everybody wait who comes later, a send's workers too. So nobody
# waits long: a step that does not get its lock is undone whole, and tried again when the others have had their turn.
LOCK_SECONDS = 3.0
TRIES = 5
PAUSE_SECONDS = 2.0
ONE_AT_A_TIME = 7_305_011_201_702_118  # any number of ours, for pg_advisory_lock


def migrate() -> None:
    """Bring the tables to this version, in a data directory that is made if need be.

    Raises ConfigError; Unreachable where others do not let go of a table.
    """
    folder = config.current().data_dir
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise unusable(folder, error) from error
    if connection.vendor != "postgresql":
        call_command("migrate", verbosity=0, interactive=False)
        return
    for attempt in range(1, TRIES + 1):
        if _migrated():
            return
        if attempt < TRIES:
            time.sleep(PAUSE_SECONDS)
    raise Unreachable(
        f"The tables are in use: a lock was not to be had within {LOCK_SECONDS:g} s, {TRIES} times. What was migrated"
        " so far stays, the rest was not begun, and whatever runs goes on.",
        hint="newsletter db migrate, when a backup or a long query has ended",
    )


def _migrated() -> bool:
    """Do what is left; False when somebody held a lock for too long."""
    with connection.cursor() as cursor, _patience(cursor):
        try:
            cursor.execute("SELECT pg_advisory_lock(%s)", [ONE_AT_A_TIME])
            call_command("migrate", verbosity=0, interactive=False)
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") == "55P03":  # lock_not_available
                return False
            raise
    return True


@contextmanager
def _patience(cursor: CursorWrapper) -> Iterator[None]:
    """Within it nobody waits longer for a lock, and at its end no lock is left."""
    cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{LOCK_SECONDS:g}s"])
    try:
        yield
    finally:
        cursor.execute("SELECT pg_advisory_unlock_all()")
        cursor.execute("RESET lock_timeout")
