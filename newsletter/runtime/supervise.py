"""Keeps the processes of `newsletter up`: passes their lines on, restarts the crashed, stops them in order."""

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from types import FrameType
from typing import Any, Self

from newsletter.runtime.child import Child, Program
from newsletter.runtime.screen import Screen

TURN_SECONDS = 0.2  # how often children are looked at; their lines are passed on at once
STUBBORN = 4  # crashes in a row after which it is said clearly
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopAsked(Exception):
    """Ctrl-C, SIGTERM or SIGHUP arrived."""


class Supervisor:
    """Use as a context manager; leaving it stops every child, the last started first."""

    def __init__(self, environment: Mapping[str, str], screen: Screen, keep: Sequence[int] = ()) -> None:
        """`keep`: the file descriptors that children inherit."""
        self._environment, self._screen, self._keep = environment, screen, keep
        self._children: dict[str, Child] = {}
        self._selector = selectors.DefaultSelector()
        self._handlers: dict[signal.Signals, Any] = {}
        self._asked = 0
        self._stopping = False

    def __enter__(self) -> Self:
        self._handlers = {number: signal.signal(number, self._note_request) for number in STOP_SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    @property
    def killed(self) -> bool:
        """Whether the second request to stop came, which waits for nothing."""
        return self._asked > 1

    def start(self, program: Program) -> None:
        """Start it now, and again whenever it ends by itself."""
        child = self._children[program.name] = Child(program, self._environment, self._keep)
        self._launch(child)

    def running(self, name: str) -> bool:
        return self._children[name].running

    def turn(self, seconds: float = TURN_SECONDS) -> None:
        """Pass lines on for a moment, then look after the children. Raises StopAsked."""
        self._pass_lines_on(seconds)
        if self._stopping:
            return
        if self._asked:
            self._screen.line("up", "stopping; the worker ends its batch first (Ctrl-C again kills)")
            raise StopAsked
        for child in self._children.values():
            self._look_after(child)

    def wait_for(self, process: "subprocess.Popen[bytes]") -> int:
        """Turn until a process of the caller's ends; returns its exit code. Raises StopAsked, having ended it first."""
        try:
            while process.poll() is None:
                self.turn(0.02)
        except StopAsked:
            process.terminate()
            process.wait()
            raise
        return process.returncode

    def wait_until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Turn until it holds; False when it did not within so many seconds. Raises StopAsked."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                return False
            self.turn(0.05)
        return True

    def stop(self) -> None:
        """Stop everything, the last started first."""
        self._stopping = True
        for name in list(reversed(self._children)):
            self.dismiss(name)
        self._selector.close()

    def dismiss(self, name: str) -> None:
        """Stop one child: ask, wait as long as it may take, then kill. A second request to stop cuts that short."""
        child = self._children[name]
        child.end()
        deadline = time.monotonic() + child.program.stop_seconds
        while not child.gone and time.monotonic() < deadline and not self.killed:
            self._pass_lines_on(0.02)
        if not child.gone:
            self._screen.line("up", f"killing {name}")
            child.kill()
        child.close()
        self._pass_lines_on(0)
        del self._children[name]

    def _launch(self, child: Child) -> None:
        child.start()
        if child.process is not None and child.process.stdout is not None:
            self._selector.register(child.process.stdout, selectors.EVENT_READ, child)

    def _pass_lines_on(self, seconds: float) -> None:
        if not self._selector.get_map():
            time.sleep(seconds)
            return
        for key, _ in self._selector.select(seconds):
            read = b""
            with contextlib.suppress(BlockingIOError):
                read = os.read(key.fd, 65536)
            for line in key.data.lines(read or b"\n"):
                self._show(key.data.program, line)
            if not read:
                self._selector.unregister(key.fileobj)

    def _show(self, program: Program, line: str) -> None:
        if not (program.hush and program.hush in line):
            self._screen.line(program.name, line)

    def _look_after(self, child: Child) -> None:
        if child.running:
            return
        if child.again_at is None:
            self._say_crashed(child, child.note_crash())
        elif time.monotonic() >= child.again_at:
            self._launch(child)

    def _say_crashed(self, child: Child, pause: float) -> None:
        code = child.process.returncode if child.process else 0
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        self._screen.line("up", f"{child.program.name} {how}; starting it again in {pause:g} s")
        if child.failures >= STUBBORN:
            text = f"{child.program.name} keeps failing ({child.failures} times in a row); its lines above say why"
            self._screen.line("up", text)

    def _note_request(self, _number: int, _frame: FrameType | None) -> None:
        self._asked += 1
