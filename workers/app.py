"""The Celery application. Redis carries bells only, so losing it loses nothing but time."""

import gc
import logging
import os
import signal
import sys
import warnings
from pathlib import Path
from types import FrameType
from typing import Any

import django
import redis
from celery import Celery, signals
from celery.beat import SchedulingError, Service
from celery.exceptions import SecurityWarning
from kombu import Queue
from kombu.exceptions import OperationalError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsletter.settings")
django.setup()

from newsletter import config, logs  # noqa: E402 - the settings come first
from newsletter.transports import choose  # noqa: E402
from workers.schedule import beat_table  # noqa: E402

CONFIG = config.current()

# Seconds after which a bell that nobody heard is dropped: the next tick has rung again long since. Otherwise a week
# without a worker would leave 300,000 of them. The clocks of all machines must agree better than this.
BELL_EXPIRES = 300
WORK = ("plan", "send", "letter", "errand")  # plan_next, send_next, letter_next, errand_next
AWAY = (SchedulingError, OperationalError, redis.ConnectionError, redis.TimeoutError)

app = Celery("newsletter", broker=CONFIG.broker_url, include=["workers.tasks"])
# Its support for Django has just put the current directory first on the path, where any file could pass for a library.
if sys.path[0] == str(Path.cwd()):
    del sys.path[0]
app.conf.update(
    accept_content=["json"],
    beat_schedule=beat_table(CONFIG),
    # In memory: with plain intervals there is nothing to remember, so no file to lock or to find corrupt.
    beat_scheduler="celery.beat:Scheduler",
    broker_connection_max_retries=None,  # for ever; the default gives up after 100
    broker_connection_retry_on_startup=True,
    broker_transport_options={
        "socket_timeout": 10,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
        # A connection that is silent for longer than this and a second is dropped and made anew.
        "health_check_interval": 25,
    },
    result_expires=None,  # there are no results; else beat adds a nightly clean-up of them
    # Not acks_late: a bell that is lost with its process is rung again by the tick, once the batch's lease has ended.
    task_annotations={"*": {"expires": BELL_EXPIRES}},
    task_default_queue="bells",
    # A queue for each kind of work, taken in turns, so that the tick never stands in line behind many sends.
    task_queues=[Queue("bells"), *map(Queue, WORK)],
    task_routes={f"workers.tasks.{kind}_next": {"queue": kind} for kind in WORK},
    task_ignore_result=True,
    task_time_limit=CONFIG.task_limit,
    timezone="UTC",
    # Concerns acks_late tasks only, of which there are none; False prints a warning at every lost connection.
    worker_cancel_long_running_tasks_on_connection_loss=True,
    # A bell is fetched when a process is free for it, so none waits inside a worker that is asked to stop. A plain
    # prefetch count of 1 does not do: when the server dies before the bells of all processes are acknowledged, Celery
    # 5.7 takes them for running for ever, fetches nothing and so never notices that the connection is gone.
    worker_disable_prefetch=True,
    worker_prefetch_multiplier=0,
    worker_enable_remote_control=False,  # the state is in the database: newsletter status
    worker_max_memory_per_child=400_000,  # kB; a process that grew beyond it is replaced between two tasks
    worker_proc_alive_timeout=30,
    worker_send_task_events=False,
)

# It warns root about pickle, which is off here.
warnings.filterwarnings("ignore", category=SecurityWarning)


@signals.setup_logging.connect
def keep_our_logging(**_: Any) -> None:
    """With a receiver here Celery leaves logging as newsletter.settings made it."""
    for name in ("celery.beat", "celery.worker.request", "celery.app.trace"):
        logging.getLogger(name).addFilter(shorten)


def shorten(record: logging.LogRecord) -> bool:
    """While Redis is away, that is a line for each bell that could not be rung, not two stacks."""
    if record.exc_info and isinstance(record.exc_info[1], AWAY):
        record.msg, record.args, record.exc_info = f"Redis is away: {record.exc_info[1]}", None, None
    return True


@signals.task_prerun.connect
def name_the_task(task_id: str = "", **_: Any) -> None:
    """Log lines say which task wrote them."""
    logs.task.set(task_id)


@signals.task_postrun.connect
def forget_the_task(**_: Any) -> None:
    """Between two tasks nothing is worked on."""
    logs.task.set("")


@signals.worker_process_shutdown.connect
def hang_up(**_: Any) -> None:
    """A process that ends says goodbye to the mail server."""
    choose.close()


@signals.worker_process_init.connect
def spare_what_stays(**_: Any) -> None:
    """A batch makes thousands of small objects; what was loaded before them need not be looked through each time."""
    gc.freeze()


@signals.worker_process_init.connect
def finish_what_is_in_hand(**_: Any) -> None:
    """Some supervisors (systemd by default) tell every process to end, not the parent alone, which lets us finish."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


@signals.beat_init.connect
def stop_whatever_it_does(sender: Service, **_: Any) -> None:
    """Celery's own handler only raises. Where Python runs a finaliser that is swallowed, and beat would go on."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        sender.stop()
        raise SystemExit

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)


@signals.worker_ready.connect
def say_ready(**_: Any) -> None:
    """One line once the worker listens."""
    logging.getLogger("newsletter.worker").info("listening with %s processes", CONFIG.worker_processes)
