"""The road through SMTP with the ledger, on PostgreSQL, beside postfix's own load generator: messages a second.

`python benchmarks/bench_smtp.py [READERS]`, 100,000 by default, without and with DKIM (rsa-2048). All go to postfix's
`smtp-sink` on loopback, which takes everything and keeps nothing. The baseline is `smtp-source` with 8 connections that
are kept, and messages of the same size. The programs come with Debian's package postfix, which need not run:
`DEBIAN_FRONTEND=noninteractive apt-get install -y postfix`.
"""

import multiprocessing
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from benchmarks import bench_sendgrid
from benchmarks.bench_sendgrid import _send, checked, planned, timed
from tests.servers import broker, postgres

BATCH = 20
NOTE = "The editors write at length this week, as they do when the news is slow.\n\n" * 76  # a message of some 56 kB
CONNECTIONS = 8
FOLDERS = "/usr/sbin:/usr/lib/postfix/sbin:/usr/libexec/postfix"
AGAIN = """
TRUNCATE newsletter_attempt;
UPDATE newsletter_delivery SET status = 'pending' WHERE status = 'accepted';
UPDATE newsletter_batch SET status = 'pending', accepted = 0, finished_at = NULL;
UPDATE newsletter_edition SET status = 'sending', finished_at = NULL;
"""


def program(name: str) -> str:
    """Where one of postfix's test programs is. Ends the benchmark where there is none."""
    found = shutil.which(name, path=f"{FOLDERS}:{os.environ.get('PATH', '')}")
    if found is None:
        sys.exit(f"{name} is missing. Run: DEBIAN_FRONTEND=noninteractive apt-get install -y postfix")
    return found


@contextmanager
def sink() -> Iterator[int]:
    """smtp-sink on a free port of loopback; the port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    as_nobody = ["-u", "nobody"] if os.geteuid() == 0 else []
    process = subprocess.Popen([program("smtp-sink"), *as_nobody, f"127.0.0.1:{port}", "1024"])
    try:
        _wait_for(port)
        yield port
    finally:
        process.kill()
        process.wait()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    sys.exit("smtp-sink did not start.")


def source(port: int, messages: int, size: int) -> float:
    """Seconds that smtp-source needs for so many messages."""
    command = [program("smtp-source"), "-d", "-s", str(CONNECTIONS), "-l", str(size), "-m", str(messages)]
    started = time.perf_counter()
    subprocess.run([*command, "-f", "a@example.org", "-t", "b@example.org", f"127.0.0.1:{port}"], check=True)
    return time.perf_counter() - started


def main(readers: int) -> None:
    bench_sendgrid.WORKERS = 4  # half of its connections; each waits for the server half of its time
    with ExitStack() as stack:
        port = stack.enter_context(sink())
        os.environ["DATABASE_URL"] = stack.enter_context(postgres.running())
        os.environ["REDIS_URL"] = stack.enter_context(broker.running()).url
        os.environ["DJANGO_SETTINGS_MODULE"] = "newsletter.settings"
        os.environ["NEWSLETTER_DATA_DIR"] = stack.enter_context(tempfile.TemporaryDirectory())
        os.environ["NEWSLETTER_TRANSPORT"] = "smtp"
        os.environ["NEWSLETTER_ALLOW_PRIVATE_HOSTS"] = "1"
        os.environ["SMTP_URL"] = f"smtp://127.0.0.1:{port}"
        os.environ["NEWSLETTER_SMTP_BATCH_SIZE"] = str(BATCH)
        os.environ["NEWSLETTER_BOUNCE_ADDRESS"] = "bounces@mail.meridian.example"
        planned(readers, BATCH, NOTE)
        size = message_size()
        baseline = [readers / source(port, readers, size)]
        plain = readers / timed(_send)
        checked(readers)
        baseline.append(readers / source(port, readers, size))
        sign()
        again()
        signed = readers / timed(_send)
        checked(readers)
        own = sum(baseline) / len(baseline)
        print(f"smtp-source      {own:10,.0f} messages/s   ({size:,} bytes, {baseline[0]:,.0f} and {baseline[1]:,.0f})")
        print(f"with the ledger  {plain:10,.0f} messages/s   ({readers:,} readers)")
        print(f"and with DKIM    {signed:10,.0f} messages/s")
        print(f"ratio            {plain / own:10.2f}         with DKIM {signed / own:.2f}")


def message_size() -> int:
    """Bytes of one reader's message of the planned edition."""
    from newsletter.deliveries import send
    from newsletter.deliveries.models import Attempt, Batch, Delivery

    batch = Batch.objects.select_related("edition").earliest("pk")
    [copy, *_] = send.copies_of(batch, Delivery.Status.PENDING)
    return len(send._mailing(batch, Attempt(number=1)).message(send._reader(batch.edition, copy)))


def sign() -> None:
    """From now on every message is signed."""
    from newsletter import config
    from newsletter.mail import dkim

    key = subprocess.run(["openssl", "genrsa", "2048"], check=True, capture_output=True, text=True)
    os.environ["NEWSLETTER_DKIM_KEY"] = key.stdout
    os.environ["NEWSLETTER_DKIM_DOMAIN"], os.environ["NEWSLETTER_DKIM_SELECTOR"] = "meridian.example", "bench"
    config.current.cache_clear()
    dkim.current.cache_clear()


def again() -> None:
    """The ledger as it was before anything was sent, and nobody remembers that it was."""
    from django.db import connection

    from newsletter.deliveries import epoch

    epoch._path().unlink()
    with connection.cursor() as cursor:
        cursor.execute(AGAIN)
        cursor.execute("VACUUM (FULL, ANALYZE) newsletter_delivery")
    connection.close()


if __name__ == "__main__":
    multiprocessing.set_start_method("fork")
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
