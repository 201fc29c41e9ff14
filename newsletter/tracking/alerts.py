"""Alerts as rows: raised once, told once, ended once, however often somebody looks.

An alert ends when it was not found for a while, so that trouble that comes and goes every minute is one alert. Those
that can wait are told at most once an hour, all in one letter.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from newsletter import clock, config
from newsletter.letters import notices, writing
from newsletter.letters.alert_kinds import Wrong
from newsletter.newsletters.models import Right, Staff
from newsletter.tracking.findings import MORNING, PAGE, Finding
from newsletter.tracking.models import Alert, SignOfLife

log = logging.getLogger(__name__)
QUIET = timedelta(minutes=10)  # not found for so long, it is over
BETWEEN_MORNINGS = timedelta(hours=1)


@transaction.atomic
def keep(findings: Sequence[Finding], now: datetime) -> None:
    """Raise what is new, end what is over, and write one letter about both to everybody who is told."""
    SignOfLife.objects.select_for_update().filter(pk=1).first()  # one watcher at a time
    standing = {alert.key: alert for alert in Alert.objects.filter(ended_at=None)}
    for finding in findings:
        _raise(standing.pop(finding.key, None), finding, now)
    ended = [alert for alert in standing.values() if _is_over(alert, now)]
    raised = _to_tell(now)
    if raised or ended:
        _tell(raised, ended, now)


def standing() -> list[Alert]:
    """What was wrong when a worker looked last, what cannot wait first."""
    found = Alert.objects.filter(ended_at=None, quiet_since=None)
    return sorted(found, key=lambda alert: alert.level != PAGE)


def _raise(alert: Alert | None, finding: Finding, now: datetime) -> None:
    """A row for what is new; what stands is kept up to date, and told again only if it cannot wait any more."""
    if alert is None:
        log.warning("alert raised: %s", finding.words)
        alert = Alert(key=finding.key, raised_at=now, level=finding.level)
    if (alert.level, finding.level) == (MORNING, PAGE):
        alert.told_at = None
    before = (alert.pk, alert.level, alert.words, alert.command, alert.quiet_since)
    alert.level, alert.words, alert.command = finding.level, finding.words[:500], finding.command[:200]
    alert.quiet_since = None
    if before != (alert.pk, alert.level, alert.words, alert.command, None) or alert.pk is None:
        alert.save()


def _is_over(alert: Alert, now: datetime) -> bool:
    """End an alert that was not found for a while; whether somebody has to be told so."""
    if alert.quiet_since is None:
        alert.quiet_since = now
    elif now - alert.quiet_since >= QUIET:
        log.warning("alert over: %s", alert.words)
        alert.ended_at = now
    else:
        return False
    alert.save()
    return alert.ended_at is not None and alert.told_at is not None


def _to_tell(now: datetime) -> list[Alert]:
    """What nobody was told yet, once something in it is urgent or the last letter is long enough ago."""
    untold = list(Alert.objects.filter(ended_at=None, quiet_since=None, told_at=None))
    urgent = any(alert.level == PAGE for alert in untold)
    if urgent or not Alert.objects.filter(told_at__gt=now - BETWEEN_MORNINGS).exists():
        return untold
    return []


def _tell(raised: Sequence[Alert], ended: Sequence[Alert], now: datetime) -> None:
    payload = {
        "raised": tuple(_wrong(alert, now) for alert in raised),
        "ended": tuple(_wrong(alert, now) for alert in ended),
    }
    for name, to in _listeners():
        writing.write_alert("alerts", to, f"{now.isoformat()}:{name}", **payload)
    Alert.objects.filter(pk__in=[alert.pk for alert in raised]).update(told_at=now)


def _listeners() -> list[tuple[str, Staff | str]]:
    """Whom alerts go to, by place for the dedupe key: those that alert_to names, else every admin; the webhook."""
    settings = config.current()
    named = [each.strip() for each in settings.alert_to.split(",") if each.strip()]
    people: list[Staff | str] = [*named] or [*notices.may_act(Right.ADMIN)]
    everybody = [*people, *([writing.WEBHOOK] if settings.webhook_url else [])]
    return [(str(at), to) for at, to in enumerate(everybody)]


def _wrong(alert: Alert, now: datetime) -> Wrong:
    lasted = clock.duration((now - alert.raised_at).total_seconds())
    return Wrong(level=str(alert.level), words=alert.words, command=alert.command, since=f"after {lasted}")
