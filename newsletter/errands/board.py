"""The board that errands are pinned to: asked for by the desk, claimed by workers, told about while they last.

A worker that dies leaves its errand to another once its lease has ended, so each kind has to bear being begun again.
"""

import hashlib
import json
import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from newsletter.errands.models import Errand
from newsletter.errors import NewsletterError
from newsletter.newsletters.models import Staff

log = logging.getLogger(__name__)
MOST_TRIES = 3
TOLD_FOR = timedelta(minutes=10)  # that a page tells what became of an errand
KEPT_FOR = timedelta(days=30)
LOOK_AHEAD = 8
Status = Errand.Status


class Told(NamedTuple):
    """What became of an errand: in a sentence, and as facts."""

    said: str
    result: Mapping[str, Any] = {}


Doing = Callable[[Errand], Told | None]
"""How one kind is done. None: it got on, and goes on at the next bell."""


def ask(kind: str, place: str, staff: Staff | None, /, **asked: Any) -> Errand:
    """Pin an errand to the board, or find the open one that is the same: pressed twice, it is done once."""
    wish = json.dumps([kind, place, asked], sort_keys=True)
    values = {"kind": kind, "place": place, "asked": asked, "staff": staff}
    key = hashlib.sha256(wish.encode(errors="replace")).hexdigest()
    return Errand.objects.get_or_create(key=key, finished_at=None, defaults=values)[0]


def told(place: str) -> list[Errand]:
    """Those of a place that are open or ended a few minutes ago, the newest first."""
    recent = Q(finished_at=None) | Q(finished_at__gt=timezone.now() - TOLD_FOR)
    return list(Errand.objects.filter(recent, place=place).order_by("-pk")[:LOOK_AHEAD])


def newest(kind: str) -> Errand | None:
    """The newest of a kind that was done."""
    return Errand.objects.filter(kind=kind, status=Status.DONE).order_by("-pk").first()


def waiting(limit: int) -> int:
    """How many could be begun now, counted up to `limit`."""
    return _free()[:limit].count()


def do_next(kinds: Mapping[str, Doing]) -> bool:
    """Do one errand, or a part of it; True if there was one."""
    for errand in _free().select_related("staff").order_by("pk")[:LOOK_AHEAD]:
        if _claim(errand):
            _do(errand, kinds)
            return True
    return False


def tell(errand: Errand, said: str, done: int = 0, of: int = 0) -> None:
    """Say what is being done and how far it is; whoever does it keeps it for another lease."""
    _mine(errand).update(said=said[:300], steps_done=done, steps=of, lease_until=Now() + settings.LEASE)


def tidy() -> None:
    """Forget what ended long ago."""
    Errand.objects.filter(finished_at__lt=timezone.now() - KEPT_FOR).delete()


def _free() -> QuerySet[Errand]:
    return Errand.objects.filter(Q(status=Status.WAITING) | Q(status=Status.RUNNING, lease_until__lt=Now()))


def _claim(errand: Errand) -> bool:
    mine = Errand.objects.filter(pk=errand.pk, fence=errand.fence, finished_at=None)
    errand.fence, errand.tries = errand.fence + 1, errand.tries + 1
    begun = {"status": Status.RUNNING, "fence": errand.fence, "tries": errand.tries}
    return bool(mine.update(**begun, lease_until=Now() + settings.LEASE))


def _do(errand: Errand, kinds: Mapping[str, Doing]) -> None:
    try:
        became = (kinds[errand.kind] if errand.tries <= MOST_TRIES else _give_up)(errand)
    except NewsletterError as error:
        _end(errand, Status.FAILED, Told(str(error)))
    except Exception:  # whatever is wrong with one errand, those behind it must not wait for it
        log.exception("errand %s (%s) failed", errand.pk, errand.kind)
        _end(errand, Status.FAILED, Told("A fault of ours; the worker's log says where."))
    else:
        if became is None:
            _mine(errand).update(status=Status.WAITING, tries=0, lease_until=None, fence=F("fence") + 1)
        else:
            _end(errand, Status.DONE, became)


def _give_up(_errand: Errand) -> None:
    raise NewsletterError("Given up: each worker that began it died on the way.")


def _end(errand: Errand, status: Errand.Status, became: Told) -> None:
    ended = {"status": status, "said": became.said[:300], "result": dict(became.result)}
    if not _mine(errand).update(**ended, lease_until=None, finished_at=timezone.now()):
        log.warning("errand %s: done after its lease had ended", errand.pk)


def _mine(errand: Errand) -> QuerySet[Errand]:
    return Errand.objects.filter(pk=errand.pk, fence=errand.fence, status=Status.RUNNING)
