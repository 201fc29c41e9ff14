"""The table of what mail servers say (words.toml), ready to be asked."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from newsletter.tracking.bounces.reading import Kind

_TABLE = Path(__file__).with_name("words.toml")
_WITHIN = 60  # characters that a "*" may stand for


@dataclass(frozen=True)
class Rule:
    """One reason, its kind, and the words that tell it."""

    reason: str
    kind: Kind
    words: re.Pattern[str]


def rule_for(text: str) -> Rule | None:
    """The first rule that fits a text in lower case with single blanks."""
    return next((rule for rule in rules() if rule.words.search(text)), None)


@cache
def rules() -> tuple[Rule, ...]:
    """All rules, in the order in which they are asked."""
    table = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    return tuple(Rule(rule["reason"], Kind(rule["kind"]), _pattern(rule["words"])) for rule in table["rule"])


def _pattern(words: str) -> re.Pattern[str]:
    phrases = [re.escape(" ".join(phrase.split())) for phrase in words.split("|")]
    spaced = [phrase.replace(r"\*", f".{{0,{_WITHIN}}}") for phrase in phrases if phrase]
    return re.compile(r"(?<![a-z])(?:" + "|".join(spaced) + ")")  # "rbl" is in no word, "ip" in many
