"""Addresses that must not be mailed: how they become it, on what evidence, and how a person lets them go."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from newsletter.errors import Refused
from newsletter.newsletters import audit
from newsletter.newsletters.models import Staff
from newsletter.subscribers.models import Release, Suppression

Reason = Suppression.Reason
# What providers report, the strongest last. What a person or an erasure decided is stronger than all of them.
_STRENGTH: Mapping[str, int] = {Reason.SOFT_BOUNCES: 1, Reason.HARD_BOUNCE: 2, Reason.COMPLAINT: 3}
_DECIDED = 9


@dataclass(frozen=True)
class Evidence:
    """Why an address shall be suppressed: the event that counts, and a line for people."""

    reason: str
    at: datetime
    key: UUID
    note: str = ""

    @property
    def order(self) -> tuple[int, datetime, UUID]:
        """The smallest wins: the strongest reason, then what happened first."""
        return -_STRENGTH.get(self.reason, _DECIDED), self.at, self.key


def suppress(wanted: Iterable[tuple[str, Evidence]]) -> int:
    """Suppress addresses by their keys; returns how many were not before. In a transaction.

    The order in which evidence comes does not matter: the strongest stays. What happened before a person released the
    address no longer counts.
    """
    best = _best(wanted)
    released = dict(Release.objects.filter(address_key__in=list(best)).values_list("address_key").annotate(Max("at")))
    best = {key: each for key, each in best.items() if key not in released or each.at > released[key]}
    standing = {row.address_key: row for row in Suppression.objects.filter(address_key__in=list(best))}
    new = [_row(key, each) for key, each in best.items() if key not in standing]
    Suppression.objects.bulk_create(new, batch_size=1000, ignore_conflicts=True)
    for key, row in standing.items():
        if best[key].order < _order(row):
            _replace(row, best[key])
    return len(new)


def replace_soft(address_key: str, evidence: Evidence | None) -> None:
    """What a row of soft bounces says now: suppress for it, renew its evidence, or lift it when the row was none."""
    soft = Suppression.objects.filter(address_key=address_key, reason=Reason.SOFT_BOUNCES)
    if evidence is None:
        soft.delete()
    elif row := soft.first():
        _replace(row, evidence)
    else:
        suppress([(address_key, evidence)])


@transaction.atomic
def decide(address_key: str, reason: str, note: str, staff: Staff | None) -> bool:
    """Suppress by a person's decision; it is stronger than what a provider reported. False where one stood before."""
    values = {"reason": reason, "note": note[:300], "evidence": None, "evidence_at": None}
    row, new = Suppression.objects.get_or_create(address_key=address_key, defaults=values)
    if not new:
        reported = Suppression.objects.filter(pk=row.pk, reason__in=[Reason.SOFT_BOUNCES, Reason.HARD_BOUNCE])
        new = bool(reported.exclude(reason=reason).update(**values))
    if new:
        audit.record(staff, "suppress", f"suppression {row.pk}", reason=reason)
    return new


@transaction.atomic
def release(address_key: str, staff: Staff | None, reason: str) -> str:
    """Let an address be mailed again, on the record; returns what it was suppressed for. Raises Refused.

    Subscriptions that ended stay ended: after a complaint only the reader's own new sign-up brings mail back.
    """
    row = Suppression.objects.select_for_update().filter(address_key=address_key).first()
    if row is None:
        raise Refused("This address is not suppressed.")
    if row.erased or row.reason == Reason.ERASED:
        raise Refused("This reader was erased at their wish; only their own new sign-up brings them back.")
    if not reason.strip():
        raise Refused("A release needs a reason.", hint="Say what you know; it is kept.")
    entry = Release.objects.create(address_key=address_key, was=row.reason, reason=reason.strip()[:300], staff=staff)
    row.delete()
    audit.record(staff, "release", f"suppression {entry.pk}", was=row.reason)
    return str(row.reason)


def forget(address_keys: Collection[str]) -> None:
    """Bar the addresses of somebody who was erased: only their own new sign-up brings them back.

    A bounce says nothing against that. A complaint and a person's decision do, and nobody takes them back any more.
    """
    standing = Suppression.objects.filter(address_key__in=address_keys)
    standing.update(note="", erased=True)
    bounced = standing.filter(reason__in=[Reason.SOFT_BOUNCES, Reason.HARD_BOUNCE])
    bounced.update(reason=Reason.ERASED, evidence=None, evidence_at=None)
    new = [Suppression(address_key=key, reason=Reason.ERASED, erased=True) for key in address_keys]
    Suppression.objects.bulk_create(new, ignore_conflicts=True)


def _best(wanted: Iterable[tuple[str, Evidence]]) -> dict[str, Evidence]:
    best: dict[str, Evidence] = {}
    for key, each in wanted:
        if key and (key not in best or each.order < best[key].order):
            best[key] = each
    return best


def _row(key: str, each: Evidence) -> Suppression:
    return Suppression(
        address_key=key, reason=each.reason, note=each.note[:300], evidence=each.key, evidence_at=each.at
    )


def _order(row: Suppression) -> tuple[int, datetime, UUID]:
    if row.evidence is None or row.evidence_at is None:  # a person's, an import's or an erasure's
        return -_DECIDED, row.created_at, UUID(int=0)
    return Evidence(row.reason, row.evidence_at, row.evidence).order


def _replace(row: Suppression, each: Evidence) -> None:
    row.reason, row.note, row.evidence, row.evidence_at = each.reason, each.note[:300], each.key, each.at
    row.save(update_fields=["reason", "note", "evidence", "evidence_at"])
