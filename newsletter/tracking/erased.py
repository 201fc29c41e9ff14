"""Who was erased, remembered outside the database, so that a restored backup does not bring them back.

Each machine keeps a file in its data directory: one line an erasure, with the address's keyed hash and the moment; no
address. Every minute a worker adds what other machines erased, and erases again whom the database has from before. The
same happens when a backup is restored, after migrating, and by `newsletter unlock`.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from django.db.models import Max

from newsletter.subscribers import suppression
from newsletter.subscribers.models import Subscriber
from newsletter.tracking import erase, erase_log
from newsletter.tracking.models import Erasure

LOOK_BACK = timedelta(days=1)  # another machine's clock may be behind, and its transaction long
CHUNK = 1000


def keep() -> int:
    """Write down what the database knows and the file does not, and erase again whom a restored database brought back.

    Returns how many were erased again. Doing it twice, or on many machines at once, is harmless.
    """
    noted = erase_log.read()
    _mirror(noted)
    return sum(_again(part) for part in _parts(noted))


def _mirror(noted: dict[str, datetime]) -> None:
    newest = max(noted.values(), default=None)
    known = Erasure.objects.exclude(address_key="").order_by("id")
    if newest is not None:
        known = known.filter(created_at__gt=newest - LOOK_BACK)
    missing = {
        key: at for key, at in known.values_list("address_key", "created_at") if key not in noted or at > noted[key]
    }
    if missing:
        erase_log.append(missing)
        noted.update(missing)


def _again(noted: dict[str, datetime]) -> int:
    """Erase those of whom nothing is known since: whoever came back by a new sign-up, or has the address now, stays."""
    held = Subscriber.objects.filter(address_key__in=list(noted), email__isnull=False)
    latest = held.annotate(latest=Max("subscriptions__consents__at"))
    stale = [each for each in latest if max(filter(None, (each.created_at, each.latest))) <= noted[each.address_key]]
    for each in stale:
        erase.erase(each, now=noted[each.address_key], again=True)
    present = {each.address_key for each in latest}
    _bar([key for key in noted if key not in present])
    return len(stale)


def _bar(keys: list[str]) -> None:
    """Whoever is neither reader nor suppressed must not come in by a file, unless they signed up again and moved on."""
    known = set(Erasure.objects.filter(address_key__in=keys).values_list("address_key", flat=True))
    lost = [key for key in keys if key not in known]
    suppression.forget(lost)
    Erasure.objects.bulk_create([Erasure(address_key=key, status=Erasure.Status.NONE) for key in lost])


def _parts(noted: dict[str, datetime]) -> Iterator[dict[str, datetime]]:
    items = iter(noted.items())
    while part := dict(islice(items, CHUNK)):
        yield part
