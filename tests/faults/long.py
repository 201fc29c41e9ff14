"""The long form, `make faults`: 20,000 readers and 20 kills at random moments, for each of five seeds.

Prints the oracle's counts, the unknown copies and the seconds; beside them the seconds of a run that nobody disturbs.
Ends with 1 when a promise was broken.
"""

import argparse
import contextlib
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.fakes.sendgrid import SendGridServer, read_log
from tests.faults import database as databases
from tests.faults import oracle
from tests.faults.database import Database
from tests.faults.installation import BATCH, Installation, Running
from tests.servers import broker as broker_server

PROCESSES = 2
PATIENCE = 900.0  # seconds for one run
# One request in ten goes wrong in some way.
WORDS = ["429:1", "500", "503", "500-after", "reset-after", "half", "half-line", "garbage", "html", "silent"]


def main() -> int:
    """Run every seed; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.long", description=__doc__)
    parser.add_argument("--readers", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    options = parser.parse_args()
    for name in [name for name in os.environ if name.startswith(("NEWSLETTER_", "SENDGRID_", "SMTP_URL"))]:
        del os.environ[name]
    broken = False
    with databases.running() as database, _template(database, options.readers) as template:
        broken |= _report("undisturbed", database, template, random.Random(0), kills=0)
        for seed in options.seeds:
            broken |= _report(f"seed {seed}", database, template, random.Random(seed), kills=options.kills)
    return int(broken)


@contextlib.contextmanager
def _template(database: Database, readers: int) -> Iterator[str]:
    name = database.create()
    with tempfile.TemporaryDirectory(prefix="newsletter-faults-") as folder:
        Installation(Path(folder), DATABASE_URL=database.url(name)).prepare(readers)
    yield name


def _report(title: str, database: Database, template: str, chance: random.Random, kills: int) -> bool:
    """Run once and print a line; True when a promise was broken."""
    with (
        tempfile.TemporaryDirectory(prefix="newsletter-faults-") as folder,
        broker_server.running() as broker,
        SendGridServer(Path(folder) / "accepted.jsonl", keep=False) as sendgrid,
    ):
        name = database.copy(template)
        site = Installation(
            Path(folder), DATABASE_URL=database.url(name), REDIS_URL=broker.url, NEWSLETTER_TRANSPORT="sendgrid",
            SENDGRID_API_URL=sendgrid.url, SENDGRID_API_KEY=sendgrid.key,
        )  # fmt: skip
        batches = site.value("SELECT COUNT(*) FROM newsletter_subscription WHERE status = 'active'") // BATCH
        if kills:
            sendgrid.behave(*(chance.choice(WORDS) if chance.random() < 0.1 else "ok" for _ in range(2 * batches)))
        began = time.monotonic()
        try:
            _run(site, chance, kills, batches)
            return _judged(title, site, time.monotonic() - began)
        finally:
            site.end()
            database.drop(name)


def _run(site: Installation, chance: random.Random, kills: int, batches: int) -> None:
    """Two workers of two processes each; the kills come spread over the whole send."""
    site.beat()
    workers = [site.worker(processes=PROCESSES), site.worker(processes=PROCESSES)]
    for at in sorted(chance.sample(range(1, batches), kills)):
        site.until(lambda enough=at: _attempts(site) >= enough or site.status() == "sent", "the send goes on", PATIENCE)
        _kill(site, workers, chance)
    site.until_sent(PATIENCE)


def _kill(site: Installation, workers: list[Running], chance: random.Random) -> None:
    victim = chance.randrange(len(workers))
    if chance.random() < 0.5:
        workers[victim].kill_a_child()
    else:
        workers[victim].kill()
        workers[victim] = site.worker(processes=PROCESSES)


def _attempts(site: Installation) -> int:
    return int(site.value("SELECT COUNT(*) FROM newsletter_attempt"))


def _judged(title: str, site: Installation, seconds: float) -> bool:
    ledger = site.ledger()
    found = oracle.judge(read_log(site.folder / "accepted.jsonl"), ledger)
    unknown = oracle.unknown(ledger)
    accepted = ledger.audit["accepted"]
    print(f"{title}: {found}; accepted {accepted:,}, unknown {len(unknown):,}; {seconds:.1f} s", flush=True)
    return found != oracle.NONE


if __name__ == "__main__":
    sys.exit(main())
