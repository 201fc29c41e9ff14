"""Memory, open files and connections of processes over time, and whether they grow."""

import statistics
from collections import defaultdict
from contextlib import suppress
from pathlib import Path

EVERY = 10.0  # seconds
# Warming up (imports, caches, pools) takes the first third; after that a fifth more is more than noise.
MORE = 1.2
A_FEW = 5  # files or connections


class Vitals:
    """`look` at processes as often as you like; `report` compares the last third with the second."""

    def __init__(self) -> None:
        self._next = 0.0
        self._seen: dict[tuple[str, str], list[float]] = defaultdict(list)

    def look(self, now: float, processes: dict[str, int]) -> None:
        """At these and their children, by name, and at the database's sessions."""
        if now < self._next:
            return
        self._next = now + EVERY
        for name, process in processes.items():
            for label, each in [(name, process), *((f"{name}, its child", child) for child in children(process))]:
                with suppress(OSError):  # it may end while we look
                    self._seen[label, "MiB"].append(memory(each))
                    self._seen[label, "open files"].append(len(list(Path(f"/proc/{each}/fd").iterdir())))
        self._seen["database", "sessions"].append(sessions())

    def report(self) -> bool:
        """Print a line for each; True when something grew."""
        grew = False
        for (name, unit), values in self._seen.items():
            third = max(1, len(values) // 3)
            before, after = statistics.median(values[third : 2 * third] or values), statistics.median(values[-third:])
            grows = after > max(before * MORE, before + (A_FEW if unit != "MiB" else 0))
            grew |= grows
            told = "grew" if grows else "flat"
            print(f"{name:20} {unit:12} {before:8.1f} {after:8.1f}   at most {max(values):8.1f}   {told}")
        return grew


def memory(process: int) -> float:
    """MiB that it holds now. Raises ProcessLookupError where it has just ended and nobody has noticed yet."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    raise ProcessLookupError(process)


def children(process: int) -> list[int]:
    with suppress(OSError):
        return [int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    return []


def sessions() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        return int(cursor.fetchone()[0])
