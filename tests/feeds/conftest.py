"""A publication's site for every test that asks for one."""

from collections.abc import Iterator

import pytest

from tests.fakes.feed_site import FeedSite


@pytest.fixture
def site() -> Iterator[FeedSite]:
    with FeedSite() as running:
        yield running
