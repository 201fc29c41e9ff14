"""Whether this is the database that this machine's workers last sent from.

A restored backup, or the copy of another installation, knows less than the world does: what it calls pending may lie in
mailboxes. So every machine keeps a note beside the database, in its data directory: whose database it was, which
generation, and the highest attempt it ever made. When the database knows less than the note, nothing is sent, from any
machine, until a person says `newsletter unlock`.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from newsletter.deliveries import rows
from newsletter.deliveries.models import Attempt, Batch, Delivery
from newsletter.editions.models import Edition
from newsletter.errors import ConfigError, Refused
from newsletter.letters import send as letters
from newsletter.newsletters import audit
from newsletter.newsletters.models import Installation, Staff

LENGTH = 200  # bytes of a note; what it says is never longer


@dataclass(frozen=True)
class Note:
    """What a machine remembers of its database."""

    identity: str
    generation: int
    attempt: int


@dataclass(frozen=True)
class Unlocked:
    """What unlocking did: copies that are unknown now, and editions that are held."""

    unknown: int
    held: int


# By hand, because it is asked before every batch, and putting it together takes Django longer than the answer.
_LOOK = """
SELECT identity, generation, COALESCE((SELECT MAX(id) FROM newsletter_attempt), 0), locked
  FROM newsletter_installation ORDER BY id LIMIT 1
"""


def fault() -> str:
    """Why nothing may be sent from this database, in plain words; "" when it may."""
    return look()[0]


def look() -> tuple[str, Note]:
    """Why nothing may be sent from this database, or ""; and what the database says of itself."""
    kept = _read()  # before the database is asked: what a colleague hands over in between is no doubt
    with rows.cursor() as cursor:
        cursor.execute(_LOOK)
        *known, locked = cursor.fetchone() or ("", 0, 0, "")
    current = Note(*known)
    return locked or _doubtful(kept, current), current


def lock(why: str = "") -> None:
    """Let no machine send from this database until somebody unlocks it, for this reason or for what this one remembers.

    The others may remember less, and what they send would hide from this one what the database has forgotten. Of
    another installation's database this machine can only say that it is none of its business.
    """
    kept, own = _read(), _installation()
    if not why and kept is not None and kept.identity == own.identity:
        why = _doubtful(kept, look()[1])
    if why:
        Installation.objects.filter(pk=own.pk, locked="").update(locked=why)


def _doubtful(kept: Note | None, current: Note) -> str:
    if kept is None or kept.generation < current.generation:
        return ""  # a new machine, or one that somebody unlocked elsewhere
    if kept.identity != current.identity:
        return "This is another installation's database than the one this machine sent from."
    if kept.generation > current.generation or kept.attempt > current.attempt:
        return (
            f"The database is older than what was sent from it: it ends at hand-over {current.attempt},"
            f" this machine remembers {kept.attempt}. Was it restored?"
        )
    return ""


def note(attempt: Attempt, current: Note | None = None) -> None:
    """Remember an attempt before its first byte leaves. `current` is what `look` said before the batch was claimed."""
    own = current if current and current.identity else _installation()
    with _locked(fcntl.LOCK_EX):
        kept = _kept()
        if kept is None or kept.generation < own.generation or attempt.pk > kept.attempt:
            _keep(Note(own.identity, own.generation, attempt.pk))


@transaction.atomic
def unlock(staff: Staff | None, reason: str) -> Unlocked:
    """Let this database send again. What it calls pending becomes unknown, what should have begun is held.

    Raises Refused when nothing is locked.
    """
    why = fault()
    if not why:
        raise Refused("Nothing is locked.")
    unknown = sum(_doubt(batch) for batch in _unfinished())
    letters.doubt()
    held = _hold_started()
    kept = _read()
    own = _installation()
    own.identity = kept.identity if kept is not None else own.identity
    own.generation, own.locked = max(own.generation, kept.generation if kept is not None else 0) + 1, ""
    own.save()
    audit.record(staff, "unlock", "installation", why=why, reason=reason, unknown=unknown, held=held)
    transaction.on_commit(lambda: _write(look()[1]))
    return Unlocked(unknown, held)


def in_doubt() -> Unlocked:
    """What `unlock` would do, counted."""
    copies = Delivery.objects.filter(batch__in=_unfinished(), status=Delivery.Status.PENDING).count()
    return Unlocked(copies, _started().count())


def _unfinished() -> list[Batch]:
    return list(Batch.objects.filter(status__in=[Batch.Status.PENDING, Batch.Status.CLAIMED]))


def _doubt(batch: Batch) -> int:
    pending = batch.deliveries.filter(status=Delivery.Status.PENDING)
    count = pending.update(
        status=Delivery.Status.UNKNOWN,
        reason="it may have gone out before the database was restored",
        updated_at=timezone.now(),
    )
    Batch.objects.filter(pk=batch.pk).update(
        status=Batch.Status.UNKNOWN,
        fence=F("fence") + 1,
        unknown=F("unknown") + count,
        by_hand=True,  # a policy was chosen for answers that get lost, not for this
        lease_until=None,
        finished_at=timezone.now(),
    )
    return count


def _started() -> QuerySet[Edition]:
    late = Edition.objects.filter(status=Edition.Status.SCHEDULED, send_at__lte=timezone.now())
    return late | Edition.objects.filter(status=Edition.Status.PLANNING)


def _hold_started() -> int:
    reason = "It may have gone out before the database was restored. Compare with the provider before you schedule it."
    return int(_started().update(status=Edition.Status.HELD, status_reason=reason))


def _installation() -> Installation:
    return Installation.objects.get_or_create(pk=1)[0]


def _path() -> Path:
    return _paths(settings.DATA_DIR)[0]


@cache
def _paths(folder: str | Path) -> tuple[Path, Path]:
    """Where the note is and what locks it; their folder is there from now on, should a worker need no other."""
    Path(folder).mkdir(parents=True, exist_ok=True, mode=0o700)
    return Path(folder) / "epoch.json", Path(folder) / "epoch.lock"


def _read() -> Note | None:
    with _locked(fcntl.LOCK_SH):
        return _kept()


def _write(noted: Note) -> None:
    with _locked(fcntl.LOCK_EX):
        _keep(noted)


def _kept() -> Note | None:
    """Raises ConfigError for a damaged note: then nobody can tell, so nothing is sent."""
    try:
        return Note(**json.loads(_path().read_bytes()))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise ConfigError(
            f"{_path()} is damaged: this machine no longer knows what it sent last. Nothing is sent.",
            hint="Was the database restored? Then `newsletter db restore` it once more. If not, remove this file.",
        ) from error


def _keep(noted: Note) -> None:
    """In its place, by one write of always the same length, which no kill can cut: a new file takes ten times as long.

    The first is made whole before it gets its name.
    """
    words = json.dumps(asdict(noted)).ljust(LENGTH).encode()
    try:
        file = os.open(_path(), os.O_WRONLY)
    except FileNotFoundError:
        draft = _path().with_suffix(f".{os.getpid()}")
        draft.write_bytes(words)
        draft.replace(_path())
        return
    try:
        os.pwrite(file, words, 0)
    finally:
        os.close(file)


@contextmanager
def _locked(how: int) -> Iterator[None]:
    """Who writes is alone, so that a lower attempt never overwrites a higher one, and nobody reads half a note."""
    file = os.open(_paths(settings.DATA_DIR)[1], os.O_WRONLY | os.O_CREAT, 0o666)
    try:
        fcntl.flock(file, how)
        yield
    finally:
        os.close(file)
