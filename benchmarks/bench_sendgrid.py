"""The road through SendGrid with the ledger, on PostgreSQL: readers a second, by two worker processes.

`python benchmarks/bench_sendgrid.py [READERS …]`, 100,000 by default; with two numbers it tells how the time grows. The
stand-in takes everything at once. Beside it: a bare script that builds the same payloads and posts them, without any
ledger.
"""

import gc
import multiprocessing
import os
import socketserver
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.synchronize import Barrier, Event

from tests.servers import broker, postgres

WORKERS = 2
BATCH = 1000


class _TakeAll(socketserver.StreamRequestHandler):
    """Reads a request and answers 202; keeps the connection if the client does."""

    def handle(self) -> None:
        while self.rfile.readline():
            length = 0
            while (line := self.rfile.readline().strip().lower()) != b"":
                if line.startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            self.rfile.read(length)
            self.wfile.write(b"HTTP/1.1 202 Accepted\r\nX-Message-Id: x\r\nContent-Length: 0\r\n\r\n")


def _serve(port: "multiprocessing.Queue[int]") -> None:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _TakeAll) as server:
        server.daemon_threads = True
        port.put(server.server_address[1])
        server.serve_forever()


@contextmanager
def stand_in() -> Iterator[str]:
    """A process that takes everything; its address."""
    port: multiprocessing.Queue[int] = multiprocessing.Queue()
    process = multiprocessing.Process(target=_serve, args=(port,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{port.get(timeout=10)}"
    finally:
        process.kill()


def main(sizes: list[int]) -> None:
    times = [apart(readers) for readers in sizes]
    if len(sizes) > 1:
        print(
            f"growth           {times[-1] / times[0]:10.1f}   times the time for {sizes[-1] / sizes[0]:g} times as many"
        )


def apart(readers: int) -> float:
    """Measure in a process of its own, with a database of its own; the seconds that sending took."""
    seconds: multiprocessing.Queue[float] = multiprocessing.Queue()
    process = multiprocessing.Process(target=measure, args=(readers, seconds))
    process.start()
    process.join()
    if process.exitcode:
        sys.exit(process.exitcode)
    return seconds.get(timeout=10)


def measure(readers: int, seconds: "multiprocessing.Queue[float]") -> None:
    with ExitStack() as stack:
        os.environ["DATABASE_URL"] = stack.enter_context(postgres.running())
        os.environ["REDIS_URL"] = stack.enter_context(broker.running()).url
        os.environ["DJANGO_SETTINGS_MODULE"] = "newsletter.settings"
        os.environ["NEWSLETTER_DATA_DIR"] = stack.enter_context(tempfile.TemporaryDirectory())
        os.environ["SENDGRID_API_URL"] = stack.enter_context(stand_in())
        os.environ["SENDGRID_API_KEY"] = "SG.benchmark"
        os.environ["NEWSLETTER_TRANSPORT"] = "sendgrid"
        os.environ["NEWSLETTER_BATCH_SIZE"] = str(BATCH)
        os.environ["NEWSLETTER_ALLOW_PRIVATE_HOSTS"] = "1"
        planning = planned(readers, BATCH)
        with_ledger = timed(_send)
        checked(readers)
        bare = timed(_post_only)
        print(f"with the ledger  {readers / with_ledger:10,.0f} readers/s   ({readers:,} in {with_ledger:.1f} s)")
        print(f"payloads alone   {readers / bare:10,.0f} readers/s   (built and posted, nothing recorded)")
        print(f"ratio            {bare / with_ledger:10.2f}")
        print(f"planned          {planning:10.1f} s", flush=True)
        seconds.put(with_ledger)


def planned(readers: int, batch: int, note: str = "") -> float:
    """An edition of 14 stories and a note, planned in batches of this size; the seconds that planning took."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from benchmarks.bench_plan import READERS, SUBSCRIPTIONS
    from newsletter.deliveries import plan
    from tests import builders

    call_command("migrate", verbosity=0)
    newsletter = builders.make_newsletter()
    with connection.cursor() as cursor:
        cursor.execute(READERS, [readers])
        cursor.execute(SUBSCRIPTIONS.replace("id %% 50 = 0", "id = 0"), [newsletter.pk])
        cursor.execute("ANALYZE")
    builders.scheduled_edition(newsletter, stories=14, note=note)
    started = time.perf_counter()
    plan.begin_due()
    while plan.plan_next(batch):
        pass
    seconds = time.perf_counter() - started
    connection.close()
    return seconds


def checked(readers: int) -> None:
    from newsletter.deliveries import status, sweep
    from newsletter.editions.models import Edition

    sweep.run()
    found = status.audit(Edition.objects.get())
    assert found.balanced, found.faults
    assert found.counts.accepted == readers


def timed(work: Callable[[], None]) -> float:
    """Seconds that WORKERS processes need for the work, once all of them are ready."""
    from django.db import connections

    connections.close_all()  # a forked process must not share one
    ready, go = multiprocessing.Barrier(WORKERS + 1), multiprocessing.Event()
    processes = [
        multiprocessing.Process(target=_worker, args=(work, ready, go), name=f"worker-{n}") for n in range(WORKERS)
    ]
    for process in processes:
        process.start()
    ready.wait()
    started = time.perf_counter()
    go.set()
    for process in processes:
        process.join()
        assert not process.exitcode
    return time.perf_counter() - started


def _worker(work: Callable[[], None], ready: Barrier, go: Event) -> None:
    from newsletter.transports.choose import chosen

    chosen()
    gc.freeze()  # as workers do
    ready.wait()
    go.wait()
    work()


def _send() -> None:
    """As workers do: with the limits and the epoch before each claim."""
    from newsletter.deliveries import send
    from newsletter.deliveries.guard import WATCHFUL
    from newsletter.transports.choose import chosen

    while send.send_next(chosen(), WATCHFUL):
        pass


def _post_only() -> None:
    """Each worker its half of the batches."""
    from newsletter.deliveries import send
    from newsletter.deliveries.models import Attempt, Batch
    from newsletter.transports.choose import chosen

    half = int(multiprocessing.current_process().name.rpartition("-")[2]) % WORKERS
    for batch in Batch.objects.select_related("edition", "rendering__edition").order_by("pk"):
        if batch.pk % WORKERS == half:
            rows = batch.deliveries.values_list("id", "subscriber__email", "subscriber__name", "subscriber_id")
            copies = [send.Copy(pk, address, name, token, "active", None) for pk, address, name, token in rows]
            readers = [send._reader(batch.edition, copy) for copy in copies]
            chosen().hand_over(send._mailing(batch, Attempt(number=1)), readers)


if __name__ == "__main__":
    multiprocessing.set_start_method("fork")
    main([int(size) for size in sys.argv[1:]] or [100_000])
