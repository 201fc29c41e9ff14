"""Stand-in servers and transports that wait only a moment."""

import socket
from collections.abc import Callable, Iterator

import pytest

from newsletter.transports.sendgrid import SendGridTransport
from newsletter.transports.sendgrid_client import Limits, client_for
from newsletter.transports.smtp import SmtpTransport
from newsletter.transports.smtp_server import server_from
from newsletter.transports.smtp_session import Limits as SmtpLimits
from tests.fakes.sendgrid import KEY, SendGridServer
from tests.fakes.smtp import SmtpServer


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


@pytest.fixture
def smtp_server(tmp_path) -> Iterator[SmtpServer]:
    with SmtpServer(tmp_path / "accepted.jsonl") as server:
        yield server


@pytest.fixture
def make_smtp(smtp_server) -> Iterator[Callable[..., SmtpTransport]]:
    """Make transports to the stand-in that give up after half a second, and close them in the end."""
    made = []

    def make(url="smtp://127.0.0.1:{port}", *, private=False, **options):
        server = server_from(url.format(port=smtp_server.port), allow_private_hosts=private)
        options = {"limits": SmtpLimits(connect=2.0, command=0.5), "deadline": 20.0, **options}
        made.append(SmtpTransport(server, local_name="news.example.org", **options))
        return made[-1]

    yield make
    for transport in made:
        transport.close()


@pytest.fixture
def smtp(make_smtp) -> SmtpTransport:
    return make_smtp()


def free_port() -> int:
    """Where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
