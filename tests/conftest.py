"""What every test may ask for. The settings come from here, never from the machine's environment."""

import contextlib
import importlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import click
import pytest

from tests.servers import postgres
from tests.servers.broker import Broker
from tests.servers.broker import running as running_broker

for _name in [
    name for name in os.environ if name.startswith(("NEWSLETTER_", "SENDGRID_", "SMTP_URL", "ALERT_SMTP_URL"))
]:
    del os.environ[_name]
for _name in ("DATABASE_URL", "REDIS_URL"):
    os.environ.pop(_name, None)
_folder = Path(tempfile.mkdtemp(prefix="newsletter-tests-"))
(_folder / "newsletter.toml").touch()  # an empty one: not the one of the folder that the tests happen to start in
os.environ["NEWSLETTER_CONFIG"] = str(_folder / "newsletter.toml")
os.environ["NEWSLETTER_DATA_DIR"] = str(_folder)
os.environ["NEWSLETTER_SITE_URL"] = "https://news.example.org"
os.environ["NEWSLETTER_ALLOW_PRIVATE_HOSTS"] = "1"

_servers = contextlib.ExitStack()
_servers.callback(shutil.rmtree, _folder, ignore_errors=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--postgres", action="store_true", help="Run on a real PostgreSQL instead of SQLite.")


def pytest_configure(config: pytest.Config) -> None:
    # With -n the tests run in processes of their own (xdist); the one that hands them out needs no database.
    if config.getoption("postgres") and not config.getoption("numprocesses", None):
        os.environ["DATABASE_URL"] = _servers.enter_context(postgres.running())
    _read_settings_again()


SLOW = ("gates", "road", "runtime", "doctor", "themes")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/faults/" in item.path.as_posix():
            item.add_marker(pytest.mark.faults)
    # What takes longest comes first: a file of few slow tests at the end would keep one process waiting for the other.
    items.sort(key=lambda item: not _is_slow(item))


def _is_slow(item: pytest.Item) -> bool:
    """Whether it starts processes or a browser."""
    return item.path.parts[-2] in SLOW or "browser" in item.path.parts or item.get_closest_marker("road") is not None


def pytest_unconfigure() -> None:
    _servers.close()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address of a real PostgreSQL server, for tests that start processes; fails where none can be had."""
    if os.environ.get("DATABASE_URL"):
        yield os.environ["DATABASE_URL"]
        return
    with postgres.running() as url:
        yield url


@pytest.fixture(autouse=True, scope="session")
def _every_object_is_as_the_page_says() -> Iterator[None]:
    """Each that a command prints with `--json` in this process is compared with docs/json.md."""
    from newsletter.cli import base
    from tests.cli import shapes

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(base, "json_line", partial(_compared, base.json_line, shapes.faults))
        yield


def _compared(line: Callable[[Any], str], faults: Callable[[str, Any], list[str]], value: Any) -> str:
    written = line(value)
    words = click.get_current_context().command_path.partition(" ")[2]
    assert faults(words, json.loads(written)) == []
    return written


@pytest.fixture(autouse=True, scope="session")
def _every_mail_keeps_the_standards() -> Iterator[None]:
    """Each message and each request to SendGrid that is made in this process is looked at, whatever its test is about.

    Those of tests about the encoder alone say so by the name of their batch.
    """
    from newsletter.transports import sendgrid_payload
    from newsletter.transports.merge import BatchMailing
    from tests.mail import standards

    made, asked = BatchMailing.message, sendgrid_payload.body

    def message(mailing: BatchMailing, reader: Any) -> bytes:
        raw = made(mailing, reader)
        if mailing.batch != standards.ENCODER_ALONE:
            standards.assert_standards(raw)
        return raw

    def body(mailing: Any, personalizations: Any) -> dict[str, Any]:
        request = asked(mailing, personalizations)
        standards.assert_request(request)
        return request

    BatchMailing.message = message  # type: ignore[method-assign]
    sendgrid_payload.body = body
    yield
    BatchMailing.message = made  # type: ignore[method-assign]
    sendgrid_payload.body = asked


@pytest.fixture
def broker() -> Iterator[Broker]:
    """A real Redis-compatible server, on a socket of its own."""
    with running_broker() as started:
        yield started


def _read_settings_again() -> None:
    # pytest-django reads the settings before any conftest is imported, that is from the machine's environment.
    if "newsletter.settings" not in sys.modules:
        return
    from django.conf import settings
    from django.db import connections

    from newsletter import config

    config.current.cache_clear()
    module = importlib.reload(sys.modules["newsletter.settings"])
    for name in filter(str.isupper, dir(module)):
        setattr(settings, name, getattr(module, name))
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}  # a test looks twice
    connections.settings = connections.configure_settings(module.DATABASES)
    with contextlib.suppress(AttributeError):
        del connections["default"]
