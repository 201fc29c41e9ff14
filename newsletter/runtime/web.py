"""python -m newsletter.runtime.web BIND: gunicorn on our application.

The `gunicorn` command would also read a gunicorn.conf.py, GUNICORN_CMD_ARGS and any module that lies in the current
directory; this one takes its settings from newsletter.config alone.
"""

import sys
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped] # it publishes no types

from newsletter import config

if TYPE_CHECKING:
    from django.core.handlers.wsgi import WSGIHandler

STOP_SECONDS = 10  # how long requests in flight may take once the web is asked to stop


class Web(BaseApplication):  # type: ignore[misc] # for the same reason
    """One process of threads on `bind`: host:port, unix:PATH or fd://NUMBER."""

    def __init__(self, bind: str) -> None:
        self._bind = bind
        super().__init__()

    def load_config(self) -> None:
        """Called by gunicorn, as `load` is."""
        options: dict[str, Any] = {
            "bind": self._bind,
            "worker_class": "gthread",
            "threads": config.current().web_threads,
            "timeout": 60,
            "graceful_timeout": STOP_SECONDS,
            "loglevel": "warning",
            "control_socket_disable": True,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> "WSGIHandler":
        from newsletter.wsgi import application

        return application


if __name__ == "__main__":
    Web(sys.argv[1]).run()
