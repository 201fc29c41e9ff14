"""What links answered, kept for a while: a site is not asked for the same page at every look at an edition."""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from newsletter.feeds.models import Answer
from newsletter.feeds.probe import TOTAL_SECONDS, Probe, probe_all

_GOOD_FOR = timedelta(hours=6)
_BAD_FOR = timedelta(minutes=10)  # somebody may be mending it
_KEPT_FOR = timedelta(days=14)
_FINE = range(200, 400)
_NO_TIME = Probe(0, "There was no time to ask it.")


def ask(addresses: Iterable[str], *, seconds: float = TOTAL_SECONDS) -> dict[str, Probe]:
    """Ask those whose last answer is old, within `seconds`; what is known of all of them then.

    Fetches, so call it outside a transaction, and never in answer to a GET.
    """
    wanted = list(dict.fromkeys(addresses))
    rows = _rows(wanted)
    stale = [address for address in wanted if not _is_fresh(rows.get(_digest(address)))]
    asked = probe_all(stale, private=settings.CONFIG.allow_private_hosts, seconds=seconds)
    for address in stale:
        kept = {"facts": asdict(asked.get(address, _NO_TIME)), "asked_at": timezone.now()}
        Answer.objects.update_or_create(digest=_digest(address), defaults=kept)
    if stale:
        Answer.objects.filter(asked_at__lt=timezone.now() - _KEPT_FOR).delete()
    return known(wanted)


def known(addresses: Iterable[str]) -> dict[str, Probe]:
    """The last answers, at most two weeks old; what was never asked is absent. Asks nobody."""
    wanted = list(dict.fromkeys(addresses))
    rows = _rows(wanted)
    return {address: Probe(**rows[digest].facts) for address in wanted if (digest := _digest(address)) in rows}


def _rows(addresses: Iterable[str]) -> dict[str, Answer]:
    digests = [_digest(address) for address in addresses]
    return {row.digest: row for row in Answer.objects.filter(digest__in=digests)}


def _is_fresh(row: Answer | None) -> bool:
    if row is None:
        return False
    good_for = _GOOD_FOR if row.facts["status"] in _FINE else _BAD_FOR
    return timezone.now() - row.asked_at < good_for


def _digest(address: str) -> str:
    return hashlib.sha256(address.encode(errors="replace")).hexdigest()
