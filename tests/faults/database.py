"""A PostgreSQL that may crash: what it committed must survive, so here commits wait for the log, unlike elsewhere."""

import contextlib
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg

from tests.servers import postgres

# fsync is for power loss; the pages of a killed process are safe with the kernel.
SETTINGS = ["fsync=off", "full_page_writes=off", "synchronous_commit=on", "max_connections=60", "shared_buffers=64MB"]


class Database:
    """One server in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._account = folder, postgres.Account.fit()
        self._account.give(folder)
        self._binaries = postgres._binaries(folder, self._account)
        self._process: subprocess.Popen[bytes] | None = None
        options = ["-N", "--no-locale", "-E", "UTF8", "-A", "trust", "-U", "postgres"]
        command = [self._binaries / "initdb", "-D", folder / "data", *options]
        subprocess.run(command, check=True, capture_output=True, **self._run_as)

    def url(self, name: str = "postgres") -> str:
        return f"postgresql://postgres@/{name}?host={self._folder}"

    def start(self) -> None:
        settings = [part for setting in SETTINGS for part in ("-c", setting)]
        command = [self._binaries / "postgres", "-D", self._folder / "data", "-h", "", "-k", self._folder, *settings]
        log = self._folder / "log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(command, stdout=output, stderr=output, **self._run_as)
        postgres._wait(self._process, self._binaries, self._folder, log)

    def crash(self) -> None:
        """The immediate stop: every session is cut off and nothing is written any more."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(timeout=postgres.START_SECONDS)

    def cut_off(self, name: str) -> int:
        """End every session of a database, whatever it is doing; returns how many there were."""
        cut = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = %s"
        with psycopg.connect(self.url(), autocommit=True) as server:
            row = server.execute(cut, (name,)).fetchone()
        return int(row[0]) if row else 0

    def create(self) -> str:
        """A new, empty database; returns its name."""
        return self.copy("template1")

    def copy(self, template: str) -> str:
        """A new database like another one that nobody uses; returns its name."""
        name = f"faults_{uuid4().hex}"
        with psycopg.connect(self.url(), autocommit=True) as server:
            server.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        return name

    def drop(self, name: str) -> None:
        with psycopg.connect(self.url(), autocommit=True) as server:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())

    @property
    def _run_as(self) -> dict[str, Any]:
        account = self._account
        run_as = {"user": account.user, "group": account.group, "cwd": self._folder, "stdin": subprocess.DEVNULL}
        return run_as if account.user is None else {**run_as, "extra_groups": []}


@contextlib.contextmanager
def running() -> Iterator[Database]:
    """A server for as long as the block runs."""
    folder = Path(tempfile.mkdtemp(prefix="newsletter-pg-", dir="/tmp"))
    try:
        database = Database(folder)
        database.start()
        try:
            yield database
        finally:
            database.crash()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
