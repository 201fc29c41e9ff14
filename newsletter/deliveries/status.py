"""How a send stands, from the counts on its batches; `audit` recounts the deliveries themselves."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from typing import Any, cast

from django.db.models import Case, Count, QuerySet, Sum, When
from django.utils import timezone

from newsletter import config
from newsletter.deliveries import canary, limits, ramp
from newsletter.deliveries.models import TAKEN, Batch, Delivery
from newsletter.editions.models import Edition
from newsletter.numbers import counted
from newsletter.subscribers.mailboxes import Mailbox

RATE_WINDOW = timedelta(seconds=30)
LATER = ("delivered", "bounced", "dropped", "complained")
_HELD_BACK = (Edition.Status.SENDING, Edition.Status.PAUSED)


@dataclass(frozen=True)
class Counts:
    """Readers by what became of their copy. The last four are of the accepted."""

    planned: int = 0
    pending: int = 0
    sending: int = 0
    accepted: int = 0
    rejected: int = 0
    skipped: int = 0
    unknown: int = 0
    delivered: int = 0
    bounced: int = 0
    dropped: int = 0
    complained: int = 0

    @property
    def decided(self) -> int:
        return self.accepted + self.rejected + self.skipped + self.unknown

    @property
    def balanced(self) -> bool:
        return self.planned == self.pending + self.sending + self.decided


@dataclass(frozen=True)
class Progress:
    """An edition's counts, how many readers a second go out now, and the seconds that are left (None: unknown)."""

    edition: Edition
    counts: Counts
    rate: float
    eta: float | None
    waits: str = ""  # why something does not go out just now
    canary: str = ""  # how the first share stands, while the rest waits for it

    def as_json(self) -> dict[str, Any]:
        edition = self.edition
        return {
            "id": edition.pk,
            "newsletter": edition.newsletter.slug,
            "number": edition.number,
            "kind": edition.kind,
            "subject": edition.subject,
            "status": edition.status,
            "reason": edition.status_reason or None,
            "send_at": edition.send_at.isoformat() if edition.send_at else None,
            **asdict(self.counts),
            "rate": round(self.rate, 1),
            "eta_seconds": None if self.eta is None else round(self.eta),
            "waits": self.waits or None,
            "canary": self.canary or None,
        }


@dataclass(frozen=True)
class Audit:
    """The conservation equation of one edition, recounted row by row.

    `mailboxes` has the same counts by mailbox provider, and the blocked ones, as the batches keep them; `canary` and
    `ramp` say in plain words what was held back.
    """

    counts: Counts
    excluded: dict[str, int]
    faults: list[str] = field(default_factory=list)
    mailboxes: dict[str, dict[str, int]] = field(default_factory=dict)
    canary: str = ""
    ramp: str = ""

    @property
    def candidates(self) -> int:
        return self.counts.planned + sum(self.excluded.values())

    @property
    def balanced(self) -> bool:
        return not self.faults

    def as_json(self) -> dict[str, Any]:
        sums = {"candidates": self.candidates, "excluded": self.excluded, **asdict(self.counts)}
        told = {"mailboxes": self.mailboxes, "canary": self.canary, "ramp": self.ramp or None}
        return {**sums, "balanced": self.balanced, "faults": self.faults, **told}


def progress(editions: Iterable[Edition]) -> list[Progress]:
    """A handful of queries for any number of editions; no delivery is read."""
    listed = list(editions)
    sending = any(edition.status == Edition.Status.SENDING for edition in listed)
    waits = limits.standing(config.current().transport) if sending else ""
    sums = {row["edition"]: row for row in _sums(Batch.objects.filter(edition__in=listed), "edition")}
    rates = _rates(listed)
    found = [_progress(edition, sums.get(edition.pk, {}), rates.get(edition.pk, 0.0)) for edition in listed]
    return [replace(each, waits=f"{each.canary} {waits}".strip()) if each.counts.pending else each for each in found]


def tallied(editions: Iterable[Edition]) -> list[Progress]:
    """As progress, without what moves: one query for a list of editions."""
    listed = list(editions)
    sums = {row["edition"]: row for row in _sums(Batch.objects.filter(edition__in=listed), "edition")}
    return [Progress(each, _counts(sums.get(each.pk, {}), each.planned), 0.0, None) for each in listed]


def audit(edition: Edition) -> Audit:
    """Recount every delivery of the edition and compare with the plan and with the batches' own counts.

    Of an edition that was rolled up, what was recounted then.
    """
    edition.refresh_from_db()
    rows = copies(edition)
    by_status: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for status, reason, n in rows:
        by_status[status] += n
        if status == Delivery.Status.EXCLUDED:
            found[reason] += n
    counts = _recounted(by_status)
    return Audit(
        counts,
        dict(found),
        faults=list(_faults(edition, counts, dict(found))),
        mailboxes=by_mailbox(edition),
        canary=canary.told(edition),
        ramp=ramp.told(edition),
    )


