"""The real worker, armed: `python -m tests.faults.worker 300 send.claimed:3:kill … -- worker --pool=prefork …`.

The number is how many readers it plans at once, so that a few thousand make many slices.

Each fault is POINT:NTH:DEED. When this worker's processes together pass the point for the n-th time, `kill` ends them
all as kill -9 does, and `pause` stops them all until somebody sends SIGCONT.
"""

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import import_module
from multiprocessing.sharedctypes import Synchronized

from newsletter import faults

DEEDS = {"kill": signal.SIGKILL, "pause": signal.SIGSTOP}


@dataclass
class Fault:
    """What happens at a point. The count is shared by the processes that are forked off later."""

    point: str
    nth: int
    deed: signal.Signals
    passed: "Synchronized[int]" = field(default_factory=lambda: multiprocessing.Value("i", 0))

    @classmethod
    def read(cls, text: str) -> "Fault":
        """From POINT:NTH:DEED."""
        point, nth, deed = text.split(":")
        return cls(point, int(nth), DEEDS[deed])

    def meet(self, name: str) -> None:
        if name != self.point:
            return
        with self.passed.get_lock():
            self.passed.value += 1
            mine = self.passed.value == self.nth
        if mine:
            os.killpg(os.getpgrp(), self.deed)


def armed(fault_list: Sequence[Fault]) -> Callable[[str], None]:
    """A hook for newsletter.faults."""

    def hook(name: str) -> None:
        for fault in fault_list:
            fault.meet(name)

    return hook


def main() -> None:
    """Arm the points, then be the worker."""
    split = sys.argv.index("--")
    faults.hook = armed([Fault.read(text) for text in sys.argv[2:split]])
    app = import_module("workers.app").app
    import_module("workers.tasks")
    import_module("newsletter.deliveries.plan").SLICE = int(sys.argv[1])
    _suffer()
    app.start(sys.argv[split + 1 :])


def _suffer() -> None:
    """Go on however much gets lost: of 2,000 readers a few deaths are more than the breaker bears."""
    breaker, limits = import_module("newsletter.deliveries.breaker"), import_module("newsletter.deliveries.limits")
    breaker.LOST_BATCHES = breaker.LOST_IN_A_ROW = sys.maxsize
    limits.LONGEST_DOUBT = timedelta(seconds=0.2)


if __name__ == "__main__":
    main()
