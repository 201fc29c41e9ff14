"""The three production processes, as commands: web (gunicorn), worker (Celery, prefork) and beat."""

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from newsletter import config as settings
from newsletter.config import Config
from newsletter.errors import ConfigError
from newsletter.runtime import server

PYTHON = [sys.executable, "-P", "-m"]  # -P: what lies in the current directory is not imported


def web(config: Config, bind: str = "") -> list[str]:
    """gunicorn with one process of threads; `bind` may also be `unix:PATH` or `fd://NUMBER`."""
    return [*PYTHON, "newsletter.runtime.web", bind or config.bind]


def worker(config: Config) -> list[str]:
    """Celery's prefork worker, without the talk among workers (gossip, mingle, heartbeats) that nobody listens to."""
    options = {"pool": "prefork", "concurrency": str(config.worker_processes), "loglevel": "WARNING"}
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return [*_celery(), "worker", *quiet, *_as_arguments(options)]


def beat() -> list[str]:
    """Celery's beat; its table and why it needs no file are in workers/app.py."""
    return [*_celery(), "beat", "--loglevel", "WARNING"]


def become(command: Sequence[str]) -> NoReturn:
    """Replace this process; the settings, flags included, travel in the environment."""
    os.execve(command[0], list(command), settings.environment_of_children())  # noqa: S606 - our own commands


def insist_on_a_broker(config: Config) -> None:
    """Raise ConfigError when there is neither a REDIS_URL nor a running `newsletter up` to share the server of.

    A Redis that is named but does not answer is no error here: the worker waits for it, as it does after any outage.
    """
    if config.redis_url:
        server.check_address(config)
    elif not server.answers(config):
        raise ConfigError(
            "There is no Redis to listen to.", hint="Set REDIS_URL, or start everything with `newsletter up`."
        )


def _celery() -> list[str]:
    return [*PYTHON, "workers", "--quiet"]


def _as_arguments(options: dict[str, str]) -> list[str]:
    return [f"--{name}={value}" for name, value in options.items()]
