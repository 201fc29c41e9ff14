"""Events on PostgreSQL with 1,000,000 deliveries: stored and applied end to end; and what is asked of 3,000,000.

One process reads signed bodies and stores, a second applies, as the web and a worker do. The baseline is the same rows
inserted by one bare INSERT … SELECT, with their indexes. `python benchmarks/bench_events.py [DELIVERIES] [EVENTS]`.
"""

import multiprocessing
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable
from contextlib import ExitStack

from tests.fakes.sendgrid_webhook import SENDER, event
from tests.servers import postgres

BODY = 1_500  # events in a request: some 768 KB, SendGrid's most
BATCH = 1_000
READERS = """
INSERT INTO newsletter_subscriber (email, address_key, name, mailbox, created_at)
SELECT 'reader' || n || '@example.org', lpad(to_hex(n), 32, '0'), '',
       (ARRAY['gmail', 'outlook', 'other'])[1 + n %% 3], now()
  FROM generate_series(1, %s) n
"""
SUBSCRIPTIONS = """
INSERT INTO newsletter_subscription (public_id, subscriber_id, newsletter_id, status, topic_set, alive_at, created_at)
SELECT (random() * 9e18)::bigint, id, %s, 'active', '', now(), now() FROM newsletter_subscriber
"""
ACCEPTED = """
UPDATE newsletter_delivery SET status = 'accepted' WHERE batch_id IS NOT NULL AND status = 'pending';
UPDATE newsletter_batch SET status = 'done', accepted = size, finished_at = now();
UPDATE newsletter_edition SET status = 'sent', finished_at = now() WHERE started_at IS NOT NULL;
"""
# Of ten copies nine arrive at once; one hears of a deferral first; the rest is what goes wrong.
WORDS = ["delivered"] * 90 + ["deferred"] * 6 + ["bounce"] * 2 + ["blocked"] + ["dropped"]
MORE = """
INSERT INTO newsletter_event (key, kind, cause, source, state, at, received_at, edition, batch, delivery_id, request,
                              address_key, status, provider_class, words, machine)
SELECT gen_random_uuid(), kind, cause, source, 'applied', at, received_at, edition + 1 + n / 4, batch,
       delivery_id + 100000000 * n, request, address_key, status, provider_class, words, machine
  FROM newsletter_event, generate_series(1, %s) n
"""
BARE = "INSERT INTO bare_event SELECT * FROM newsletter_event"


def main(deliveries: int, events: int) -> None:
    with ExitStack() as stack:
        os.environ["DATABASE_URL"] = stack.enter_context(postgres.running())
        os.environ["DJANGO_SETTINGS_MODULE"] = "newsletter.settings"
        os.environ["NEWSLETTER_DATA_DIR"] = stack.enter_context(tempfile.TemporaryDirectory())
        os.environ["NEWSLETTER_SITE_URL"] = "https://news.example.org"
        set_up()
        edition = fill(deliveries)
        bodies = bodies_about(edition, events)
        end_to_end(bodies, events)
        bare(events)
        ask(edition, events)


def set_up() -> None:
    import django

    django.setup()


def fill(deliveries: int) -> int:
    from django.core.management import call_command
    from django.db import connection

    from newsletter.deliveries import plan
    from tests import builders

    call_command("migrate", verbosity=0)
    newsletter = builders.make_newsletter()
    with connection.cursor() as cursor:
        cursor.execute(READERS, [deliveries])
        cursor.execute(SUBSCRIPTIONS, [newsletter.pk])
        edition = builders.scheduled_edition(newsletter)
        plan.begin_due()
        while plan.plan_next(BATCH):
            pass
        cursor.execute(ACCEPTED)
        cursor.execute("VACUUM ANALYZE")
    return edition.pk


def bodies_about(edition: int, events: int) -> list[bytes]:
    """Request bodies, shuffled over the whole edition, as a busy hour would bring them."""
    from django.db import connection

    from newsletter.deliveries.models import Delivery

    dice = random.Random(7)
    rows = list(
        Delivery.objects.filter(edition=edition, pk__gt=0)
        .exclude(batch=None)
        .values_list("pk", "batch__public_id", "edition__public_id")[:events]
    )
    dice.shuffle(rows)
    said = [about(dice, *rows[at % len(rows)], at) for at in range(events)]
    connection.close()
    return [SENDER.body(said[start : start + BODY]) for start in range(0, events, BODY)]


