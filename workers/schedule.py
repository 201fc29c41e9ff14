"""The beat table: plain intervals only. What is due, and at what time of day, the database says."""

from typing import Any

from newsletter.config import Config

WEEK_SECONDS = 60.0  # how often we look whether a newsletter's week asks for something
COLLECT_SECONDS = 60.0  # how often we look whether a feed is due; each feed has an interval of its own
PICTURES_SECONDS = 10.0  # how often we look whether a draft's pictures are to be made
LINKS_SECONDS = 30.0  # how often we look whether a draft has links that nobody asked
READERS_SECONDS = 60.0  # how often pauses end
RECONCILE_SECONDS = 900.0  # how often we look whether SendGrid has to be asked
MAILBOX_SECONDS = 60.0  # how often the bounce mailbox is read
ERASURES_SECONDS = 60.0  # how often erasures are remembered, done again after a restore, and asked of the provider
RETENTION_SECONDS = 900.0  # how often we look whether the night's forgetting is due
UNPARK_SECONDS = 60.0  # how often reports are looked at again that came before their copy
REPORTS_SECONDS = 60.0  # how often we look whether an edition's report is due
WATCH_SECONDS = 60.0  # how often the watchdog looks


def beat_table(config: Config) -> dict[str, dict[str, Any]]:
    """Celery's beat_schedule; intervals in seconds."""
    return {
        "tick": {"task": "workers.tasks.tick", "schedule": config.tick},
        "letters": {"task": "workers.tasks.mind_letters", "schedule": config.tick},
        "events": {"task": "workers.tasks.apply_events", "schedule": config.tick},
        "reconcile": {"task": "workers.tasks.reconcile_lists", "schedule": RECONCILE_SECONDS},
        "retention": {"task": "workers.tasks.forget_old", "schedule": RETENTION_SECONDS},
        "clicks": {"task": "workers.tasks.judge_clicks", "schedule": UNPARK_SECONDS},
        "refusals": {"task": "workers.tasks.note_refusals", "schedule": UNPARK_SECONDS},
        "unpark": {"task": "workers.tasks.unpark_events", "schedule": UNPARK_SECONDS},
        "mailbox": {"task": "workers.tasks.read_returned_mail", "schedule": MAILBOX_SECONDS},
        "reports": {"task": "workers.tasks.tell_reports", "schedule": REPORTS_SECONDS},
        "watch": {"task": "workers.tasks.watch", "schedule": WATCH_SECONDS},
        "sign-ups": {"task": "workers.tasks.answer_sign_ups", "schedule": config.tick},
        "readers": {"task": "workers.tasks.mind_readers", "schedule": READERS_SECONDS},
        "errands": {"task": "workers.tasks.mind_errands", "schedule": config.tick},
        "erasures": {"task": "workers.tasks.mind_erasures", "schedule": ERASURES_SECONDS},
        "collect": {"task": "workers.tasks.collect_due", "schedule": COLLECT_SECONDS},
        "pictures": {"task": "workers.tasks.make_pictures", "schedule": PICTURES_SECONDS},
        "links": {"task": "workers.tasks.ask_links", "schedule": LINKS_SECONDS},
        "week": {"task": "workers.tasks.keep_the_week", "schedule": WEEK_SECONDS},
    }
