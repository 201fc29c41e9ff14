"""A prepared installation for each test: 2,000 readers and an edition whose time has come, copied from one template."""

import contextlib
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.fakes.sendgrid import SendGridServer, read_log
from tests.faults import database as databases
from tests.faults import oracle
from tests.faults.database import Database
from tests.faults.installation import Installation
from tests.faults.oracle import Ledger
from tests.faults.prepare import PAUSED
from tests.servers import broker as broker_server
from tests.servers.broker import Broker

READERS = 2000
SEED = 1


@pytest.fixture(scope="session")
def database() -> Iterator[Database]:
    with databases.running() as server:
        yield server


@pytest.fixture(scope="session")
def template(database: Database, tmp_path_factory: pytest.TempPathFactory) -> str:
    name = database.create()
    Installation(tmp_path_factory.mktemp("template"), DATABASE_URL=database.url(name)).prepare(READERS)
    return name


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with the same readers and edition on SQLite; tests copy it."""
    folder = tmp_path_factory.mktemp("sqlite")
    Installation(folder).prepare(READERS)
    return folder / "data"


@pytest.fixture
def broker() -> Iterator[Broker]:
    with broker_server.running() as started:
        yield started


@pytest.fixture
def chance() -> random.Random:
    return random.Random(SEED)


@pytest.fixture
def sendgrid(tmp_path: Path) -> Iterator[SendGridServer]:
    with SendGridServer(tmp_path / "accepted.jsonl", keep=False) as server:
        yield server


@pytest.fixture
def install(tmp_path: Path, database: Database, template: str, broker: Broker) -> Iterator[Callable[..., Installation]]:
    """Make an installation on PostgreSQL with these settings; what it runs is killed in the end."""
    name = database.copy(template)
    with contextlib.ExitStack() as stack:
        stack.callback(database.drop, name)

        def made(**settings: str) -> Installation:
            installation = Installation(tmp_path, DATABASE_URL=database.url(name), REDIS_URL=broker.url, **settings)
            stack.callback(installation.end)
            return installation

        yield made


@pytest.fixture
def site(install: Callable[..., Installation], sendgrid: SendGridServer) -> Installation:
    """On PostgreSQL, in batches of 50 to SendGrid."""
    return install(**through(sendgrid))


@pytest.fixture
def site_on_sqlite(prepared: Path, tmp_path: Path, broker: Broker, sendgrid: SendGridServer) -> Iterator[Installation]:
    """The same on SQLite, with workers and a beat started one by one as on PostgreSQL."""
    shutil.copytree(prepared, tmp_path / "data")
    installation = Installation(tmp_path, REDIS_URL=broker.url, **through(sendgrid))
    yield installation
    installation.end()


def through(sendgrid: SendGridServer) -> dict[str, str]:
    """The settings that send to the stand-in."""
    return {
        "NEWSLETTER_TRANSPORT": "sendgrid",
        "SENDGRID_API_URL": sendgrid.url,
        "SENDGRID_API_KEY": sendgrid.key,
    }


@pytest.fixture
def judged(tmp_path: Path) -> Callable[[Installation], Ledger]:
    """Let the oracle judge, and return the ledger it read."""

    def judge(installation: Installation) -> Ledger:
        ledger = installation.ledger()
        found = oracle.judge(read_log(tmp_path / "accepted.jsonl"), ledger, installation.left)
        print(f"{found}; accepted {ledger.audit['accepted']}, unknown {ledger.audit['unknown']}")
        assert found == oracle.NONE, str(found)
        assert ledger.audit["balanced"]
        assert ledger.audit["candidates"] == READERS + PAUSED
        return ledger

    return judge


@pytest.fixture
def proven(judged: Callable[[Installation], Ledger]) -> Callable[[Installation], int]:
    """Wait for the end, let the oracle judge, and say how many copies are unknown."""

    def prove(installation: Installation) -> int:
        installation.until_sent()
        ledger = judged(installation)
        assert ledger.audit["planned"] == READERS - ledger.audit["excluded"].get("unsubscribed", 0)
        return len(oracle.unknown(ledger))

    return prove
