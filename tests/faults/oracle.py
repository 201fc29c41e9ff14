"""Compares what a provider accepted (the truth) with what the ledger says."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from newsletter.ids import as_text

Left = Mapping[str, Collection[tuple[int, int]]]
TAKEN = {"accepted", "delivered", "bounced", "dropped", "complained"}
OPEN = {"pending", "sending"}
# Why a copy that nobody got may be through. By a provider's word, by a person's, and by the reader's own leaving.
REFUSED = ("SendGrid refused", "The mail server said 5", "given up after a day: ")
DECIDED = ("dropped: ", "the edition was cancelled")


@dataclass(frozen=True)
class Ledger:
    """What `edition audit`, `delivery list` and `batch list` print, and (batch's id, number) of attempts."""

    audit: Mapping[str, Any]
    deliveries: Sequence[Mapping[str, Any]]
    batches: Sequence[Mapping[str, Any]]
    attempts: Sequence[tuple[int, int]]


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


def judge(truth: Iterable[Mapping[str, Any]], ledger: Ledger, left: Left | None = None) -> Faults:
    """Hold the lines of an accept log against the ledger. `left`: addresses, and the attempts before their leaving."""
    lines = list(truth)
    taken = Counter(_delivery(line) for line in lines)
    by_status: dict[str, set[int]] = defaultdict(set)
    for row in ledger.deliveries:
        by_status[row["status"]].add(row["id"])
    accepted = set[int]().union(*(by_status[status] for status in TAKEN))
    addresses = Counter(line["address"] for line in lines)
    return Faults(
        duplicate=[each for each, count in (taken | addresses).items() if count > 1],
        missed=sorted(set[int]().union(*(by_status[status] for status in OPEN), _given_up(ledger, left or {}))),
        lied=sorted(accepted - taken.keys()),
        unlisted=sorted(taken.keys() - accepted - by_status["unknown"]),
        mailed_after_leaving=_mailed_after_leaving(lines, left or {}),
        unannounced=[line for line in lines if _attempt(line) not in {None, *_named(ledger.attempts)}],
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


def _named(attempts: Iterable[tuple[int, int]]) -> set[tuple[str, int]]:
    return {(as_text(batch), number) for batch, number in attempts}


def _given_up(ledger: Ledger, left: Left) -> set[int]:
    """Copies that are through without a hand-over that was taken, and without anything that happened to them."""
    rejected = (row for row in ledger.deliveries if row["status"] == "rejected")
    skipped = (row for row in ledger.deliveries if row["status"] == "skipped" and row["address"] not in left)
    return {row["id"] for row in rejected if not (row["reason"] or "").startswith(REFUSED)} | {
        row["id"] for row in skipped if not (row["reason"] or "").startswith(DECIDED)
    }


def _mailed_after_leaving(lines: Sequence[Mapping[str, Any]], left: Left) -> list[Mapping[str, Any]]:
    """By the order of commits: whose leaving was committed before the attempt was is not mailed by it."""
    named = {address: _named(attempts) for address, attempts in left.items()}
    theirs = [line for line in lines if line["address"] in left and _attempt(line) is not None]
    return [line for line in theirs if _attempt(line) not in named[line["address"]]]


def _unbalanced(ledger: Ledger, listed: set[int]) -> list[str]:
    found = list(ledger.audit["faults"])
    if sum(batch["unknown"] for batch in ledger.batches) != len(listed):
        found.append("the list of batches and the list of deliveries count different unknown copies")
    return found
