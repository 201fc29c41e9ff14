"""One process that is kept running: starting it so that it never outlives us, and its luck so far."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

STEADY_SECONDS = 60.0  # a child that ran as long has earned a quick restart
LONGEST_PAUSE = 30.0
PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


@dataclass(frozen=True)
class Program:
    """What to keep running, and how many seconds it may take to end once asked to."""

    name: str
    command: Sequence[str]
    stop_seconds: float
    hush: str = ""  # lines that hold these words are not shown


class Child:
    """A program's process. It leads a session of its own, so Ctrl-C at the terminal does not reach it."""

    def __init__(self, program: Program, environment: Mapping[str, str], keep: Sequence[int] = ()) -> None:
        """`keep`: the file descriptors it inherits."""
        self.program = program
        self.process: subprocess.Popen[bytes] | None = None
        self.failures = 0
        self.again_at: float | None = None
        self._environment, self._keep = environment, keep
        self._started_at = 0.0
        self._groups: set[int] = set()  # of this and earlier processes: a crashed one may leave children behind
        self._guard: subprocess.Popen[bytes] | None = None
        self._line = b""

    def start(self) -> None:
        """Start it; its output is a pipe that does not block."""
        self.process = subprocess.Popen(  # noqa: S603 - our own commands
            list(self.program.command),
            env=self._environment,
            pass_fds=self._keep,
            preexec_fn=end_with_parent(),  # noqa: PLW1509 - there is one thread only
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            umask=0o077,
        )
        if self.process.stdout is not None:
            os.set_blocking(self.process.stdout.fileno(), False)
        self._guard = guard(self.process.pid)
        self._groups.add(self.process.pid)
        self._started_at = time.monotonic()
        self.again_at = None

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def gone(self) -> bool:
        """Whether the process and everything it started have ended."""
        if self.running:
            return False
        self._groups = {group for group in self._groups if _exists(group)}
        return not self._groups

    def lines(self, output: bytes) -> list[str]:
        """The lines that are complete now; the rest waits for its end."""
        *complete, self._line = (self._line + output).split(b"\n")
        return [line.decode(errors="replace") for line in complete if line.strip()]

    def note_crash(self) -> float:
        """Plan the next start; returns the pause before it in seconds: 1, 2, 4 … 30."""
        steady = time.monotonic() - self._started_at > STEADY_SECONDS
        self.failures = 1 if steady else self.failures + 1
        pause = min(LONGEST_PAUSE, 2.0 ** (self.failures - 1))
        self.again_at = time.monotonic() + pause
        self._dismiss_guard()
        return pause

    def end(self) -> None:
        """Ask it to end."""
        self.again_at = None
        if self.process is not None and self.running:
            self.process.terminate()

    def kill(self) -> None:
        """End it, and whatever it left behind."""
        for group in self._groups:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, signal.SIGKILL)

    def close(self) -> None:
        """Reap it, once it has ended."""
        if self.process is not None:
            self.process.wait()
        self._dismiss_guard()

    def _dismiss_guard(self) -> None:
        if self._guard is not None:
            self._guard.communicate(b"\n")
            self._guard = None


def end_with_parent() -> Callable[[], None] | None:
    """For Popen's preexec_fn, on Linux: the kernel sends the child SIGTERM when we die, even by kill -9.

    It survives exec, but not that of a set-uid program. Linux means the *thread* that made the child: start children
    from the main one. See prctl(2).
    """
    if sys.platform != "linux":
        return None
    prctl, parent = ctypes.CDLL(None).prctl, os.getpid()

    def before_exec() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)

    return before_exec


def guard(process: int, *, needed: bool = sys.platform != "linux") -> "subprocess.Popen[bytes] | None":
    """Where the kernel has no such signal (macOS), a shell that waits on a pipe from us: its end means that we died.

    Not covered there: a kill -9 of the guard itself, or of us in the instant before it started.
    """
    if not needed:
        return None
    script = 'read -r dismissed || kill -TERM "$0"'
    return subprocess.Popen(["/bin/sh", "-c", script, str(process)], stdin=subprocess.PIPE, start_new_session=True)  # noqa: S603


def _exists(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
