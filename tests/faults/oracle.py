"""Compares what a provider accepted (the truth) with what the ledger says."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from newsletter.ids import as_text

TAKEN = {"accepted", "delivered", "bounced", "dropped", "complained"}
OPEN = {"pending", "sending"}


@dataclass(frozen=True)
class Ledger:
    """What `edition audit`, `delivery list` and `batch list` print, and (batch's id, number, start) of attempts."""

    audit: Mapping[str, Any]
    deliveries: Sequence[Mapping[str, Any]]
    batches: Sequence[Mapping[str, Any]]
    attempts: Sequence[tuple[int, int, Any]]


@dataclass(frozen=True)
class Faults:
    """Delivery ids, addresses or batches; every one of them is a broken promise."""

    duplicate: list[Any]
    missed: list[Any]
    lied: list[Any]
    unlisted: list[Any]
    mailed_after_leaving: list[Any]
    unannounced: list[Any]  # handed over without a committed attempt
    unbalanced: list[Any]

    def __str__(self) -> str:
        """As "duplicate 0, missed 0, …"."""
        found = ((field.name, getattr(self, field.name)) for field in fields(self))
        return ", ".join(f"{name.replace('_', '-')} {len(each)}" for name, each in found)


NONE = Faults([], [], [], [], [], [], [])


def judge(truth: Iterable[Mapping[str, Any]], ledger: Ledger, left: Mapping[str, float] | None = None) -> Faults:
    """Hold the lines of an accept log against the ledger. `left`: addresses and when their leaving was committed."""
    lines = list(truth)
    taken = Counter(_delivery(line) for line in lines)
    by_status: dict[str, set[int]] = defaultdict(set)
    for row in ledger.deliveries:
        by_status[row["status"]].add(row["id"])
    accepted = set[int]().union(*(by_status[status] for status in TAKEN))
    addresses = Counter(line["address"] for line in lines)
    return Faults(
        duplicate=[each for each, count in (taken | addresses).items() if count > 1],
        missed=sorted(set[int]().union(*(by_status[status] for status in OPEN))),
        lied=sorted(accepted - taken.keys()),
        unlisted=sorted(taken.keys() - accepted - by_status["unknown"]),
        mailed_after_leaving=_mailed_after_leaving(lines, ledger, left or {}),
        unannounced=[line for line in lines if _attempt(line) not in _attempts(ledger)],
        unbalanced=_unbalanced(ledger, by_status["unknown"]),
    )


def unknown(ledger: Ledger) -> set[int]:
    """The deliveries that wait for a person."""
    return {row["id"] for row in ledger.deliveries if row["status"] == "unknown"}


def _delivery(line: Mapping[str, Any]) -> int:
    return int(line["reference"].rpartition(".")[2])


def _attempt(line: Mapping[str, Any]) -> tuple[str, int] | None:
    """None by SMTP, where a message carries no batch."""
    return (line["batch"], int(line["attempt"].partition(".")[0])) if "batch" in line else None


def _attempts(ledger: Ledger) -> dict[tuple[str, int] | None, Any]:
    made: dict[tuple[str, int] | None, Any] = {(as_text(batch), no): start for batch, no, start in ledger.attempts}
    return {None: None, **made}


def _mailed_after_leaving(
    lines: Sequence[Mapping[str, Any]], ledger: Ledger, left: Mapping[str, float]
) -> list[Mapping[str, Any]]:
    started = _attempts(ledger)
    theirs = [line for line in lines if line["address"] in left]
    return [line for line in theirs if left[line["address"]] < started[_attempt(line)]]


def _unbalanced(ledger: Ledger, listed: set[int]) -> list[str]:
    found = list(ledger.audit["faults"])
    if sum(batch["unknown"] for batch in ledger.batches) != len(listed):
        found.append("the list of batches and the list of deliveries count different unknown copies")
    return found
