"""What `newsletter up` shows: each child's lines behind its name."""

import contextlib
import os
import sys
from collections.abc import Mapping
from typing import IO

COLOURS: Mapping[str, int] = {"up": 1, "redis": 33, "worker": 32, "web": 36, "beat": 35}  # SGR codes


class Screen:
    """Prefixed lines on stderr; coloured on a terminal, unless NO_COLOR is set (https://no-color.org)."""

    def __init__(self, stream: IO[str] | None = None) -> None:
        self._stream = stream or sys.stderr
        plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
        self._coloured = self._stream.isatty() and not plain

    def line(self, name: str, text: str) -> None:
        """Show one line of a child; `up` is ourselves."""
        prefix = f"{name:<6} |"
        if self._coloured:
            prefix = f"\x1b[{COLOURS.get(name, 0)}m{prefix}\x1b[0m"
        with contextlib.suppress(OSError):  # the terminal may be gone; the work goes on
            print(prefix, _visible(text), file=self._stream, flush=True)


def _visible(text: str) -> str:
    # What children log may hold words from outside: none of their control characters reaches the terminal (T-33).
    return "".join(char if char.isprintable() or char == "\t" else f"\\x{ord(char):02x}" for char in text)
