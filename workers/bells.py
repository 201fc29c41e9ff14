"""Ringing: put as many bells into the queue as there is work, and never more than a handful."""

from functools import cache

import redis
from celery import Task

from newsletter import config

AT_MOST = 8  # a bell that finds work rings again, so a handful keeps any number of workers busy


def ring(task: "Task[[], None]", work: int) -> None:
    """Ring `task` until the queue holds a bell for each piece of work, AT_MOST at a time."""
    queue = task.app.amqp.router.route({}, task.name)["queue"].name
    for _ in range(min(work, AT_MOST) - waiting(queue)):
        task.delay()


def waiting(queue: str) -> int:
    """How many bells lie in a queue."""
    return int(_redis().llen(queue))


@cache
def _redis() -> redis.Redis:
    return redis.Redis.from_url(config.current().redis_client_url, socket_timeout=5)
