"""A send of 1,000,000 as in production: PostgreSQL, Redis, beat and workers as `newsletter run` starts them.

`make bench-million`, or `python benchmarks/million.py [READERS …]`, 1,000,000 by default; with two numbers it tells how
the time grows. The readers are imported from a file. Two past editions, with a copy and an event for each reader, are
in the ledger before. SendGrid is a stand-in that takes everything at once; then two events for each copy come back, are
stored and applied by the same workers. Each stage's time, each process's memory at its peak, and the database's size.
"""

import multiprocessing
import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import bench_events, bench_import, bench_sendgrid
from tests.fakes.sendgrid_webhook import SENDER
from tests.servers import broker, postgres
from tests.servers.processes import newsletter, processes_of, settings

if TYPE_CHECKING:
    from newsletter.editions.models import Edition

EVENTS_EACH = 2  # for each copy
PAST = 2  # editions
TOLD = """
INSERT INTO newsletter_event (key, kind, cause, source, state, at, received_at, edition, batch, delivery_id, request,
                              address_key, status, provider_class, words, machine)
SELECT gen_random_uuid(), 'delivered', '', 'webhook', 'applied', now(), now(), e.public_id, b.public_id, d.id, '1', '',
       '', '', '250 2.0.0 OK', ''
  FROM newsletter_delivery d JOIN newsletter_batch b ON b.id = d.batch_id
  JOIN newsletter_edition e ON e.id = d.edition_id
"""
PATIENCE = 3600.0


def main(sizes: list[int]) -> None:
    totals = [apart(readers) for readers in sizes]
    if len(sizes) > 1:
        print(f"growth {totals[-1] / totals[0]:.1f} times the time for {sizes[-1] / sizes[0]:g} times the readers")


def apart(readers: int) -> float:
    """In a process and a database of their own; the seconds that planning and sending took."""
    context = multiprocessing.get_context("spawn")
    seconds: multiprocessing.Queue[float] = context.Queue()
    process = context.Process(target=measure, args=(readers, seconds))
    process.start()
    process.join()
    if process.exitcode:
        sys.exit(process.exitcode)
    return seconds.get(timeout=10)


def measure(readers: int, seconds: "multiprocessing.Queue[float]") -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "var"
        folder.mkdir()
        os.environ |= {
            "DATABASE_URL": stack.enter_context(postgres.running()),
            "REDIS_URL": stack.enter_context(broker.running()).url,
            "DJANGO_SETTINGS_MODULE": "newsletter.settings",
            "NEWSLETTER_DATA_DIR": str(folder),
            "NEWSLETTER_SITE_URL": "https://news.example.org",
            "NEWSLETTER_TRANSPORT": "sendgrid",
            "NEWSLETTER_ALLOW_PRIVATE_HOSTS": "1",
            "NEWSLETTER_BATCH_SIZE": "1000",
            "SENDGRID_API_URL": stack.enter_context(bench_sendgrid.stand_in()),
            "SENDGRID_API_KEY": "SG.benchmark",
        }
        bench_events.set_up()
        stages(readers, folder, stack, seconds)


def stages(readers: int, folder: Path, stack: ExitStack, seconds: "multiprocessing.Queue[float]") -> None:
    """One after the other, each timed."""
    from django.utils import timezone

    from newsletter.tracking import life

    print(f"{readers:,} readers")
    began = time.perf_counter()
    imported(folder.parent / "subscribed_email_audience_export_1.csv", readers)
    with stage(f"{PAST} past editions, set up"):
        for _ in range(PAST):
            past(readers)
    edition = approved().pk
    environment = settings(folder)
    stack.enter_context(newsletter("run", "worker", environment=environment))
    stack.enter_context(newsletter("run", "beat", environment=environment))
    with stage("worker and beat started"):
        while not life.seen(timezone.now()):
            time.sleep(0.1)
    seconds.put(sent(edition, readers))
    bodies = list(written(folder.parent, edition, readers * EVENTS_EACH))
    with stage(f"{readers * EVENTS_EACH:,} events stored, applied"):
        events(bodies)
    with stage("the report"):
        report(edition, readers)
    print(f"  {'all of it':32} {time.perf_counter() - began:8.1f} s")
    sizes(environment)


