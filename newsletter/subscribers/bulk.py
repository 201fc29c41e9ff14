"""Writing many rows at once: COPY on PostgreSQL, executemany on SQLite. The ORM takes several times as long."""

import functools
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models


def ids(model: type[models.Model], count: int) -> list[int]:
    """So many new primary keys. Only within a transaction: SQLite has no sequence, but then one writer only."""
    table = model._meta.db_table  # noqa: SLF001 # documented, for all its underscore
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [table])  # by itself: looked up, it costs 5 µs
            cursor.execute("SELECT nextval(%s::regclass) FROM generate_series(1, %s)", [*cursor.fetchone(), count])
            return [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        last = (cursor.fetchone() or (0,))[0]
    return list(range(last + 1, last + 1 + count))


def write(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows of these columns; all others get their default, as a new object would. Raises IntegrityError."""
    held = list(rows)  # making one may ask the database, which would wait for ever for a COPY that has begun
    meta = model._meta  # noqa: SLF001 # as above
    rest = [field for field in meta.concrete_fields if field.column not in columns and not field.primary_key]
    defaults = tuple(field.get_db_prep_save(field.get_default(), connection) for field in rest)
    names = ", ".join(f'"{name}"' for name in (*columns, *(field.column for field in rest)))
    target = f'"{meta.db_table}" ({names})'
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Django gives errors its own types where it runs a statement itself, and here it does not.
            with connection.wrap_database_errors, cursor.copy(f"COPY {target} FROM STDIN") as copy:
                for row in held:
                    copy.write_row((*row, *defaults))
        else:
            marks = ", ".join(["%s"] * (len(columns) + len(rest)))
            statement = f"INSERT INTO {target} VALUES ({marks})"  # noqa: S608 # names of our models, no value
            cursor.executemany(statement, [(*map(_adapted, row), *defaults) for row in held])


def moment(value: datetime | None) -> str | None:
    """A moment as `write` takes it soonest: psycopg needs 1.4 µs for each, and there may be five in a line."""
    if value is None:
        return None
    return value.isoformat() if connection.vendor == "postgresql" else _as_text(value)


def _adapted(value: Any) -> Any:
    return _as_text(value) if isinstance(value, datetime) else value


@functools.lru_cache(maxsize=1024)  # most rows of a chunk are of one moment
def _as_text(moment: datetime) -> str | None:
    return connection.ops.adapt_datetimefield_value(moment)
