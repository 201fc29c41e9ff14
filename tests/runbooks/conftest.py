"""Rehearsing a runbook: each of its commands is run as it is written, in its order, and has to end as it says."""

import re
import shlex
from collections.abc import Callable, Iterator

import pytest

from newsletter.cli import main_group
from newsletter.cli.base import run
from newsletter.newsletters.models import Staff
from tests.deliveries.conftest import newsletter, planned, sent, transport
from tests.house.documents import ROOT
from tests.tracking.bounces.conftest import setting

__all__ = ["newsletter", "planned", "sent", "setting", "transport"]
_BLOCK = re.compile(r"^ *```sh\n(.*?)^ *```", re.MULTILINE | re.DOTALL)


class Runbook:
    """`next(PLACEHOLDER=value)` runs the next command; what it printed is returned. `code`: what it ends with."""

    def __init__(self, name: str, capsys: pytest.CaptureFixture[str], setting: Callable[..., None]) -> None:
        text = (ROOT / "docs/runbooks" / f"{name}.md").read_text("utf-8")
        self.lines = [line.strip() for block in _BLOCK.findall(text) for line in block.strip().splitlines()]
        self.capsys, self.setting = capsys, setting

    def next(self, code: int = 0, **values: object) -> str:
        line = self.lines.pop(0)
        for placeholder, value in values.items():
            line = re.sub(rf"\b{placeholder}\b", str(value), line)
        words = shlex.split(line)
        self.capsys.readouterr()
        if words[0] == "export":
            name, _, value = words[1].partition("=")
            self.setting(**{name: value})
            return ""
        ended = run(main_group, words[1:])
        told = self.capsys.readouterr()
        assert ended == code, f"{line}: {told}"
        return told.out + told.err


@pytest.fixture
def runbook(capsys, setting, db) -> Iterator[Callable[[str], Runbook]]:
    """Open a runbook; at the end all of its commands have to have been run."""
    opened: list[Runbook] = []

    def open_(name: str) -> Runbook:
        opened.append(Runbook(name, capsys, setting))
        return opened[-1]

    Staff.objects.create(email="ada@meridian.example", name="Ada", role="admin")
    yield open_
    assert [book.lines for book in opened] == [[]] * len(opened)
