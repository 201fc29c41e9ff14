"""Whether the tables are those of this version."""

from functools import cache

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder


def missing() -> list[str]:
    """The migrations that this version has and the database has not; one query. Raises django.db.Error."""
    applied = MigrationRecorder(connection).applied_migrations()
    return [f"{app}.{name}" for app, name in _ours() if (app, name) not in applied]


@cache  # reading the files takes longer than asking the database
def _ours() -> list[tuple[str, str]]:
    return sorted(MigrationLoader(None).disk_migrations)