def copies(edition: Edition) -> list[tuple[str, str, int]]:
    """How many copies have each status and reason, the most frequent first: counted, or as they were totalled."""
    if edition.rolled_up_at is not None:
        return [(status, reason, n) for status, reason, n in edition.totals.copies]
    rows = edition.deliveries.values_list("status", "reason").annotate(n=Count("pk"))
    return list(rows.order_by("-n", "reason", "status"))


def by_mailbox(edition: Edition) -> dict[str, dict[str, int]]:
    """The counts of each mailbox provider that has readers here, from the batches; no delivery is read."""
    return by_mailboxes([edition])[edition.pk]


def by_mailboxes(editions: Iterable[Edition]) -> dict[int, dict[str, dict[str, int]]]:
    """The same of several editions, in one query."""
    found: dict[int, dict[str, dict[str, int]]] = {each.pk: {} for each in editions}
    rows = _sums(Batch.objects.filter(edition__in=found), "edition", "mailbox")
    known = {(row["edition"], row["mailbox"]): row for row in rows}
    for pk, mailbox in ((pk, mailbox.value) for pk in found for mailbox in Mailbox):
        if row := known.get((pk, mailbox)):
            found[pk][mailbox] = {**asdict(_counts(row, row["planned"])), "blocked": row["blocked"]}
    return found


def total(mailboxes: Mapping[str, Mapping[str, int]], planned: int) -> Counts:
    """An edition's counts from those of its mailbox providers."""
    names = [name for name in asdict(Counts()) if name != "planned"]
    return Counts(planned=planned, **{name: sum(each[name] for each in mailboxes.values()) for name in names})


def _recounted(by_status: Mapping[str, int]) -> Counts:
    own = {name: by_status.get(name, 0) for name in ("pending", "sending", "rejected", "skipped", "unknown", *LATER)}
    accepted = sum(by_status.get(status, 0) for status in TAKEN)
    planned = sum(n for status, n in by_status.items() if status != Delivery.Status.EXCLUDED)
    return Counts(planned=planned, accepted=accepted, **own)


def _faults(edition: Edition, counts: Counts, excluded: dict[str, int]) -> Iterable[str]:
    if counts.planned != edition.planned:
        planned = counted(edition.planned, "reader was", "readers were")
        yield f"{planned} planned, {counts.planned:,} {'has' if counts.planned == 1 else 'have'} a delivery"
    if excluded != edition.excluded:
        yield f"excluded readers were counted as {edition.excluded}, found {excluded}"
    kept = progress([edition])[0].counts
    for name in ("pending", "sending", "accepted", "rejected", "skipped", "unknown"):
        if getattr(kept, name) != getattr(counts, name):
            yield f"{name}: the batches say {getattr(kept, name)}, the deliveries {getattr(counts, name)}"
    if edition.status == Edition.Status.SENT and counts.pending + counts.sending:
        left = counted(counts.pending + counts.sending, "copy is", "copies are")
        yield f"the edition is closed, but {left} still pending or sending"
    if not counts.balanced:
        yield "the deliveries do not add up"


def _sums(batches: QuerySet[Batch], *by: str) -> Iterable[dict[str, Any]]:
    """The batches' counts, added up by some of their columns."""
    names = ("accepted", "rejected", "skipped", "unknown", *LATER, "blocked")
    handing = Case(When(status=Batch.Status.SENDING, then=Batch.LEFT), default=0)
    waiting = Case(When(status=Batch.Status.SENDING, then=0), default=Batch.LEFT)
    # These are of columns whose names mean sums from the next line on.
    sums = {"sending_now": Sum(handing), "waiting": Sum(waiting), "planned": Sum("size")}
    rows = batches.order_by().values(*by).annotate(**sums, **{name: Sum(name) for name in names})
    return cast("Iterable[dict[str, Any]]", rows)


def _counts(row: Mapping[str, Any], planned: int) -> Counts:
    names = ("accepted", "rejected", "skipped", "unknown", *LATER)
    taken = {name: row.get(name, 0) for name in names}
    return Counts(planned=planned, pending=row.get("waiting", 0), sending=row.get("sending_now", 0), **taken)


def _progress(edition: Edition, row: Mapping[str, Any], rate: float) -> Progress:
    counts = _counts(row, edition.planned)
    left = counts.pending + counts.sending
    eta = left / rate if rate and left else (0.0 if not left else None)
    held_back = edition.status in _HELD_BACK and edition.open_wave < canary.EVERYBODY
    return Progress(edition, counts, rate, eta, canary=canary.told(edition) if held_back else "")


def _rates(editions: list[Edition]) -> dict[int, float]:
    """Readers a second over the last half minute, or since the start when that is younger."""
    now = timezone.now()
    sending = [edition for edition in editions if edition.status == Edition.Status.SENDING]
    recent = Batch.objects.filter(edition__in=sending, finished_at__gt=now - RATE_WINDOW)
    done = dict(recent.values_list("edition").annotate(n=Sum("size")).values_list("edition", "n"))
    rates = {}
    for edition in sending:
        since = max(edition.started_at or now, now - RATE_WINDOW)
        rates[edition.pk] = done.get(edition.pk, 0) / max((now - since).total_seconds(), 1.0)
    return rates
