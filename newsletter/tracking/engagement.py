"""Counting which stories are read, where a newsletter asks for it: a log of presses, and a verdict on each.

No address is kept. What one machine does is tied together by a hash under a key that lasts a day, and cut apart again
as soon as it is judged.
"""

import hashlib
import hmac
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from newsletter.deliveries.models import Delivery
from newsletter.editions import mark
from newsletter.editions.counting import destinations, mode_of
from newsletter.editions.models import Edition
from newsletter.subscribers.models import Subscription
from newsletter.tracking.models import Click
from newsletter.tracking.verdict import Press, by_agent, verdicts

JUDGED_AFTER = timedelta(minutes=5)  # by then a scanner has followed what it follows
AT_MOST = 5_000
COUNTED_FOR = timedelta(days=60)  # after that a link still leads on, and nothing is written


def leads_to(public_id: int, item: int) -> tuple[Edition, str] | None:
    """The edition and where an entry's link leads, "" for what leads nowhere; None for what was never counted."""
    edition = Edition.objects.filter(public_id=public_id).first()
    if edition is None or not edition.snapshot or mode_of(edition.snapshot) == "direct":
        return None
    url = destinations(mark.as_corrected(edition), settings.SITE_URL).get(item, "")
    return (edition, url) if url or item == 0 else None


def note(edition: Edition, item: int, kind: str, *, who: tuple[str, str], reader: Subscription | None = None) -> None:
    """Write down a press; `who` is the shortened network and the program's name, neither of which is kept.

    A reader is kept only where the newsletter counts by reader and they agree to it now, whatever the mail says.
    """
    now = timezone.now()
    if edition.started_at is None or now - edition.started_at > COUNTED_FOR:
        return
    personal = reader is not None and mode_of(edition.snapshot or {}) == "personal"  # type: ignore[arg-type] # as frozen
    agrees = personal and reader is not None and reader.counted_since is not None
    Click.objects.create(
        edition=edition,
        item=item,
        kind=kind,
        at=now,
        subscription=reader if agrees else None,
        visit=_visit(*who, now),
        machine=by_agent(who[1]),
    )


def judge(now: datetime | None = None) -> int:
    """Judge what is old enough, and cut apart what was tied together; returns how many."""
    until = (now or timezone.now()) - JUDGED_AFTER
    ripe = Click.objects.filter(judged=False, at__lt=until).order_by("at")
    rows = list(
        ripe.values_list("pk", "kind", "item", "at", "visit", "edition_id", "subscription__subscriber_id")[:AT_MOST]
    )
    handed = _handed_over({(row[5], row[6]) for row in rows if row[6]})
    machines = verdicts(Press(*row[:5], handed.get((row[5], row[6]))) for row in rows)
    for reason in set(machines.values()):
        mine = [pk for pk, why in machines.items() if why == reason]
        Click.objects.filter(pk__in=mine, machine="").update(machine=reason)
    return Click.objects.filter(pk__in=[row[0] for row in rows]).update(judged=True, visit="")


def _handed_over(copies: set[tuple[int, int]]) -> dict[tuple[int, int], datetime]:
    rows = Delivery.objects.filter(
        edition_id__in={edition for edition, _ in copies}, subscriber_id__in={reader for _, reader in copies}
    ).values_list("edition_id", "subscriber_id", "batch__finished_at")
    return {(edition, reader): at for edition, reader, at in rows if at}


def _visit(address: str, agent: str, now: datetime) -> str:
    key = hashlib.sha256(f"newsletter.visit:{now:%Y-%m-%d}:{settings.SECRET_KEY}".encode()).digest()
    return hmac.digest(key, f"{address} {agent}".encode(errors="replace"), hashlib.sha256)[:8].hex()
