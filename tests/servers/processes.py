"""`newsletter …` as real processes, with an environment of their own and their lines in a file."""

import atexit
import contextlib
import functools
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

NEWSLETTER = [sys.executable, "-P", "-m", "newsletter"]  # as the console script: not from the current directory
PATIENCE = 180.0  # seconds; a deadline for machines that do much else, not an expectation


class Service:
    """One running command, in the folder of its data directory. `lines`: what it and its children have said so far."""

    def __init__(self, arguments: tuple[str, ...], environment: Mapping[str, str]) -> None:
        self.log = Path(environment["NEWSLETTER_DATA_DIR"]).parent / f"{'-'.join(arguments)}.log"
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [*NEWSLETTER, *arguments],
                cwd=self.log.parent,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    @property
    def lines(self) -> str:
        return self.log.read_text(errors="replace")

    def wait_for(self, text: str, times: int = 1) -> None:
        """Until it has said `text` so many times; fails with its lines when it ends before or takes too long."""
        until(lambda: self.lines.count(text) >= times or self.process.poll() is not None, text, lambda: self.lines)
        assert self.lines.count(text) >= times, self.lines

    def stop(self, number: signal.Signals = signal.SIGTERM, patience: float = PATIENCE) -> int:
        """Send the signal and wait for the end; returns the exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout=patience)


def settings(data_dir: Path, **others: str) -> dict[str, str]:
    """The environment of a process on this data directory, with settings on top."""
    return {**os.environ, "NEWSLETTER_DATA_DIR": str(data_dir), **others}


@contextlib.contextmanager
def newsletter(*arguments: str, environment: Mapping[str, str]) -> Iterator[Service]:
    """`newsletter ARGUMENTS` for as long as the block runs; whatever is left then is killed."""
    service = Service(arguments, environment)
    try:
        yield service
    finally:
        if service.process.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                service.stop(patience=30)  # what it says of its end is asked by the tests of that
        for process in processes_of(environment):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        service.process.wait()


def answer(
    *arguments: str, environment: Mapping[str, str], folder: Path | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run `newsletter ARGUMENTS` to its end, in a folder of its own where one is named."""
    if arguments == ("db", "migrate") and not environment.get("DATABASE_URL"):
        _begin_with_tables(Path(environment["NEWSLETTER_DATA_DIR"]))
    return _ended(*arguments, environment=environment, folder=folder)


def _begin_with_tables(data_dir: Path) -> None:
    """Fifty migrations take four seconds each time; what they make is the same each time."""
    database = data_dir / "newsletter.sqlite3"
    if not database.exists():
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.copy(_migrated(), database)


@functools.cache
def _migrated() -> Path:
    """A database with all tables and no rows, for as long as this process runs."""
    folder = Path(tempfile.mkdtemp(prefix="newsletter-tables-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    result = _ended("db", "migrate", environment=settings(folder))
    assert result.returncode == 0, result.stderr
    return folder / "newsletter.sqlite3"


def _ended(
    *arguments: str, environment: Mapping[str, str], folder: Path | None = None
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*NEWSLETTER, *arguments],
        env=dict(environment),
        cwd=folder,
        capture_output=True,
        check=False,
        text=True,
        timeout=PATIENCE,
    )


def processes_of(environment: Mapping[str, str]) -> dict[int, str]:
    """Everything that runs on this data directory, as process id to command line: children inherit the setting."""
    data_dir = environment["NEWSLETTER_DATA_DIR"]
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            settings = (folder / "environ").read_text(errors="replace").split("\0")
            line = (folder / "cmdline").read_text(errors="replace").replace("\0", " ")
            # The server writes its title over its environment, but the title names its socket.
            if f"NEWSLETTER_DATA_DIR={data_dir}" in settings or f"unixsocket:{data_dir}" in line:
                found[int(folder.name)] = line
    return {process: line for process, line in found.items() if process != os.getpid()}


def until(condition: Callable[[], object], what: str, said: Callable[[], str] = str) -> None:
    """Wait for a condition; fails naming it, with what the processes said."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"Not within {PATIENCE:g} s: {what}\n{said()}")
        time.sleep(0.05)


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])
