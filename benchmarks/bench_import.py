"""Importing a file of readers, beside the bare COPY (or executemany) of the same rows; and the importer's memory.

`python benchmarks/bench_import.py [READERS] [--sqlite]`; 1,000,000 on PostgreSQL, or 100,000 on SQLite, by default.
The file is Mailchimp's, with opt-in times and networks: each line makes a subscriber, a subscription and evidence.
Processor time is given beside the time that passed, because this machine is shared.
"""

import os
import resource
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from tests.servers import postgres
from tests.subscribers.exports import FIELDS, MAILCHIMP_TAIL

DOMAINS = 5000  # lists have a few big providers and many small domains
TABLES = ("newsletter_consent", "newsletter_subscription", "newsletter_subscriber")


def main(readers: int, *, sqlite: bool) -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if not sqlite:
            os.environ["DATABASE_URL"] = stack.enter_context(postgres.running())
        os.environ["DJANGO_SETTINGS_MODULE"] = "newsletter.settings"
        os.environ["NEWSLETTER_DATA_DIR"] = str(folder)
        file = folder / "subscribed_email_audience_export_1.csv"
        written(file, readers)
        import django

        django.setup()
        measure(file, readers)


def written(file: Path, readers: int) -> None:
    """A file of so many people."""
    with file.open("w", encoding="utf-8") as out:
        out.write(f"{FIELDS},{MAILCHIMP_TAIL}\n")
        out.writelines(
            f"reader{n}@{'gmail.com' if n % 3 else f'firm{n % DOMAINS}.example'},Ada,Byron {n},,,2,"
            f"2019-03-04 05:{n % 60:02}:07,203.0.{n % 256}.77,2019-03-04 06:{n % 60:02}:07,203.0.{n % 256}.77,"
            ",,,,,,,,1,ab12,,\n"
            for n in range(readers)
        )


def measure(file: Path, readers: int) -> None:
    from django.core.management import call_command

    from newsletter.subscribers import importer
    from tests import builders

    call_command("migrate", verbosity=0)
    newsletter = builders.make_newsletter()
    started, worked = time.perf_counter(), time.process_time()
    *_, report = importer.import_csv(file, newsletter, None)
    passed, worked = time.perf_counter() - started, time.process_time() - worked
    memory, reading = peak(resource.RUSAGE_SELF), peak(resource.RUSAGE_CHILDREN)
    assert report.counts["added"] == readers, report
    assert report.adds_up
    again = time.perf_counter()
    *_, report = importer.import_csv(file, newsletter, None)
    again = time.perf_counter() - again
    assert report.counts["present"] == readers, report
    bare = bare_copy()
    print(f"imported      {passed:8.1f} s   {readers:,} lines of {file.stat().st_size / 1e6:,.0f} MB, three rows each")
    print(f"  of it here  {worked:8.1f} s   of this process's processor time, the database's not counted")
    print(f"again         {again:8.1f} s   the same file: nothing to store")
    print(f"bare rows     {bare:8.1f} s   the same rows into the same empty tables, in one statement a table")
    print(f"ratio         {passed / bare:8.2f}")
    print(f"memory        {memory:8.1f} MB at the peak, the whole process")
    print(f"and reading   {reading:8.1f} MB, the process that reads ahead; most of it is shared with the first")


def bare_copy() -> float:
    """Seconds that the database takes for the rows alone: COPY on PostgreSQL, executemany on SQLite."""
    from django.db import connection, transaction

    with connection.cursor() as cursor:
        held = {table: rows(cursor, table) for table in reversed(TABLES)}
        empty(cursor)
        started = time.perf_counter()
        with transaction.atomic():
            for table, data in held.items():
                bare_table(cursor, table, data)
        return time.perf_counter() - started


def empty(cursor) -> None:
    from django.db import connection

    if connection.vendor == "postgresql":  # where DELETE looks for what refers to each row
        cursor.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE")
    else:
        for table in TABLES:
            cursor.execute(f"DELETE FROM {table}")


def rows(cursor, table):
    """A table's rows, as bytes in COPY's own form, or as tuples."""
    from django.db import connection

    if connection.vendor == "postgresql":
        with cursor.copy(f"COPY {table} TO STDOUT") as copy:
            return b"".join(copy)
    cursor.execute(f"SELECT * FROM {table}")
    return cursor.cursor.fetchall() if hasattr(cursor, "cursor") else cursor.fetchall()


def bare_table(cursor, table, data) -> None:
    """Put them back."""
    if isinstance(data, bytes):
        with cursor.copy(f"COPY {table} FROM STDIN") as copy:
            copy.write(data)
    else:
        cursor.executemany(f"INSERT INTO {table} VALUES ({', '.join(['%s'] * len(data[0]))})", data)


def peak(whose: int) -> float:
    """The largest memory so far of this process, or of those that it waited for, in MB."""
    return resource.getrusage(whose).ru_maxrss / 1024


if __name__ == "__main__":
    on_sqlite = "--sqlite" in sys.argv
    numbers = [int(each) for each in sys.argv[1:] if each.isdecimal()]
    main(numbers[0] if numbers else 100_000 if on_sqlite else 1_000_000, sqlite=on_sqlite)
