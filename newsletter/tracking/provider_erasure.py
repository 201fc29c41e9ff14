"""Having SendGrid forget whom we forgot: one request at a time, written down before it leaves, asked until it is taken.

Asking twice does no harm, so after a crash it is asked again; that is the difference from mail.
"""

import logging
from datetime import timedelta

from django.conf import settings
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from newsletter import faults
from newsletter.config import Config
from newsletter.errors import ConfigError
from newsletter.tracking.models import Erasure
from newsletter.transports.sendgrid_client import client_for
from newsletter.transports.sendgrid_erasure import NotTaken, Taken, ask

log = logging.getLogger(__name__)
SHORTEST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)
Status = Erasure.Status


def ask_next(config: Config) -> bool:
    """Ask for one erasure that is due; True if there was one."""
    Erasure.objects.filter(status=Status.ASKING, lease_until__lt=Now()).update(
        status=Status.PENDING, fence=F("fence") + 1, lease_until=None
    )
    due = Q(not_before=None) | Q(not_before__lte=Now())
    row = Erasure.objects.filter(due, status=Status.PENDING).order_by("id").first()
    if row is None:
        return False
    if _claim(row):
        faults.point("erasure.intended")
        _record(row, _answer(row, config))
    return True


def _claim(row: Erasure) -> bool:
    mine = Erasure.objects.filter(pk=row.pk, status=Status.PENDING, fence=row.fence)
    row.fence, row.tries = row.fence + 1, row.tries + 1
    lease = Now() + settings.LEASE
    return bool(mine.update(status=Status.ASKING, fence=row.fence, tries=row.tries, lease_until=lease))


def _answer(row: Erasure, config: Config) -> Taken | NotTaken:
    if not config.sendgrid_api_key:
        return NotTaken("There is no SENDGRID_API_KEY to ask with.")
    try:
        return ask(client_for(config.sendgrid_api_key, config.sendgrid_api_url), row.address)
    except ConfigError as error:
        return NotTaken(str(error))


def _record(row: Erasure, answer: Taken | NotTaken) -> None:
    mine = Erasure.objects.filter(pk=row.pk, status=Status.ASKING, fence=row.fence)
    if isinstance(answer, Taken):
        values = {"status": Status.ASKED, "job": answer.job, "address": "", "reason": "", "asked_at": timezone.now()}
    elif answer.final:
        values = {"status": Status.REFUSED, "reason": answer.reason, "address": ""}
    else:
        wait = answer.wait or min(SHORTEST_WAIT * (1 << min(row.tries - 1, 10)), LONGEST_WAIT)
        values = {"status": Status.PENDING, "reason": answer.reason[:300], "not_before": Now() + wait}
    mine.update(lease_until=None, **values)
    log.info("erasure %s: try %s, %s", row.pk, row.tries, type(answer).__name__.lower())
