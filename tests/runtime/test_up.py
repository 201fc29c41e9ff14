"""`newsletter up`: one command starts everything, and nothing of it stays behind."""

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsletter import config
from newsletter.runtime import server
from newsletter.runtime.up import page_answers
from tests.servers.broker import bells, ring
from tests.servers.processes import Service, answer, free_port, newsletter, processes_of, settings, until

pytestmark = pytest.mark.road

READY = "ready after"
LISTENING = "listening with"
SERVER = "valkey-server|redis-server"
BEAT = "--quiet beat"


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    data = tmp_path_factory.mktemp("up") / "our data #1 100%20é"  # a path that no URL holds as it is
    for name in ("celery", "csp", "feedparser", "gunicorn", "premailer", "redis", "workers"):
        (data.parent / f"{name}.py").write_text("raise SystemExit('imported from the current directory')")
    return settings(data, NEWSLETTER_BIND=f"127.0.0.1:{free_port()}", NEWSLETTER_WORKER_PROCESSES="1")


@pytest.fixture(scope="module")
def service(environment: dict[str, str]) -> Iterator[Service]:
    with newsletter("up", environment=environment) as service:
        service.wait_for(READY)
        service.wait_for(LISTENING)
        yield service


def one(environment: dict[str, str], words: str) -> int | None:
    """The first process whose command line matches, or None."""
    found = (process for process, line in sorted(processes_of(environment).items()) if re.search(words, line))
    return next(found, None)


def page(environment: dict[str, str]) -> bool:
    host, port = environment["NEWSLETTER_BIND"].split(":")
    return page_answers(host, int(port))


def test_it_starts_everything_and_the_page_answers(service: Service, environment: dict[str, str]) -> None:
    assert page(environment)
    for words in (SERVER, "runtime.web", "--quiet worker", BEAT):
        assert one(environment, words), words
    assert (Path(environment["NEWSLETTER_DATA_DIR"]).stat().st_mode & 0o777) == 0o700


def test_its_lines_carry_the_names_of_the_processes(service: Service) -> None:
    assert re.search(r"^up     \| ready after", service.lines, re.MULTILINE)
    assert re.search(r"^worker \| .*listening with", service.lines, re.MULTILINE)
    assert "SecurityWarning" not in service.lines


def test_a_second_one_on_the_same_data_says_so_and_ends(service: Service, environment: dict[str, str]) -> None:
    second = answer("up", environment=environment)

    assert second.returncode == 5
    assert f"already runs on {environment['NEWSLETTER_DATA_DIR']} (process {service.process.pid})" in second.stderr
    assert page(environment)


def test_a_killed_beat_comes_back(service: Service, environment: dict[str, str]) -> None:
    killed = one(environment, BEAT)
    assert killed

    os.kill(killed, signal.SIGKILL)

    service.wait_for("beat was killed by SIGKILL; starting it again in 1 s")
    until(lambda: one(environment, BEAT) not in (killed, None), "a new beat", lambda: service.lines)


def test_a_killed_server_comes_back_and_the_worker_listens_again(service: Service, environment: dict[str, str]) -> None:
    killed = one(environment, SERVER)
    assert killed

    os.kill(killed, signal.SIGKILL)

    service.wait_for("redis was killed by SIGKILL; starting it again in 1 s")
    ours = config.load(environment)
    until(lambda: server.answers(ours), "a new server", lambda: service.lines)
    ring(ours.redis_client_url)
    until(lambda: bells(ours.redis_client_url) == 0, "the bell is heard", lambda: service.lines)


def test_ctrl_c_ends_every_process(service: Service, environment: dict[str, str]) -> None:
    # The last test of this module: it ends the service that the others used.
    assert service.stop(signal.SIGINT) == 0
    assert processes_of(environment) == {}
    assert not page(environment)


def test_kill_9_leaves_nothing_behind_and_it_starts_again(environment: dict[str, str]) -> None:
    # Given one that was killed with no chance to tidy up
    with newsletter("up", environment=environment) as killed:
        killed.wait_for(LISTENING)
        killed.stop(signal.SIGKILL)
        # When nobody does anything Then all its processes end
        until(lambda: not processes_of(environment), "no process left", lambda: str(processes_of(environment)))
    # And the next one starts on the same data
    with newsletter("up", environment=environment) as again:
        again.wait_for(READY)
        assert again.stop(signal.SIGTERM) == 0
