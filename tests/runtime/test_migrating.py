"""Schema changes while a send runs: the old code goes on, and nobody waits for a lock that is not to be had."""

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection

from newsletter.deliveries import status
from newsletter.deliveries.send import send_next
from newsletter.deliveries.sweep import run as sweep
from newsletter.errors import Unreachable
from newsletter.runtime import tables
from newsletter.tracking.tables import missing
from newsletter.transports.memory import MemoryTransport
from tests import builders
from tests.deliveries.conftest import newsletter, planned

__all__ = ["newsletter", "planned"]
pytestmark = pytest.mark.postgres
EXPANDED = (
    "ALTER TABLE newsletter_delivery ADD COLUMN of_the_next_release integer NULL",
    "ALTER TABLE newsletter_batch ADD COLUMN of_the_next_release integer NOT NULL DEFAULT 0",
    "ALTER TABLE newsletter_edition ADD COLUMN of_the_next_release varchar(20) NOT NULL DEFAULT ''",
    "CREATE TABLE newsletter_of_the_next_release (id integer PRIMARY KEY)",
)


@pytest.mark.django_db
def test_a_send_goes_on_while_the_next_releases_tables_are_made(newsletter, planned):
    """The workers that run are of the release before: what they read and write must be there as before."""
    builders.add_readers(newsletter, 9)
    edition = planned(builders.scheduled_edition(newsletter))
    transport = MemoryTransport(batch_size=3)
    assert send_next(transport)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # the test is one transaction; a real one has none pending
        for statement in EXPANDED:
            cursor.execute(statement)
    while send_next(transport):
        pass
    builders.add_readers(newsletter, 1, first=20)
    sweep()
    assert status.audit(edition).balanced
    assert status.audit(edition).counts.accepted == 9
    assert planned(builders.scheduled_edition(builders.make_newsletter("The Next"), stories=1)).planned == 0


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no lock timeout: one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_a_migration_gives_up_soon_says_so_and_goes_through_later(monkeypatch):
    monkeypatch.setattr(tables, "LOCK_SECONDS", 0.05)
    monkeypatch.setattr(tables, "PAUSE_SECONDS", 0)
    call_command("migrate", "newsletter", "0032", verbosity=0)
    try:
        assert missing()
        settings = connection.get_connection_params()
        names = ("dbname", "user", "password", "host", "port")
        # Given somebody who reads the editions in a long transaction, such as a backup
        with psycopg.connect(**{name: settings[name] for name in names if settings.get(name)}) as other:
            other.execute("LOCK TABLE newsletter_edition IN ACCESS SHARE MODE")
            with pytest.raises(Unreachable, match="tables are in use"):
                tables.migrate()
        assert missing()
    finally:
        tables.migrate()
    assert not missing()
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)
