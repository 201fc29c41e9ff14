"""Counting which stories are read, where a newsletter asks for it: a log of presses, and a verdict on each.

No address is kept. What one machine does is tied together by a hash under a key that lasts a day, and cut apart again
as soon as it is judged.
"""

import hashlib
import hmac
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from newsletter.deliveries.models import Delivery
from newsletter.editions import mark
from newsletter.editions.counting import destinations, mode_of
from newsletter.editions.models import Edition
from newsletter.recordset import among
from newsletter.subscribers.models import Subscription
from newsletter.tracking.models import Click
from newsletter.tracking.verdict import Press, by_agent, verdicts

JUDGED_AFTER = timedelta(minutes=5)  # after a visit's last press: by then a scanner has followed what it follows
LONGEST_VISIT = timedelta(hours=1)  # then what there is of it is judged: a whole office may look like one visitor
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
    agrees = personal and reader is not None and reader.is_counted
    Click.objects.create(
        edition=edition,
        item=item,
        kind=kind,
        at=now,
        subscription=reader if agrees else None,
        visit=_visit(*who, now),
        machine=by_agent(who[1], kind),
    )


def judge(now: datetime | None = None) -> int:
    """Judge the visits that are over, and cut apart what was tied together; returns how many presses."""
    ripe = _ripe((now or timezone.now()) - JUDGED_AFTER).order_by("visit", "at")
    rows = list(
        ripe.values_list("pk", "kind", "item", "at", "visit", "edition_id", "subscription__subscriber_id")[:AT_MOST]
    )
    if len(rows) == AT_MOST:  # the last visit may go on beyond
        rows = [row for row in rows if row[4] != rows[-1][4]] or rows
    handed = _handed_over({(row[5], row[6]) for row in rows if row[6]})
    machines = verdicts(Press(*row[:5], handed.get((row[5], row[6]))) for row in rows)
    for reason in set(machines.values()):
        mine = [pk for pk, why in machines.items() if why == reason]
        Click.objects.filter(pk__in=mine, machine="").update(machine=reason)
    return Click.objects.filter(pk__in=[row[0] for row in rows]).update(judged=True, visit="")


def _ripe(until: datetime) -> QuerySet[Click]:
    """The presses of visits whose last one is old enough, or that go on for too long."""
    unjudged = Click.objects.filter(judged=False)
    tied = unjudged.exclude(visit="")
    going_on = set(tied.filter(at__gte=until).values_list("visit", flat=True))
    old = tied.filter(at__lt=until - LONGEST_VISIT, visit__in=among(going_on, "text"))
    return unjudged.filter(at__lt=until).exclude(
        visit__in=among(going_on - set(old.values_list("visit", flat=True)), "text")
    )


def _handed_over(copies: set[tuple[int, int]]) -> dict[tuple[int, int], datetime]:
    rows = Delivery.objects.filter(
        edition_id__in={edition for edition, _ in copies}, subscriber_id__in={reader for _, reader in copies}
    ).values_list("edition_id", "subscriber_id", "batch__finished_at")
    return {(edition, reader): at for edition, reader, at in rows if at}


def _visit(address: str, agent: str, now: datetime) -> str:
    key = hashlib.sha256(f"newsletter.visit:{now:%Y-%m-%d}:{settings.SECRET_KEY}".encode()).digest()
    return hmac.digest(key, f"{address} {agent}".encode(errors="replace"), hashlib.sha256)[:8].hex()
