"""The Celery application. Redis carries bells only, so losing it loses nothing but time."""

import logging
import os
import warnings
from typing import Any

import django
from celery import Celery, signals
from celery.beat import SchedulingError
from celery.exceptions import CPendingDeprecationWarning, SecurityWarning
from kombu import Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsletter.settings")
django.setup()

from newsletter import config  # noqa: E402 - the settings come first
from workers.schedule import beat_table  # noqa: E402

CONFIG = config.current()

# Seconds after which a bell that nobody heard is dropped: the next tick has rung again long since. Otherwise a week
# without a worker would leave 300,000 of them. The clocks of all machines must agree better than this.
BELL_EXPIRES = 300
WORK = ("plan", "send")  # plan_next, send_next

app = Celery("newsletter", broker=CONFIG.broker_url, include=["workers.tasks"])
app.conf.update(
    accept_content=["json"],
    beat_schedule=beat_table(CONFIG),
    # In memory: with plain intervals there is nothing to remember, so no file to lock or to find corrupt.
    beat_scheduler="celery.beat:Scheduler",
    broker_connection_max_retries=None,  # for ever; the default gives up after 100
    broker_connection_retry_on_startup=True,
    broker_transport_options={
        "visibility_timeout": int(CONFIG.task_limit) * 2,
        "socket_timeout": 10,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
        # A connection that is silent for longer than this and a second is dropped and made anew.
        "health_check_interval": 25,
    },
    result_expires=None,  # there are no results; else beat adds a nightly clean-up of them
    task_acks_late=True,  # with prefetch 1: nothing waits inside a worker that is asked to stop
    # A bell whose process was killed is not rung again from the queue: what killed it may kill the next one, and
    # the tick rings anyway once the batch's lease has ended.
    task_reject_on_worker_lost=False,
    task_annotations={"*": {"expires": BELL_EXPIRES}},
    task_default_queue="bells",
    # A queue for each kind of work, taken in turns, so that the tick never stands in line behind many sends.
    task_queues=[Queue("bells"), *map(Queue, WORK)],
    task_routes={f"workers.tasks.{kind}_next": {"queue": kind} for kind in WORK},
    task_ignore_result=True,
    task_time_limit=CONFIG.task_limit,
    timezone="UTC",
    worker_cancel_long_running_tasks_on_connection_loss=False,
    worker_enable_remote_control=False,  # the state is in the database: newsletter status
    worker_max_memory_per_child=400_000,  # kB; a process that grew beyond it is replaced between two tasks
    worker_prefetch_multiplier=1,
    worker_proc_alive_timeout=30,
    worker_send_task_events=False,
)

# It warns root about pickle, which is off here.
warnings.filterwarnings("ignore", category=SecurityWarning)


@signals.setup_logging.connect
def keep_our_logging(**_: Any) -> None:
    """With a receiver here Celery leaves logging as newsletter.settings made it."""
    logging.getLogger("celery.beat").addFilter(shorten)


def shorten(record: logging.LogRecord) -> bool:
    """While Redis is away, beat says so in a line at each tick, not in two stacks."""
    if record.exc_info and isinstance(record.exc_info[1], SchedulingError):
        record.msg, record.args, record.exc_info = str(record.exc_info[1]), None, None
    return True


@signals.worker_ready.connect
def say_ready(**_: Any) -> None:
    """One line once the worker listens."""
    # At every lost connection it warns about a default chosen above; Celery sets this filter itself while it starts.
    warnings.filterwarnings("ignore", category=CPendingDeprecationWarning)
    logging.getLogger("newsletter.worker").info("listening with %s processes", CONFIG.worker_processes)
