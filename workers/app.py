"""The Celery application. Redis carries bells only, so losing it loses nothing but time."""

import os

import django
from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsletter.settings")
django.setup()

from newsletter import config  # noqa: E402: the settings come first
from workers.schedule import beat_table  # noqa: E402

CONFIG = config.current()

app = Celery("newsletter", broker=CONFIG.broker_url, include=["workers.tasks"])
app.conf.update(
    accept_content=["json"],
    beat_schedule=beat_table(CONFIG),
    beat_schedule_filename=str(CONFIG.data_dir / "beat-schedule"),
    broker_connection_retry_on_startup=True,
    broker_transport_options={
        "visibility_timeout": int(CONFIG.task_limit) * 2,
        "socket_timeout": 10,
        "socket_connect_timeout": 5,
        "health_check_interval": 25,
    },
    task_acks_late=True,
    task_ignore_result=True,
    task_reject_on_worker_lost=True,
    task_soft_time_limit=None,
    task_time_limit=CONFIG.task_limit,
    timezone="UTC",
    worker_cancel_long_running_tasks_on_connection_loss=False,
    worker_hijack_root_logger=False,
    worker_prefetch_multiplier=1,
    worker_send_task_events=False,
    worker_soft_shutdown_timeout=CONFIG.hand_over_deadline,
)
