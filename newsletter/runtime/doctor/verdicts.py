"""What a check says: a state, the evidence for it, and the remedy to type or to do."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """`warn`: it works, and will hurt one day; `bad`: mail does not go out as it should; `skipped`: not looked at."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Verdict:
    """One check's answer. `evidence` is what was seen, without any secret; `remedy` what mends it."""

    state: State
    evidence: str
    remedy: str = ""
    check: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def good(evidence: str) -> Verdict:
    return Verdict(State.OK, evidence)


def doubtful(evidence: str, remedy: str) -> Verdict:
    return Verdict(State.WARN, evidence, remedy)


def bad(evidence: str, remedy: str) -> Verdict:
    return Verdict(State.BAD, evidence, remedy)


def skipped(why: str) -> Verdict:
    return Verdict(State.SKIPPED, why)
