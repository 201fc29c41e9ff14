"""What the collector's tests share: a publication's site, and a network that ends at this machine."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from tests.fakes.feed_site import FeedSite


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
