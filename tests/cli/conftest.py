"""A terminal: runs commands as the console script does, and keeps what they printed and said."""

import json
from typing import Any

import pytest

from newsletter.cli import main_group
from newsletter.cli.base import run
from newsletter.editions.models import Edition
from newsletter.newsletters.models import Newsletter
from tests import builders


class Terminal:
    """Runs a command; keeps its exit code, what it printed (`out`) and what it said (`err`)."""

    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self._capture = capture
        self.out = self.err = ""

    def __call__(self, *arguments: object) -> int:
        code = run(main_group, [str(each) for each in arguments])
        self.out, self.err = self._capture.readouterr()
        return code

    @property
    def objects(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def object(self) -> dict[str, Any]:
        (only,) = self.objects
        return only


@pytest.fixture
def terminal(capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(capsys)


@pytest.fixture
def newsletter(db: None) -> Newsletter:
    return builders.make_newsletter()


@pytest.fixture
def edition(newsletter: Newsletter) -> Edition:
    """Scheduled, for two readers."""
    builders.add_readers(newsletter, 2)
    return builders.scheduled_edition(newsletter)
