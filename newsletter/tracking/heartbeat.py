"""The heartbeat: a call that stops coming when we are not well, for a watcher outside who cannot be down with us.

It is made by a worker, rung by a beat, that has just written to the database; so its coming proves all three.
"""

import logging
from datetime import datetime, timedelta
from http import HTTPStatus

from django.db.models.functions import Now
from django.utils import timezone
from urllib3.exceptions import HTTPError

from newsletter import __version__, config
from newsletter.feeds.guard import FetchError, Leash, pool_manager
from newsletter.tracking.models import SignOfLife
from newsletter.transports.wire import said

log = logging.getLogger(__name__)
SECONDS = 5.0
APART = timedelta(seconds=5)  # how far this machine's clock may be from the database's


def beat() -> bool:
    """Call NEWSLETTER_HEARTBEAT_URL if it is set and the clocks agree; whether the call was answered well."""
    url = config.current().heartbeat_url
    if not url or not _clocks_agree():
        return False
    try:
        status = _status(url)
    except (FetchError, HTTPError, OSError) as error:
        log.warning("the heartbeat was not answered: %s", said(error))
        return False
    if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        log.warning("the heartbeat was answered by %s", status)
        return False
    return True


def _clocks_agree() -> bool:
    theirs: datetime | None = SignOfLife.objects.filter(pk=1).values_list(Now(), flat=True).first()
    if theirs is not None and abs(theirs - timezone.now()) > APART:
        log.warning("no heartbeat: this machine's clock and the database's are %s apart", abs(theirs - timezone.now()))
        return False
    return theirs is not None


def _status(url: str) -> int:
    with Leash(SECONDS) as leash:
        manager = pool_manager(leash, private=config.current().allow_private_hosts)
        try:
            headers = {"User-Agent": f"newsletter/{__version__}"}
            answer = manager.request(
                "GET", url, headers=headers, redirect=False, preload_content=False, timeout=leash.left
            )
            answer.close()
            return answer.status
        finally:
            manager.clear()
