"""The night that deletes, on PostgreSQL: every slice's time, which must not grow as the night goes on.

Of the events two thirds are about the copies of an old edition, a fifth name an address and no copy, the rest were
parked; as many again are young and stay.
`python benchmarks/bench_retention.py [EVENTS]`, 1,000,000 by default.
"""

import os
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import ExitStack

from benchmarks import bench_events
from tests.servers import postgres

EVENTS = """
INSERT INTO newsletter_event (key, kind, cause, source, state, at, received_at, edition, batch, delivery_id, request,
                              address_key, status, provider_class, words, machine)
SELECT gen_random_uuid(), 'delivered', '', 'webhook', %s, now() - age, now() - age, e.public_id, 1, {copy}, '', '', '',
       '', '250 2.0.0 OK', ''
  FROM newsletter_edition e, generate_series(1, %s) n, (SELECT %s::interval AS age) how_old
"""
OLD, YOUNG = "800 days", "3 days"


def main(events: int) -> None:
    with ExitStack() as stack:
        os.environ["DATABASE_URL"] = stack.enter_context(postgres.running())
        os.environ["DJANGO_SETTINGS_MODULE"] = "newsletter.settings"
        os.environ["NEWSLETTER_DATA_DIR"] = stack.enter_context(tempfile.TemporaryDirectory())
        bench_events.set_up()
        fill(events)
        night(events)


def fill(events: int) -> None:
    """Two reports of each copy of an edition, and the others."""
    from django.db import connection

    copies = events // 3
    bench_events.fill(copies)
    of_copy = f"(SELECT min(id) FROM newsletter_delivery) + n %% {copies}"
    with connection.cursor() as cursor:
        for copy, state, count, age in (
            (of_copy, "applied", 2 * copies, OLD),
            ("NULL", "applied", events // 5, OLD),
            ("NULL", "parked", events - 2 * copies - events // 5, OLD),
            ("-n", "applied", events, YOUNG),
        ):
            cursor.execute(EVENTS.format(copy=copy), [state, count, age])
        cursor.execute("UPDATE newsletter_edition SET started_at = now() - %s::interval", [OLD])
        cursor.execute("VACUUM ANALYZE")


def night(events: int) -> None:
    from newsletter.tracking import retention
    from newsletter.tracking.models import Event

    began = last = time.perf_counter()
    slices = defaultdict(list)
    for rule, _ in retention.keep_all():
        slices[rule].append(time.perf_counter() - last)
        last = time.perf_counter()
    took = last - began
    assert Event.objects.count() == events, "the young ones stay"
    for rule, each in slices.items():
        tenth = max(1, len(each) // 10)
        first, end = statistics.median(each[:tenth]), statistics.median(each[-tenth:])
        told = f"{len(each):5} slices   first {first * 1000:6.0f} ms   last {end * 1000:6.0f} ms"
        print(f"{rule:12} {told}   longest {max(each) * 1000:6.0f} ms")
    print(f"{'all':12} {took:8.1f} s   {events / took:,.0f} events a second, with their copies")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
