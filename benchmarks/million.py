"""A send of 1,000,000 as in production: PostgreSQL, Redis, beat and workers as `newsletter run` starts them.

`make bench-million`, or `python benchmarks/million.py [READERS …]`, 1,000,000 by default; with two numbers it tells how
the time grows. SendGrid is a stand-in that takes everything at once; afterwards a share of its events comes back, is
stored and applied by the same workers. Each stage's time, each process's memory at its peak, and the database's size.
"""

import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks import bench_events, bench_plan, bench_sendgrid
from tests.servers import broker, postgres
from tests.servers.processes import newsletter, processes_of, settings

EVENTS_EACH = 0.1  # of the readers: what is measured at full length is bench_events.py
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
        from django.utils import timezone

        from newsletter.tracking import life

        print(f"{readers:,} readers")
        with stage("readers in the database"):
            edition = filled(readers)
        environment = settings(folder)
        stack.enter_context(newsletter("run", "worker", environment=environment))
        stack.enter_context(newsletter("run", "beat", environment=environment))
        with stage("worker and beat started"):
            while not life.seen(timezone.now()):
                time.sleep(0.1)
        seconds.put(sent(edition, readers))
        with stage("events stored and applied"):
            events(edition, round(readers * EVENTS_EACH))
        with stage("the report"):
            report(edition, readers)
        sizes(environment)


@contextmanager
def stage(name: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    print(f"  {name:32} {time.perf_counter() - started:8.1f} s", flush=True)


def filled(readers: int) -> int:
    """Readers of five mailbox providers and an edition of 14 stories, approved; it is scheduled when workers are up."""
    from django.core.management import call_command
    from django.db import connection

    from newsletter.editions import approve, draft
    from tests import builders

    call_command("migrate", verbosity=0)
    made = builders.make_newsletter(canary_share=0)
    with connection.cursor() as cursor:
        cursor.execute(bench_plan.READERS, [readers])
        cursor.execute(bench_plan.SUBSCRIPTIONS.replace("id %% 50 = 0", "id = 0"), [made.pk])
        cursor.execute("ANALYZE")
    for number in range(14):
        builders.make_article(f"Story {number}", hours_ago=number + 1)
    edition = draft.compose_special(made).edition
    approve.approve(edition, None)
    return edition.pk


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


def events(pk: int, count: int) -> None:
    """They come to the door as fast as it takes them; the workers apply them meanwhile."""
    from newsletter.tracking.models import Event

    bench_events.store_all(bench_events.bodies_about(pk, count))
    while Event.objects.filter(state="waiting").exists():
        time.sleep(0.2)


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
