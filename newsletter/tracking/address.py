"""How an address stands with us: its subscriptions, its suppression and on what evidence, and its erasure."""

from typing import Any

from newsletter.errors import UsageError
from newsletter.subscribers import addresses, consent
from newsletter.subscribers.models import Release, Subscriber, Suppression
from newsletter.tracking.models import Erasure


def of(text: str) -> dict[str, Any]:
    """Everything as plain values; `known` says whether there is a reader. Raises UsageError where there is nothing.

    Whoever was erased is found by whoever types the address: nothing of it is kept but the keyed hash. Whoever moved
    is found by the address that they left, and it is about the one that they have.
    """
    address = addresses.clean(text)
    key = addresses.key(address)
    reader = consent.reader_of(key)
    key = reader.address_key if reader else key
    barred = Suppression.objects.filter(address_key=key).first()
    erasure = Erasure.objects.filter(address_key=key).order_by("-id").first()
    releases = list(Release.objects.filter(address_key=key).order_by("id").values("at", "was", "reason"))
    if not (reader or barred or erasure or releases):
        raise UsageError(f"Nobody is known by {address}.")
    return {
        "address": reader.email if reader else address,
        "name": reader.name if reader else "",
        "known": reader is not None,
        "subscriptions": _subscriptions(reader),
        "suppressed": barred.reason if barred else None,
        "suppression": _suppression(barred),
        "releases": releases,
        "erasure": _erasure(erasure),
    }


def moved(text: str, facts: dict[str, Any]) -> str:
    """In words, that a reader left the address that somebody typed for another; "" for whoever did not."""
    found = addresses.key(facts["address"]) if facts["known"] else None
    typed = addresses.clean(text)
    return f"{typed} is their former address." if found and found != addresses.key(typed) else ""


def _subscriptions(reader: Subscriber | None) -> list[dict[str, str]]:
    if reader is None:
        return []
    held = reader.subscriptions.select_related("newsletter").order_by("newsletter__slug")
    return [{"newsletter": each.newsletter.slug, "status": each.status} for each in held]


def _suppression(barred: Suppression | None) -> dict[str, Any] | None:
    if barred is None:
        return None
    return {"since": barred.created_at, "note": barred.note, "evidence_at": barred.evidence_at}


def _erasure(row: Erasure | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {
        "at": row.created_at,
        "provider": row.status,
        "job": row.job or None,
        "asked_at": row.asked_at,
        "reason": row.reason,
    }


def sentences(facts: dict[str, Any]) -> list[str]:
    """The suppression and the erasure in words; nothing for whom there is neither."""
    found = [_barred(facts)] if facts["suppressed"] else []
    found += [f"Released {each['at']:%Y-%m-%d} from {each['was']}: {each['reason']}" for each in facts["releases"]]
    if facts["erasure"]:
        found.append(f"Erased {facts['erasure']['at']:%Y-%m-%d %H:%M} UTC. {_provider(facts['erasure'])}")
    return found


def _barred(facts: dict[str, Any]) -> str:
    about = facts["suppression"]
    at, note = about["evidence_at"] or about["since"], about["note"]
    return f"Suppressed for {facts['suppressed']} since {at:%Y-%m-%d}{': ' if note else '.'}{note}"


def _provider(erasure: dict[str, Any]) -> str:
    status = erasure["provider"]
    if status == Erasure.Status.NONE:
        return "Nothing of theirs went through SendGrid, so it was not asked."
    if status == Erasure.Status.ASKED:
        job = f" as job {erasure['job']}" if erasure["job"] else ""
        return f"SendGrid took the request to forget them on {erasure['asked_at']:%Y-%m-%d %H:%M} UTC{job}."
    if status == Erasure.Status.REFUSED:
        return f"SendGrid refused to forget them: {erasure['reason']}"
    return f"SendGrid is still to be asked. {erasure['reason']}".strip()
