"""docs/json.md as a schema: what a command printed is compared with what the page promises.

A command with two objects on the page prints either.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from tests.house.documents import ROOT

_BLOCK = re.compile(r"^```json\n(.*?)^```", re.MULTILINE | re.DOTALL)
LEAVES: dict[str, tuple[type, ...]] = {"number": (int, float), "text": (str,), "yes/no": (bool,)}


@cache
def promised() -> dict[str, list[Any]]:
    """The objects by the words of a command."""
    page = (ROOT / "docs/json.md").read_text("utf-8")
    sections = (section.partition("\n") for section in re.split(r"^## ", page, flags=re.MULTILINE)[1:])
    return {words: [json.loads(block) for block in _BLOCK.findall(rest)] for words, _, rest in sections}


def faults(command: str, printed: Any) -> list[str]:
    """Where what was printed is not what is promised."""
    shapes = promised().get(command)
    if not shapes:
        return [f"{command}: docs/json.md has no section on it"]
    found = [list(_faults(shape, printed, command)) for shape in shapes]
    return min(found, key=len)


def _faults(shape: Any, value: Any, at: str) -> Iterator[str]:
    if isinstance(shape, str):
        if not _fits(shape, value):
            yield f"{at}: {shape} is promised, {value!r} was printed"
    elif not isinstance(value, type(shape)):
        yield f"{at}: a {type(shape).__name__} is promised, {value!r} was printed"
    elif isinstance(shape, list):
        for each in value:
            yield from _faults(shape[0], each, f"{at}[]")
    elif "*" in shape:
        for name, each in value.items():
            yield from _faults(shape["*"], each, f"{at}.{name}")
    else:
        yield from _keys(shape, value, at)


def _fits(kind: str, value: Any) -> bool:
    if kind == "anything" or (value is None and kind.endswith("?")):
        return True
    kinds = LEAVES[kind.rstrip("?")]
    return isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool))


def _keys(shape: dict[str, Any], value: dict[str, Any], at: str) -> Iterator[str]:
    by_name = {name.rstrip("?"): name for name in shape}
    if by_name.keys() != value.keys():
        yield f"{at}: only promised or only printed: {sorted(by_name.keys() ^ value.keys())}"
    for name in by_name.keys() & value.keys():
        if value[name] is not None or not by_name[name].endswith("?"):
            yield from _faults(shape[by_name[name]], value[name], f"{at}.{name}")
