"""Stand-in servers and transports that wait only a moment."""

from collections.abc import Iterator

import pytest

from newsletter.transports.sendgrid import SendGridTransport
from newsletter.transports.sendgrid_client import Limits, client_for
from tests.fakes.sendgrid import KEY, SendGridServer


@pytest.fixture
def sendgrid(tmp_path) -> Iterator[SendGridServer]:
    with SendGridServer(tmp_path / "accepted.jsonl") as server:
        yield server


@pytest.fixture
def transport(sendgrid):
    return transport_to(sendgrid.url)


def transport_to(url, *, key=KEY, deadline=20.0, limits=None):
    """Read and write time out after half a second here."""
    limits = limits or Limits(connect=2.0, write=0.5, read=0.5)
    return SendGridTransport(client_for(key, url, limits), deadline=deadline)
