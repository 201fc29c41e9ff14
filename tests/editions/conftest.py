"""What the tests of editions share."""

from collections.abc import Iterator

import pytest

from newsletter.feeds import bounded


@pytest.fixture(scope="session", autouse=True)
def children_are_kept() -> Iterator[None]:
    """As while collecting: starting one for each picture and page takes its time."""
    with bounded.warm():
        yield
