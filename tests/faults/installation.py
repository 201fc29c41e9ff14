"""One installation under test: its settings, its real processes, and its ledger as an operator and SQL see it."""

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg

from newsletter import config
from newsletter.runtime import programs
from tests.faults.oracle import Ledger
from tests.servers.processes import answer, processes_of

ROOT = Path(__file__).parents[2]
PATIENCE = 180.0  # seconds; a deadline for machines that do much else, not an expectation
# The real order of times, shortened. A hand-over to a stand-in takes some 50 ms.
TIMES = {
    "NEWSLETTER_TICK": "0.3",
    "NEWSLETTER_HAND_OVER_DEADLINE": "5",
    "NEWSLETTER_TASK_LIMIT": "6",
    "NEWSLETTER_LEASE": "7",
}
BATCH = 50
SLICE = 300
KEYS = {"NEWSLETTER_SECRET_KEY": "a secret for the tests of faults", "NEWSLETTER_ADDRESS_KEY": "another one"}


class Running:
    """A worker or beat and all its processes, which are a group of their own."""

    def __init__(self, command: list[str], environment: dict[str, str], log: Path) -> None:
        self.log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                start_new_session=True,
            )  # fmt: skip

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    @property
    def stopped(self) -> bool:
        """Whether it is frozen."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2]
        return stat.split()[0] == "T"

    def tell(self, number: signal.Signals) -> None:
        """To all its processes."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def kill(self) -> None:
        """As kill -9 of all its processes at once."""
        self.tell(signal.SIGKILL)
        self.process.wait()

    def terminate(self) -> None:
        """SIGTERM to the parent, as a supervisor or a container says that it is over."""
        self.process.terminate()

    def kill_a_child(self) -> None:
        """As kill -9 of one process that works; the worker replaces it."""
        self._tell_children(signal.SIGKILL, self._children()[-1:])

    def wake_children(self) -> None:
        """Those that work go on, while the parent, which would kill them for the time they took, sleeps on."""
        self._tell_children(signal.SIGCONT, self._children())

    def _children(self) -> list[int]:
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        with contextlib.suppress(OSError):
            return [int(child) for child in listed.read_text().split()]
        return []

    def _tell_children(self, number: signal.Signals, children: list[int]) -> None:
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, number)


