"""The bounce mailbox that the settings name, read by whichever worker holds its lease.

How far it was read is kept message by message, so a worker that dies repeats at most one, which is known by then. One
message that breaks never keeps the next from being read; a database that is away does, and then nothing is lost.
"""

import hashlib
import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from newsletter import config
from newsletter.errors import NewsletterError
from newsletter.numbers import counted
from newsletter.subscribers import by_mail
from newsletter.tracking import imap, maildir, returned, tally
from newsletter.tracking.findings import MORNING, Finding
from newsletter.tracking.models import Postbox, ReturnedMail
from newsletter.tracking.returned import Outcome, Taken

LEASE = timedelta(minutes=5)
AT_ONCE = 200  # messages in one look: they take seconds, the lease is minutes
UNREAD_FOR = timedelta(hours=1)
Took = Callable[[str, Taken], None]

log = logging.getLogger(__name__)
# What people wrote stays in new/: this process need not read it again with every look.
_staying: set[str] = set()


def look() -> int:
    """Read what is new in the mailbox of the settings; returns how many messages, 0 also where there is none.

    What goes wrong is kept for the watchdog, and the next look tries again.
    """
    url = config.current().bounce_mailbox_url
    box = _claim(url) if url else None
    if box is None:
        return 0
    try:
        number = _read(url, box)
    except NewsletterError as error:
        log.warning("%s", error)
        _free(box, fault=str(error))
        return 0
    now = timezone.now()
    by_mail.mailbox_was_read(now)
    _free(box, read_at=now)
    return number


def read_folder(folder: Path, took: Took = lambda _name, _taken: None) -> int:
    """Act on each message of a Maildir; those of people stay where they are. Returns how many were read."""
    return _read_files(maildir.messages(folder), took)


def _read_files(paths: Iterable[Path], took: Took, most: int = sys.maxsize) -> int:
    number = 0
    for path in paths:
        if number == most:
            break
        if path.name in _staying and most != sys.maxsize:
            continue
        try:
            taken = returned.take(maildir.content(path))
            if taken.stays:
                _staying.add(path.name)
            else:
                maildir.seen(path, _flag(taken, maildir.SEEN, maildir.FLAGGED))
        except OSError as error:  # gone meanwhile, or not ours to read
            log.warning("%s could not be read: %s", path.name, error.strerror)
            continue
        took(path.name, taken)
        number += not taken.known
    tally.flush()
    return number


def reached(url: str) -> int:
    """How many messages are in a mailbox, which is opened and left as it was. Raises a NewsletterError."""
    if url.startswith("maildir:"):
        return sum(1 for _ in maildir.messages(Path(url.removeprefix("maildir:"))))
    with imap.opened(imap.place_from(url)) as mailbox:
        return len(mailbox.uids(0))


def unread(now: datetime) -> Iterator[Finding]:
    """A mailbox that nobody could read for an hour."""
    if not config.current().bounce_mailbox_url:
        return
    box = Postbox.objects.filter(failing_since__lt=now - UNREAD_FOR).first()
    if box:
        words = f"The bounce mailbox cannot be read: {box.fault}"
        yield Finding("bounces-unread", MORNING, words, "newsletter bounce check")


def quarantined(_now: datetime) -> Iterator[Finding]:
    """Returned mail that nobody could act on."""
    count = ReturnedMail.objects.filter(outcome=Outcome.QUARANTINED).count()
    if count:
        words = f"{counted(count, 'returned mail')} could not be acted on and changed nothing."
        yield Finding("bounces-quarantined", MORNING, words, "newsletter bounce list --quarantined")


def wishes(_now: datetime) -> Iterator[Finding]:
    """Answers that ask to leave, from nobody we know: a reader waits for it."""
    count = ReturnedMail.objects.filter(returned.wishes()).count()
    if count:
        words = f"{counted(count, 'answer asks', 'answers ask')} to leave, and nothing in it proves whose it is."
        yield Finding("wishes-to-leave", MORNING, words, "newsletter bounce list --wishes")


def _read(url: str, box: Postbox) -> int:
    if url.startswith("maildir:"):
        fresh = maildir.messages(Path(url.removeprefix("maildir:")), ["new"])
        return _read_files(fresh, lambda _name, _taken: None, AT_ONCE)
    number = 0
    with imap.opened(imap.place_from(url)) as mailbox:
        if mailbox.uid_validity != box.uid_validity:  # the server numbers anew: what was taken is known by its content
            box.uid_validity, box.last_uid = mailbox.uid_validity, 0
        for uid in mailbox.uids(box.last_uid)[:AT_ONCE]:
            content = mailbox.content(uid)
            if content is not None:
                taken = returned.take(content)
                if not taken.stays:
                    mailbox.mark(uid, _flag(taken, imap.SEEN, imap.FLAGGED))
                number += 1
            box.last_uid = uid
            _write(box, uid_validity=box.uid_validity, last_uid=uid)
    return number


def _flag(taken: Taken, seen: str, flagged: str) -> str:
    return flagged if taken.outcome == Outcome.QUARANTINED else seen


def _claim(url: str) -> Postbox | None:
    """The one row, with its lease; None while another worker has it. Another mailbox is read from its beginning."""
    place = hashlib.sha256(url.encode()).hexdigest()
    Postbox.objects.get_or_create(pk=1, defaults={"place": place})
    free = Postbox.objects.filter(Q(lease_until=None) | Q(lease_until__lt=Now()), pk=1)
    box = free.first()
    if box is None or free.filter(fence=box.fence).update(fence=box.fence + 1, lease_until=Now() + LEASE) != 1:
        return None
    box.fence += 1
    if box.place != place:
        box.place, box.uid_validity, box.last_uid = place, 0, 0
        _write(box, place=place, uid_validity=0, last_uid=0)
    return box


def _write(box: Postbox, **values: object) -> None:
    """What only the holder of the lease may write."""
    Postbox.objects.filter(pk=box.pk, fence=box.fence).update(**values)


def _free(box: Postbox, *, read_at: datetime | None = None, fault: str = "") -> None:
    values: dict[str, object] = {"lease_until": None, "fault": fault[:200]}
    if fault:
        values["failing_since"] = box.failing_since or timezone.now()
    else:
        values |= {"failing_since": None, "read_at": read_at}
    _write(box, **values)
