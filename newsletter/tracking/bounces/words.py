"""The table of what mail servers say (words.toml), ready to be asked."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from newsletter.tracking import codes
from newsletter.tracking.bounces.reading import Kind

_TABLE = Path(__file__).with_name("words.toml")
_WITHIN = 60  # characters that a "*" may stand for


@dataclass(frozen=True)
class Rule:
    """One reason, its kind, and the words that tell it.

    `beside`: how a status of another kind may begin that the words still count beside; None where no status matters.
    """

    reason: str
    kind: Kind
    words: re.Pattern[str]
    beside: tuple[str, ...] | None = None

    def fits(self, text: str, status: str) -> bool:
        """Whether the words are there, and the status does not speak against what they seem to say."""
        return self._counts_with(status) and bool(self.words.search(text))

    def _counts_with(self, status: str) -> bool:
        if self.beside is None or codes.kind_of(status) in (Kind.NONE, self.kind):
            return True
        return any(f"{status}.".startswith(f"{beginning}.") for beginning in self.beside)


def rule_for(text: str, status: str) -> Rule | None:
    """The first rule that fits a text in lower case with single blanks, said beside a status ("" for none)."""
    return next((rule for rule in rules() if rule.fits(text, status)), None)


@cache
def rules() -> tuple[Rule, ...]:
    """All rules, in the order in which they are asked."""
    table = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    return tuple(_rule(row) for row in table["rule"])


def _rule(row: Mapping[str, Any]) -> Rule:
    beside = tuple(row["beside"]) if "beside" in row else None
    return Rule(row["reason"], Kind(row["kind"]), _pattern(row["words"]), beside)


def _pattern(words: str) -> re.Pattern[str]:
    phrases = [re.escape(" ".join(phrase.split())) for phrase in words.split("|")]
    spaced = [phrase.replace(r"\*", f".{{0,{_WITHIN}}}") for phrase in phrases if phrase]
    return re.compile(r"(?<![a-z])(?:" + "|".join(spaced) + ")")  # "rbl" is in no word, "ip" in many