@contextmanager
def stage(name: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    print(f"  {name:32} {time.perf_counter() - started:8.1f} s", flush=True)


def imported(file: Path, readers: int) -> None:
    """A newsletter, and the readers of Mailchimp's file."""
    from django.core.management import call_command

    from newsletter.subscribers import importer
    from tests import builders

    call_command("migrate", verbosity=0)
    newsletter = builders.make_newsletter(canary_share=0)
    bench_import.written(file, readers)
    with stage("readers imported"):
        *_, done = importer.import_csv(file, newsletter, None)
    assert done.counts["added"] == readers, done
    print(f"  {'importer, memory at its peak':32} {bench_import.peak(resource.RUSAGE_SELF):8,.0f} MiB")


def past(readers: int) -> None:
    """An edition that every reader got, and an event about each copy."""
    from django.db import connection
    from django.utils import timezone

    from newsletter.deliveries import plan
    from newsletter.editions import approve

    edition = approved()
    approve.schedule(edition, timezone.now(), None)
    plan.begin_due()
    while plan.plan_next(bench_events.BATCH):
        pass
    with connection.cursor() as cursor:
        cursor.execute(bench_events.ACCEPTED)
        cursor.execute(f"{TOLD} WHERE e.id = %s", [edition.pk])
        assert cursor.rowcount == readers, cursor.rowcount
        cursor.execute("VACUUM ANALYZE")


def approved() -> "Edition":
    """An edition of 14 stories."""
    from newsletter.editions import approve, draft
    from newsletter.editions.models import Edition
    from newsletter.newsletters.models import Newsletter
    from tests import builders

    for number in range(14):
        builders.make_article(f"Story {number}, {Edition.objects.count()}", hours_ago=number + 1)
    edition = draft.compose_special(Newsletter.objects.get()).edition
    approve.approve(edition, None)
    return edition


def sent(pk: int, readers: int) -> float:
    """Schedule it for now and wait; prints what planning and sending took."""
    from django.utils import timezone

    from newsletter.deliveries import status
    from newsletter.editions import approve
    from newsletter.editions.models import Edition

    approve.schedule(Edition.objects.get(pk=pk), timezone.now(), None)
    started = time.perf_counter()
    with stage("planned by the workers"):
        until(pk, ("sending", "sent"))
    with stage("sent by the workers"):
        sending = time.perf_counter()
        until(pk, ("sent",))
    took = time.perf_counter() - sending
    counts = status.audit(Edition.objects.get(pk=pk))
    assert counts.balanced, counts.faults
    assert counts.counts.accepted == readers, counts.counts
    print(f"  {'readers a second, sending':32} {readers / took:8,.0f}")
    return time.perf_counter() - started


def until(pk: int, states: tuple[str, ...]) -> None:
    from newsletter.editions.models import Edition

    deadline = time.monotonic() + PATIENCE
    while Edition.objects.values_list("status", flat=True).get(pk=pk) not in states:
        assert time.monotonic() < deadline, f"not {states} within {PATIENCE:g} s"
        time.sleep(0.2)


def written(folder: Path, pk: int, count: int) -> Iterator[Path]:
    """The provider's requests as files: a gigabyte at full size, which no memory need hold."""
    from newsletter.deliveries.models import Delivery

    dice = random.Random(7)
    columns = ("pk", "batch__public_id", "edition__public_id")
    copies = list(Delivery.objects.filter(edition=pk).exclude(batch=None).values_list(*columns))
    dice.shuffle(copies)
    for start in range(0, count, bench_events.BODY):
        numbers = range(start, min(start + bench_events.BODY, count))
        file = folder / f"events-{start}.json"
        file.write_bytes(SENDER.body([bench_events.about(dice, *copies[at % len(copies)], at) for at in numbers]))
        yield file


def events(bodies: list[Path]) -> None:
    """They come to the door as fast as it takes them; the workers apply them meanwhile."""
    from newsletter.tracking.models import Event

    before = Event.objects.count()
    bench_events.store_all(file.read_bytes() for file in bodies)
    while Event.objects.filter(state="waiting").exists():
        time.sleep(0.2)
    print(f"  {'events kept, each once':32} {Event.objects.count() - before:8,}")


def report(pk: int, readers: int) -> None:
    from newsletter.editions.models import Edition
    from newsletter.tracking import report as reports

    made = reports.of(Edition.objects.select_related("newsletter").get(pk=pk))
    assert {stage.name: stage.count for stage in made.stages}["accepted"] == readers


def sizes(environment: dict[str, str]) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        print(f"  {'database':32} {cursor.fetchone()[0] / 2**20:8,.0f} MiB")
    for process, command in processes_of(environment).items():
        peak = [line for line in Path(f"/proc/{process}/status").read_text().splitlines() if line.startswith("VmHWM")]
        if "workers" in command and peak:
            kind = "beat" if " beat" in command else "worker"
            print(f"  {kind + ' process, memory at its peak':32} {int(peak[0].split()[1]) / 1024:8,.0f} MiB")


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [1_000_000])
