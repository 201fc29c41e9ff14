"""The table of signs (signs.toml), as patterns."""

import re
import tomllib
from functools import cache
from pathlib import Path

_TABLE = Path(__file__).with_name("signs.toml")


@cache
def sign(name: str) -> re.Pattern[str]:
    """The pattern of one sign: any of its lines, whatever the case, ^ and $ at each line."""
    lines = _signs()[name].strip("\n").splitlines()
    return re.compile("|".join(f"(?:{line})" for line in lines), re.IGNORECASE | re.MULTILINE)


@cache
def _signs() -> dict[str, str]:
    return tomllib.loads(_TABLE.read_text(encoding="utf-8"))
