"""The watchdog: everything that is wrong now, derived from the columns, whoever else is alive.

`newsletter status --check` asks it directly, so its answer is true with worker, beat and Redis dead. A worker asks it
once a minute (`watch`), keeps what it finds as Alert rows, and tells.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

from django.utils import timezone

from newsletter.mail.content import plain
from newsletter.tracking import (
    alerts,
    life,
    postbox,
    sendgrid_nightly,
    sends,
    sign_ups,
    silence,
    surroundings,
    weeks,
)
from newsletter.tracking.findings import Finding

EYES: tuple[Callable[[datetime], Iterator[Finding]], ...] = (
    surroundings.lock,
    surroundings.workers,
    weeks.not_drafted,
    weeks.not_approved,
    weeks.not_started,
    weeks.held,
    sends.planning_stuck,
    sends.send_stuck,
    sends.paused,
    sends.unbalanced,
    sends.send_slow,
    sends.unknown,
    surroundings.letters,
    silence.silent,
    silence.doubted,
    silence.backlog,
    postbox.unread,
    postbox.quarantined,
    postbox.wishes,
    sendgrid_nightly.unread,
    sendgrid_nightly.drifted,
    sign_ups.abused,
    surroundings.feeds,
    surroundings.erasures,
)


def look(now: datetime | None = None) -> list[Finding]:
    """Everything that is wrong now, what cannot wait first. Changes nothing."""
    now = now or timezone.now()
    found = [_on_one_line(finding) for eye in EYES for finding in eye(now)]
    return sorted(found, key=lambda finding: finding.level != finding.level.PAGE)


def watch(now: datetime | None = None) -> None:
    """Give a sign of life, look, remember and tell. Safe in any number of workers."""
    life.sign()
    now = now or timezone.now()
    alerts.keep(look(now), now)


def _on_one_line(finding: Finding) -> Finding:
    """Names and reasons in it come from outside."""
    return replace(finding, words=plain(finding.words), command=plain(finding.command))
