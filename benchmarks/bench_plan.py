"""Planning on PostgreSQL beside a bare INSERT … SELECT of the same rows; and the worker's memory.

Readers of five mailbox providers, with a canary: batches are cut for each provider and wave, as on any real day.
`python benchmarks/bench_plan.py [READERS]`, 100,000 by default.
"""

import os
import resource
import sys
import tempfile
import time
from contextlib import ExitStack

from tests.fakes.sendgrid_webhook import SENDER
from tests.servers import postgres

BATCH = 1000
READERS = """
INSERT INTO newsletter_subscriber (email, address_key, name, mailbox, created_at)
SELECT 'reader' || n || '@example.org', lpad(to_hex(n), 32, '0'), 'Reader ' || n,
       (ARRAY['gmail', 'gmail', 'outlook', 'yahoo', 'apple', 'other', 'other'])[1 + n %% 7], now()
  FROM generate_series(1, %s) n
"""
SUBSCRIPTIONS = """
INSERT INTO newsletter_subscription (public_id, subscriber_id, newsletter_id, status, topic_set, alive_at, created_at)
SELECT (random() * 9e18)::bigint, id, %s, CASE WHEN id %% 50 = 0 THEN 'paused' ELSE 'active' END, '',
       now() - id * interval '1 second', now()
  FROM newsletter_subscriber
"""
BARE = """
INSERT INTO newsletter_delivery (edition_id, subscriber_id, batch_id, address_key, status, reason, updated_at)
SELECT edition_id, subscriber_id, batch_id, address_key, status, reason, updated_at FROM planned_copy
"""


def main(readers: int) -> None:
    with ExitStack() as stack:
        os.environ["DATABASE_URL"] = stack.enter_context(postgres.running())
        os.environ["DJANGO_SETTINGS_MODULE"] = "newsletter.settings"
        os.environ["NEWSLETTER_DATA_DIR"] = stack.enter_context(tempfile.TemporaryDirectory())
        os.environ |= {"NEWSLETTER_TRANSPORT": "sendgrid", "SENDGRID_API_KEY": "none"}
        os.environ["NEWSLETTER_SITE_URL"] = "https://news.example.org"
        os.environ["SENDGRID_WEBHOOK_PUBLIC_KEY"] = SENDER.public_key  # so that there is a canary
        import django

        django.setup()
        measure(readers)


def measure(readers: int) -> None:
    from django.core.management import call_command
    from django.db import connection

    from newsletter.deliveries import plan, status
    from tests import builders

    call_command("migrate", verbosity=0)
    newsletter = builders.make_newsletter()
    with connection.cursor() as cursor:
        cursor.execute(READERS, [readers])
        cursor.execute(SUBSCRIPTIONS, [newsletter.pk])
        cursor.execute("ANALYZE")
    edition = builders.scheduled_edition(newsletter)
    before = peak()
    started = time.perf_counter()
    plan.begin_due()
    while plan.plan_next(BATCH):
        pass
    planning = time.perf_counter() - started
    found = status.audit(edition)
    assert found.balanced, found.faults
    edition.refresh_from_db()
    bare = bare_insert()
    print(f"planned       {planning:8.2f} s   {found.candidates:,} candidates, {edition.planned:,} planned")
    print(f"bare insert   {bare:8.2f} s   the same rows")
    print(
        f"batches       {edition.batches.count():8,}  of up to {BATCH:,}; {edition.canary_share:.0%} of readers first"
    )
    print(f"ratio         {planning / bare:8.2f}")
    print(f"memory        {peak() - before:8.1f} MB more at the peak than before planning")


def bare_insert() -> float:
    """Seconds for the same rows, from a table to the table, with all its indexes."""
    from django.db import connection, transaction

    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE planned_copy AS SELECT * FROM newsletter_delivery ORDER BY id")
        cursor.execute("TRUNCATE newsletter_delivery")
        started = time.perf_counter()
        with transaction.atomic():
            cursor.execute(BARE)
        return time.perf_counter() - started


def peak() -> float:
    """This process's largest memory so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
