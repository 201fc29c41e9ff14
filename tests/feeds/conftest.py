"""What the collector's tests share: a publication's site, and a network that ends at this machine."""

import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from newsletter.cli import main_group
from newsletter.cli.base import run
from newsletter.feeds import bounded
from tests.fakes.feed_site import FeedSite


@pytest.fixture(scope="session", autouse=True)
def children_are_kept() -> Iterator[None]:
    """As while collecting: starting one for each of a thousand tests takes half a minute."""
    with bounded.warm():
        yield


@pytest.fixture
def cold(monkeypatch: pytest.MonkeyPatch) -> None:
    """No child rests, and none is kept: each question starts one with the limits of its test."""
    monkeypatch.setattr(bounded, "_warm", 0)
    monkeypatch.setattr(bounded, "_idle", [])


@pytest.fixture
def site() -> Iterator[FeedSite]:
    with FeedSite() as running:
        yield running


@pytest.fixture(autouse=True)
def names_of_examples_are_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """x.example has no server: say so at once instead of asking the machine's resolver."""
    resolve = socket.getaddrinfo

    def known(host: Any, *args: Any, **options: Any) -> Any:
        if str(host).endswith((".example", ".invalid")):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return resolve(host, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", known)


class Terminal:
    """Runs a command; keeps its exit code, what it printed and what it said."""

    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self._capture = capture

    def __call__(self, *arguments: object) -> int:
        code = run(main_group, [str(each) for each in arguments])
        self.out, self.err = self._capture.readouterr()
        return code

    @property
    def objects(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def newsletter(capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(capsys)
