"""One `newsletter up` for one data directory."""

import contextlib
import fcntl
import os
import time

from newsletter.config import Config
from newsletter.errors import Refused
from newsletter.runtime.server import unusable

PATIENCE = 10.0  # seconds for the processes of an `up` that was killed to end


def claim(config: Config) -> int:
    """Take the data directory and return the descriptor that holds it. Raises Refused, ConfigError.

    Children inherit the descriptor: as long as one of them lives, nobody else starts on the same files.
    """
    try:
        config.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(config.data_dir / "up.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise unusable(config.data_dir, error) from error
    deadline = time.monotonic() + PATIENCE
    while not _locked(descriptor):
        holder = _holder(descriptor)
        if _alive(holder) or time.monotonic() > deadline:
            os.close(descriptor)
            raise _taken(config, holder)
        time.sleep(0.1)
    os.truncate(descriptor, 0)
    os.pwrite(descriptor, str(os.getpid()).encode(), 0)
    return descriptor


def _locked(descriptor: int) -> bool:
    with contextlib.suppress(BlockingIOError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def _holder(descriptor: int) -> int:
    text = os.pread(descriptor, 20, 0)
    return int(text) if text.isdigit() else 0


def _alive(process: int) -> bool:
    if not process:
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _taken(config: Config, holder: int) -> Refused:
    if _alive(holder):
        return Refused(
            f"`newsletter up` already runs on {config.data_dir} (process {holder}).",
            hint="Stop that one, or choose another data directory: newsletter --data-dir DIR up",
        )
    return Refused(
        f"The worker of an earlier `newsletter up` on {config.data_dir} still finishes its batch.",
        hint=f"Try again within {config.task_limit:g} seconds.",
    )
