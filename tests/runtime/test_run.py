"""`newsletter run web|worker|beat`: one process each, for production."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsletter.runtime.up import page_answers
from tests.servers.broker import Broker
from tests.servers.processes import PATIENCE, Service, answer, free_port, newsletter, settings, until

pytestmark = pytest.mark.road


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return settings(tmp_path / "data", NEWSLETTER_WORKER_PROCESSES="1", NEWSLETTER_TICK="0.5")


@pytest.fixture
def worker(environment: dict[str, str], broker: Broker) -> Iterator[Service]:
    environment["REDIS_URL"] = broker.url
    assert answer("db", "migrate", environment=environment).returncode == 0
    with newsletter("run", "worker", environment=environment) as service:
        service.wait_for("listening with 1 processes")
        yield service


def hears_bells(broker: Broker, worker: Service) -> None:
    """Fails unless a bell that is rung now is heard."""
    broker.ring()
    until(lambda: broker.bells() == 0, "the bell is heard", lambda: worker.lines)


@pytest.mark.parametrize("name", ["worker", "beat"])
def test_without_a_broker_it_says_so_in_one_line(name: str, environment: dict[str, str]) -> None:
    result = answer("run", name, environment=environment)

    assert result.returncode == 3
    assert result.stderr.splitlines() == [
        "error: There is no Redis to listen to.",
        "  try: Set REDIS_URL, or start everything with `newsletter up`.",
    ]


def test_the_worker_hears_bells_also_after_the_broker_was_killed_r_14(worker: Service, broker: Broker) -> None:
    # Given a worker that hears bells and says little
    hears_bells(broker, worker)
    assert "SecurityWarning" not in worker.lines
    assert "Traceback" not in worker.lines
    # When its broker is killed, often before the bell was acknowledged, and comes back
    broker.kill()
    worker.wait_for("Connection to broker lost")
    broker.start()
    # Then it hears bells again, and ends well
    hears_bells(broker, worker)
    assert worker.stop(signal.SIGTERM) == 0


def test_beat_rings_and_goes_on_after_the_broker_was_killed(environment: dict[str, str], broker: Broker) -> None:
    environment["REDIS_URL"] = broker.url
    with newsletter("run", "beat", environment=environment) as beat:
        until(lambda: broker.bells() > 0, "beat rings", lambda: beat.lines)
        broker.kill()
        beat.wait_for("Redis is away")
        broker.start()
        heard = broker.bells()
        until(lambda: broker.bells() > heard, "beat rings again", lambda: beat.lines)
        assert "Traceback" not in beat.lines
        assert beat.stop() == 0


def test_the_web_answers_where_bind_says_and_ends_well(environment: dict[str, str]) -> None:
    port = free_port()
    environment["NEWSLETTER_BIND"] = f"127.0.0.1:{port}"
    with newsletter("run", "web", environment=environment) as web:
        until(lambda: page_answers("127.0.0.1", port), "the page answers", lambda: web.lines)
        assert web.stop() == 0


# It asks itself to end where Python swallows whatever a handler raises
BEAT = """
import os, signal
from celery.beat import Scheduler
from workers.app import app

class Passing:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)

class Turns(Scheduler):
    count = 0

    def tick(self):
        self.count += 1
        if self.count == 1:
            Passing()
        elif self.count > 3:
            os._exit(7)
        return 0.01

app.Beat(scheduler_cls=Turns, quiet=True, loglevel="WARNING").run()
"""


def test_a_beat_that_is_asked_to_end_while_python_cleans_up_ends(tmp_path):
    command = [sys.executable, "-c", BEAT]
    environment = settings(tmp_path, REDIS_URL="redis://127.0.0.1:1/0")
    result = subprocess.run(command, env=environment, capture_output=True, check=False, text=True, timeout=PATIENCE)
    assert "Exception ignored" in result.stderr, "the signal came elsewhere, so nothing was shown"
    assert result.returncode == 0
