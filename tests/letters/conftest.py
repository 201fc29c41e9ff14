"""An outbox of one's own, settings for one test, staff, and the oldest way of all to read a mail."""

import email
import email.policy
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from newsletter import config
from newsletter.letters.models import Letter
from newsletter.mail import dkim
from newsletter.newsletters.models import Newsletter, Role, Staff
from newsletter.transports import choose
from newsletter.transports.base import Outcome, Transport
from tests import builders
from tests.fakes.smtp import SmtpServer
from tests.fakes.webhook import Webhook


class OpenGate:
    """Lets every letter pass, unless it is shut; remembers what it was told."""

    def __init__(self) -> None:
        self.shut = False
        self.asked: list[str] = []
        self.rested: list[Outcome] = []

    def permit(self, transport: Transport, *, urgent: bool) -> bool:
        self.asked.append(transport.name)
        return urgent or not self.shut

    def rest(self, _transport: str, outcome: Outcome) -> None:
        self.rested.append(outcome)


@pytest.fixture
def gate() -> OpenGate:
    return OpenGate()


def _forget() -> None:
    for cached in (config.current, choose.chosen, choose.for_alerts, dkim.current):
        cached.cache_clear()


@pytest.fixture
def configure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Set settings by their names in the environment; the data directory is this test's own."""

    def set_(**names: str) -> None:
        for name, value in names.items():
            monkeypatch.setenv(name, value)
        _forget()

    set_(NEWSLETTER_DATA_DIR=str(tmp_path))
    yield set_
    monkeypatch.undo()
    _forget()


@pytest.fixture
def outbox(tmp_path: Path, configure: Callable[..., None]) -> Callable[[], list[EmailMessage]]:
    """The mails that lie in this test's outbox."""

    def read() -> list[EmailMessage]:
        files = sorted((tmp_path / "outbox" / "new").glob("*"))
        return [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]

    return read


@pytest.fixture
def smtp_server(configure: Callable[..., None]) -> Iterator[SmtpServer]:
    """The transport is SMTP, to a server that follows a script."""
    with SmtpServer() as server:
        configure(NEWSLETTER_TRANSPORT="smtp", SMTP_URL=f"smtp://127.0.0.1:{server.port}")
        yield server


@pytest.fixture
def webhook(configure: Callable[..., None]) -> Iterator[Webhook]:
    with Webhook() as hook:
        configure(NEWSLETTER_WEBHOOK_URL=hook.url, NEWSLETTER_WEBHOOK_SECRET="between us")
        yield hook


@pytest.fixture
def newsletter(db: None) -> Newsletter:
    return builders.make_newsletter()


@pytest.fixture
def editor(db: None) -> Staff:
    return Staff.objects.create(email="ada@meridian.example", name="Ada Moreau", role=Role.EDITOR)


@pytest.fixture
def only_letter() -> Callable[[], Letter]:
    """The one letter there is, as the database has it now."""
    return Letter.objects.get
