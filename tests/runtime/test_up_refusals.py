"""What `newsletter up` cannot start with: one clear line, the right exit code, and nothing left running."""

import socket
from pathlib import Path

import pytest

from tests.servers.processes import answer, free_port, processes_of, settings

pytestmark = pytest.mark.road


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return settings(tmp_path / "data", NEWSLETTER_BIND=f"127.0.0.1:{free_port()}")


def refused(environment: dict[str, str], code: int) -> str:
    """The error line of an `up` that must end with this code and leave no process."""
    result = answer("up", environment=environment)
    assert result.returncode == code, result.stderr
    assert processes_of(environment) == {}
    assert "Traceback" not in result.stderr
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    return line


def test_a_taken_port(environment: dict[str, str]) -> None:
    host, port = environment["NEWSLETTER_BIND"].split(":")
    with socket.create_server((host, int(port))):
        assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in refused(environment, 3)


def test_a_bind_without_a_port(environment: dict[str, str]) -> None:
    assert "use host:port" in refused({**environment, "NEWSLETTER_BIND": "localhost"}, 3)


def test_a_data_directory_that_cannot_be_made(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    inside = {**environment, "NEWSLETTER_DATA_DIR": str(tmp_path / "file" / "data")}
    assert "cannot be used: Not a directory" in refused(inside, 3)


def test_a_redis_that_does_not_answer(environment: dict[str, str]) -> None:
    nobody = {**environment, "REDIS_URL": f"redis://:secret@127.0.0.1:{free_port()}/0"}
    line = refused(nobody, 4)
    assert "The Redis server did not answer" in line
    assert "secret" not in line


def test_an_address_that_is_none(environment: dict[str, str]) -> None:
    line = refused({**environment, "REDIS_URL": "http://:secret@127.0.0.1/"}, 3)
    assert "redis_url from environment REDIS_URL: cannot use it" in line
    assert "secret" not in line


def test_a_database_that_does_not_answer(environment: dict[str, str]) -> None:
    nobody = {**environment, "DATABASE_URL": f"postgresql://someone:secret@127.0.0.1:{free_port()}/news"}
    line = refused(nobody, 4)
    assert "The database did not answer" in line
    assert "secret" not in line