def about(dice: random.Random, pk: int, batch: int, edition: int, at: int) -> dict[str, object]:
    word = dice.choice(WORDS)
    args = {"nl_delivery": f"{edition:016x}.{pk}", "nl_batch": f"{batch:016x}", "nl_attempt": "1"}
    more = {"timestamp": int(time.time()) - 3600 - at % 600, "response": "250 2.0.0 OK 1700000000 a1b2c3"}
    if word in ("bounce", "blocked"):
        kind = "blocked" if word == "blocked" else "bounce"
        more |= {"type": kind, "status": "5.2.2", "reason": "552 5.2.2 mailbox full", "bounce_classification": ""}
        word = "bounce"
    elif word == "dropped":
        more["reason"] = "Spam Content"
    return event(args, word, **more)


def end_to_end(bodies: list[bytes], events: int) -> None:
    from django.db import connection

    connection.close()
    context = multiprocessing.get_context("spawn")
    over = context.Event()
    ready, applied = context.Barrier(2), context.Queue()
    worker = context.Process(target=apply_until, args=(ready, over, applied))
    worker.start()
    ready.wait()
    started = time.perf_counter()
    store_all(bodies)
    stored = time.perf_counter() - started
    over.set()
    count = applied.get()
    took = time.perf_counter() - started
    worker.join()
    assert count == events, f"{count} of {events} applied"
    print(f"stored and applied    {events / took:10,.0f} events/s   {events:,} in {took:.1f} s, two processes")
    print(f"stored alone          {events / stored:10,.0f} events/s   verified, read, kept, while they were applied")


def store_all(bodies: Iterable[bytes]) -> None:
    from newsletter.tracking import sendgrid_events, store
    from newsletter.webhooks import signature

    keys = signature.keys_in(SENDER.public_key)
    for body in bodies:
        headers = SENDER.headers(body)
        assert signature.verifies(keys, headers[signature.TIMESTAMP], body, headers[signature.SIGNATURE])
        store.keep(sendgrid_events.read(body).events)


def apply_until(
    ready: "multiprocessing.Barrier", over: "multiprocessing.Event", applied: "multiprocessing.Queue"
) -> None:  # type: ignore[valid-type]
    set_up()
    from newsletter.tracking import apply

    apply.apply_next()
    ready.wait()
    total = 0
    while True:
        finished = over.is_set()
        done = apply.apply_next()
        total += done
        if finished and not done:
            break
        if not done:
            time.sleep(0.02)
    applied.put(total)


def bare(events: int) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bare_event (LIKE newsletter_event INCLUDING ALL)")
        started = time.perf_counter()
        cursor.execute(BARE)
        took = time.perf_counter() - started
        cursor.execute("DROP TABLE bare_event")
    print(f"bare insert           {events / took:10,.0f} events/s   the same rows and indexes, one statement")


def ask(edition: int, events: int) -> None:
    """With 3,000,000 events: one edition's report, and one reader's story."""
    from django.db import connection

    from newsletter.deliveries.models import Delivery
    from newsletter.editions.models import Edition
    from newsletter.tracking import report, why
    from newsletter.tracking.models import Event

    with connection.cursor() as cursor:
        cursor.execute(MORE, [max(1, round(3_000_000 / events))])
        cursor.execute("VACUUM ANALYZE newsletter_event")
    print(f"events                {Event.objects.count():10,}")
    found = Edition.objects.select_related("newsletter").get(pk=edition)
    reader = Delivery.objects.filter(edition=edition, status="bounced").select_related("subscriber").first().subscriber
    for name, deed in (
        ("report", lambda: report.of(found)),
        ("reader", lambda: (why.answers(reader), why.barred(reader))),
    ):
        times = [clocked(deed) for _ in range(15)]
        print(f"{name:20} {statistics.median(times):12.1f} ms         worst of 15: {max(times):.1f} ms")


def clocked(deed: object) -> float:
    started = time.perf_counter()
    deed()
    return 1000 * (time.perf_counter() - started)


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:]]
    main(*(numbers + [1_000_000, 300_000][len(numbers) :]))
