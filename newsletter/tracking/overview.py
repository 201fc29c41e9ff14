"""How everything stands at a moment, from the database alone: true with Redis and every worker dead."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, Q
from django.utils import timezone

from newsletter.deliveries import epoch, status
from newsletter.deliveries.models import Batch
from newsletter.deliveries.status import Progress
from newsletter.editions.models import Edition
from newsletter.feeds.models import Feed
from newsletter.letters.models import Letter
from newsletter.tracking import life
from newsletter.tracking.models import Event

ON_ITS_WAY = (Edition.Status.SCHEDULED, Edition.Status.PLANNING, Edition.Status.SENDING)
OPEN = (Edition.Status.PLANNING, Edition.Status.SENDING, Edition.Status.PAUSED)


@dataclass(frozen=True)
class Queue:
    """How many wait, and how many seconds the first of them has waited; of batches, since its edition began."""

    waiting: int
    seconds: float | None


@dataclass(frozen=True)
class Machine:
    """A machine whose workers live, and the seconds since their last sign."""

    host: str
    version: str
    seconds: float


@dataclass(frozen=True)
class Feeds:
    """`failing` are those in use whose last collection failed."""

    used: int
    paused: int
    failing: int


@dataclass(frozen=True)
class Overview:
    """`mailboxes` has the counts of each open edition by mailbox provider; `locked` says why nothing may be sent."""

    at: datetime
    editions: tuple[Progress, ...]
    mailboxes: Mapping[int, Mapping[str, Mapping[str, int]]]
    queues: Mapping[str, Queue]
    workers: tuple[Machine, ...]
    feeds: Feeds
    locked: str

    @property
    def moves(self) -> bool:
        """Whether an edition is on its way."""
        return any(each.edition.status in ON_ITS_WAY for each in self.editions)

    def as_json(self) -> dict[str, Any]:
        editions = [{**each.as_json(), "mailboxes": self.mailboxes.get(each.edition.pk, {})} for each in self.editions]
        return {
            "at": self.at.isoformat(),
            "editions": editions,
            "queues": {name: asdict(queue) for name, queue in self.queues.items()},
            "workers": [asdict(machine) for machine in self.workers],
            "feeds": asdict(self.feeds),
            "locked": self.locked or None,
        }


def take(most: int | None = None) -> Overview:
    """How it stands now, with the `most` newest editions, or all. A dozen queries, and a few for each open edition."""
    now = timezone.now()
    listed = Edition.objects.select_related("newsletter").defer("snapshot", "void_snapshot").order_by("-pk")[:most]
    editions = status.progress(listed)
    return Overview(
        at=now,
        editions=tuple(editions),
        mailboxes={each.edition.pk: status.by_mailbox(each.edition) for each in editions if _is_open(each)},
        queues=_queues(now),
        workers=tuple(Machine(each.host, each.version, round(life.age(each), 1)) for each in life.workers(now)),
        feeds=_feeds(),
        locked=epoch.fault(),
    )


def _is_open(each: Progress) -> bool:
    return each.edition.status in OPEN


def _queues(now: datetime) -> dict[str, Queue]:
    batches = Batch.objects.filter(status=Batch.Status.PENDING, edition__status=Edition.Status.SENDING)
    letters = Letter.objects.filter(status=Letter.Status.PENDING)
    events = Event.objects.filter(state=Event.State.WAITING)
    rows = {
        "batches": batches.aggregate(n=Count("pk"), since=Min("edition__started_at")),
        "letters": letters.aggregate(n=Count("pk"), since=Min("created_at")),
        "events": events.aggregate(n=Count("pk"), since=Min("received_at")),
    }
    return {
        name: Queue(row["n"], round((now - row["since"]).total_seconds(), 1) if row["since"] else None)
        for name, row in rows.items()
    }


def _feeds() -> Feeds:
    used = Q(paused_at=None)
    counts = Feed.objects.aggregate(
        used=Count("pk", filter=used),
        paused=Count("pk", filter=~used),
        failing=Count("pk", filter=used & Q(failures__gt=0)),
    )
    return Feeds(**counts)
