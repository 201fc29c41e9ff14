"""What SpamAssassin, where this machine has it, holds against a mail: its local rules only, nobody is asked. Pure."""

import re
import shutil
import subprocess
from dataclasses import dataclass

SECONDS = 30
PROGRAM = "spamassassin"
# Rules about how it would reach a server, which a mail that was not sent yet cannot keep.
_NOT_YET = frozenset(("NO_RELAYS", "NO_RECEIVED", "UNPARSEABLE_RELAY", "MISSING_HEADERS"))
_RULE = re.compile(r"^\s*(-?\d+\.\d)\s+(\w+)\s+(.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Rule:
    """One that fired: how much it adds, its name, and what it says."""

    score: float
    name: str
    words: str


def is_here() -> bool:
    """Whether the program is on PATH."""
    return shutil.which(PROGRAM) is not None


def rules(message: bytes) -> list[Rule]:
    """Those that count against a whole message; none where the program is missing or fails: it is a hint, no gate."""
    program = shutil.which(PROGRAM)
    if program is None:
        return []
    command = [program, "-L", "-t", "--cf=dns_available no", "--cf=use_bayes 0"]
    try:
        done = subprocess.run(command, input=message, capture_output=True, check=False, timeout=SECONDS)  # noqa: S603 # found on PATH
    except (subprocess.SubprocessError, OSError):
        return []
    said = done.stdout.decode(errors="replace").partition("Content analysis details")[2]
    found = [Rule(float(score), name, words.strip()) for score, name, words in _RULE.findall(said)]
    return [rule for rule in found if rule.score > 0 and rule.name not in _NOT_YET]