class Installation:
    """Workers, beats and the ledger of one database."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        data = folder / "data"
        self.environment = {**os.environ, **TIMES, **KEYS, "NEWSLETTER_DATA_DIR": str(data), **settings}
        self.environment.setdefault("NEWSLETTER_BATCH_SIZE", str(BATCH))
        self.left: dict[str, frozenset[tuple[int, int]]] = {}  # address to the attempts committed before its leaving
        self._running: list[Running] = []

    def prepare(self, readers: int) -> None:
        """Fill the database: readers, and an edition whose time has come."""
        command = [sys.executable, "-m", "tests.faults.prepare", str(readers)]
        subprocess.run(command, cwd=ROOT, env=self.environment, check=True, timeout=PATIENCE)

    def worker(self, *faults: str, processes: int = 1, host: str = "") -> Running:
        """Start a real worker, armed with POINT:NTH:DEED; a `host` has a data directory of its own."""
        settings = config.load({**self.environment, "NEWSLETTER_WORKER_PROCESSES": str(processes)})
        arguments = programs.worker(settings)
        celery = arguments[arguments.index("workers") + 1 :]
        return self._start(
            [sys.executable, "-m", "tests.faults.worker", str(SLICE), *faults, "--", *celery], "worker", host
        )

    def beat(self, host: str = "") -> Running:
        """Start a real beat."""
        return self._start(programs.beat(), "beat", host)

    def end(self) -> None:
        """Kill whatever still runs."""
        for running in self._running:
            running.kill()
        for process in processes_of(self.environment):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def _start(self, command: list[str], kind: str, host: str) -> Running:
        log = self.folder / f"{kind}-{len(self._running)}.log"
        own = {"NEWSLETTER_DATA_DIR": str(self.folder / host)} if host else {}
        self._running.append(Running(command, {**self.environment, **own}, log))
        return self._running[-1]

    def until(self, condition: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
        """Wait for a condition; fails naming it, with how the batches stand and what the processes said last."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(f"Not within {seconds:g} s: {what}\n{self._said()}")
            time.sleep(0.05)

    def until_sent(self, seconds: float = PATIENCE) -> None:
        """Wait until nothing is left to do."""
        self.until(lambda: self.status() == "sent", "the edition is sent", seconds)

    def until_accepted(self, copies: int) -> None:
        """Wait until the ledger counts so many copies as accepted."""
        counted = "SELECT COALESCE(SUM(accepted), 0) FROM newsletter_batch"
        self.until(lambda: self.value(counted) >= copies, f"{copies} copies are accepted")

    def status(self) -> str:
        return str(self.value("SELECT status FROM newsletter_edition"))

    def value(self, sql: str, *parameters: Any) -> Any:
        """The first column of the first row; None without one."""
        rows = self.rows(sql, *parameters)
        return rows[0][0] if rows else None

    def rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """What a statement answers, committed."""
        with self._connection() as connection:
            found = connection.execute(sql, parameters)
            return list(found.fetchall()) if found.description else []

    def command(self, *arguments: str) -> str:
        """What `newsletter ARGUMENTS` says; it must succeed."""
        done = answer(*arguments, environment=self.environment)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    def batches(self, status: str) -> int:
        """How many batches are in a status."""
        return int(self.value(f"SELECT COUNT(*) FROM newsletter_batch WHERE status = '{status}'"))

    def attempts(self) -> int:
        """How many hand-overs were begun."""
        return int(self.value("SELECT COUNT(*) FROM newsletter_attempt"))

    def leave(self, number: int) -> None:
        """Reader `number` unsubscribes; noted once it is committed: every attempt not seen then is committed later."""
        address = f"reader{number}@example.org"
        mine = f"subscriber_id IN (SELECT id FROM newsletter_subscriber WHERE email = '{address}')"
        self.rows(f"UPDATE newsletter_subscription SET status = 'unsubscribed' WHERE {mine}")
        self.left[address] = frozenset(self._attempted())

    def ledger(self) -> Ledger:
        """What the command line lists, and the attempts."""
        asked = (("edition", "audit", "1"), ("delivery", "list", "--edition", "1"), ("batch", "list", "--edition", "1"))
        with ThreadPoolExecutor(3) as pool:
            audit, deliveries, batches = pool.map(self._listed, asked)
        return Ledger(audit[0], deliveries, batches, self._attempted())

    def _attempted(self) -> list[tuple[int, int]]:
        """Every attempt, by its batch's public id and its number."""
        return [
            (batch, number)
            for batch, number in self.rows(
                "SELECT batch.public_id, attempt.number FROM newsletter_attempt attempt"
                " JOIN newsletter_batch batch ON batch.id = attempt.batch_id"
            )
        ]

    def _listed(self, arguments: tuple[str, ...]) -> list[dict[str, Any]]:
        result = answer(*arguments, "--json", environment=self.environment)
        assert result.stdout, result.stderr
        return [json.loads(line) for line in result.stdout.splitlines()]

    @contextlib.contextmanager
    def _connection(self) -> Iterator[Any]:
        url = self.environment.get("DATABASE_URL")
        if url:
            with psycopg.connect(url, autocommit=True) as connection:
                yield connection
            return
        file = sqlite3.connect(self.folder / "data" / "newsletter.sqlite3", timeout=20)
        with contextlib.closing(file), file:
            yield file

    def _said(self) -> str:
        counts = "SELECT status, COUNT(*) FROM newsletter_batch GROUP BY status"
        logs = [f"{each.log.name}: {each.log.read_text(errors='replace')[-1500:]}" for each in self._running]
        return "\n".join([f"edition {self.status()}, batches {self.rows(counts)}", *logs])
