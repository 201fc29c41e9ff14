"""Single rows of the hot road, by statements written by hand.

A batch of 20 by SMTP takes some 20 ms, and half of that once went into putting its statements together: Django takes
0.3 ms for each, PostgreSQL 0.1 to 1 to plan it and 0.05 to answer it. So they are written here, and planned once in a
session. Whatever is asked less often than for every batch is asked by Django.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Model

Row = TypeVar("Row", bound=Model)

# The database's clock, and so many seconds later; as Django's `Now` has it.
_LATER = {
    "postgresql": "(STATEMENT_TIMESTAMP() + %s * INTERVAL '1 second')",
    "sqlite": "STRFTIME('%%Y-%%m-%%d %%H:%%M:%%f', 'NOW', %s || ' seconds')",
}


@contextmanager
def cursor() -> Iterator[CursorWrapper]:
    """For statements that are the same for every batch but for their parameters: PostgreSQL keeps the plans of these.

    Django's own cursors write the parameters into the statement, which PostgreSQL then plans anew each time.
    """
    if connection.vendor != "postgresql":
        with connection.cursor() as plain:
            yield plain
        return
    from psycopg import Cursor

    connection.ensure_connection()
    bound: Any = Cursor(connection.connection)  # what Django wraps; it names only its own type
    with connection.make_debug_cursor(bound) if connection.queries_logged else connection.make_cursor(bound) as kept:
        yield kept


def measured(model: type[Model]) -> None:
    """Let PostgreSQL see how large a table has grown: a plan from when it was small would scan it whole."""
    if connection.vendor == "postgresql":
        with connection.cursor() as plain:
            plain.execute(f"ANALYZE {model._meta.db_table}")  # noqa: SLF001 # ours


def later() -> str:
    """SQL for a moment by the database's clock; its one parameter is the seconds from now."""
    return _LATER[connection.vendor]


def for_update() -> str:
    """SQL that locks what is read; SQLite's transactions hold the whole database anyway."""
    return " FOR UPDATE" if connection.features.has_select_for_update else ""


def moment(value: datetime | None) -> Any:
    """A moment as a parameter."""
    return connection.ops.adapt_datetimefield_value(value)


@cache
def columns(model: type[Model], names: tuple[str, ...]) -> list[str]:
    """The columns of these attributes, in the order that `made` wants."""
    # `_meta` is a documented part of Django.
    return [field.attname for field in model._meta.concrete_fields if field.attname in names]  # noqa: SLF001


def made(model: type[Row], names: Sequence[str], values: Sequence[Any]) -> Row:
    """The row as an object, as `only` would give it: what was not asked for is read when somebody wants it."""
    return model.from_db(connection.alias, names, values)


def changed(statement: str, *parameters: Any) -> bool:
    """Whether a statement changed a row."""
    with cursor() as kept:
        kept.execute(statement, parameters)
        return bool(kept.rowcount)
