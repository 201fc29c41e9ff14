"""A real Redis-compatible server for the tests, on a socket in a short folder; it can be killed and started again."""

import contextlib
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import redis
from celery import Celery

from newsletter import config
from newsletter.runtime import server


class Broker:
    """`url` is a REDIS_URL for processes; `client` talks to the server from the test."""

    def __init__(self, folder: Path) -> None:
        self._config = config.load({"NEWSLETTER_DATA_DIR": str(folder)})
        self._process: subprocess.Popen[bytes] | None = None
        self.url = self._config.redis_client_url
        self.client = redis.Redis.from_url(self.url)

    def start(self) -> None:
        server.prepare(self._config)
        self._process = subprocess.Popen(server.command(self._config), stdout=subprocess.DEVNULL)
        server.wait_until_ready(self._config, lambda: self._process is not None and self._process.poll() is None)

    def kill(self) -> None:
        """As by kill -9."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def freeze(self) -> None:
        """It is there and answers nothing."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        """After `freeze`."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    def lock_out(self, password: str) -> None:
        """Ask for a password that nobody knows, of those who are connected too; "" lets everybody in again."""
        self.client.config_set("requirepass", password)
        if password:
            self.client.client_kill_filter(_type="normal", skipme=True)

    def lose_files(self) -> None:
        """What it kept is gone; call it while the server is dead."""
        shutil.rmtree(self._config.data_dir / "redis")

    def bells(self) -> int:
        """How many bells nobody has heard yet."""
        return bells(self.url)

    def ring(self) -> None:
        """Ring for a tick."""
        ring(self.url)


def bells(url: str) -> int:
    """How many bells nobody has heard yet."""
    with redis.Redis.from_url(url) as client:
        return sum(client.llen(name) for name in ("bells", "plan", "send", "letter"))


def ring(url: str) -> None:
    """Ring for a tick."""
    with Celery(broker=url.replace("unix://", "redis+socket://")) as app:
        app.send_task("workers.tasks.tick", queue="bells")


@contextlib.contextmanager
def running() -> Iterator[Broker]:
    """A broker for as long as the block runs."""
    folder = Path(tempfile.mkdtemp(prefix="newsletter-redis-", dir="/tmp"))
    broker = Broker(folder)
    try:
        broker.start()
        yield broker
    finally:
        broker.client.close()
        broker.kill()
        shutil.rmtree(folder, ignore_errors=True)
