"""Sending one batch: claim, write the intent, drop who left, hand over once, record under the fence.

The attempt is committed before the first byte. Whatever dies after that leaves an attempt without an outcome, and
sweep.py turns it into `unknown`: never sent again by guess.
"""

import logging
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F
from django.utils import timezone

from newsletter import clock, config, faults, links, signing
from newsletter.deliveries import claim, record, rows, verp
from newsletter.deliveries.guard import OPEN, Open
from newsletter.deliveries.models import Attempt, Batch, Delivery
from newsletter.deliveries.move import move
from newsletter.editions.models import Edition, Rendering
from newsletter.idn import ascii_domain
from newsletter.mail import dkim, slots
from newsletter.subscribers import by_mail, tokens
from newsletter.subscribers.models import Subscription
from newsletter.transports import merge
from newsletter.transports.base import Mailing, Outcome, Reader, Rejected, Transport

log = logging.getLogger(__name__)
Status = Batch.Status
# In the order of Copy. By hand, because putting it together took Django longer than PostgreSQL took to answer it.
# Subqueries, because the table of copies grows too fast for the planner's idea of it.
_COPIES = """
SELECT copy.id, per.email, per.name,
       (SELECT public_id FROM newsletter_subscription WHERE newsletter_id = %s AND subscriber_id = per.id),
       (SELECT status FROM newsletter_subscription WHERE newsletter_id = %s AND subscriber_id = per.id),
       (SELECT reason FROM newsletter_suppression sup WHERE sup.address_key = per.address_key),
       CASE WHEN copy.address_key <> per.address_key THEN per.address_key ELSE '' END,
       (SELECT 1 FROM newsletter_subscription sub JOIN newsletter_newsletter let ON let.id = sub.newsletter_id
         WHERE let.id = %s AND sub.subscriber_id = per.id AND sub.counted_since IS NOT NULL AND let.links = 'personal')
  FROM newsletter_delivery copy JOIN newsletter_subscriber per ON per.id = copy.subscriber_id
 WHERE copy.batch_id = %s AND copy.status = %s ORDER BY copy.id
"""

_BEGIN = """
UPDATE newsletter_batch SET status = 'sending'
 WHERE id = %s AND status = 'claimed' AND fence = %s AND lease_until > {later}
"""

_ATTEMPT = """
INSERT INTO newsletter_attempt (batch_id, number, fence, transport, started_at, outcome, provider_id, detail)
SELECT %s, %s, %s, %s, CURRENT_TIMESTAMP, '', '', '' FROM newsletter_edition WHERE id = %s AND status = 'sending'
RETURNING id
"""


class Copy(NamedTuple):
    """One delivery of a batch, with what decides whether it may still go."""

    delivery_id: int
    address: str | None
    name: str
    token_id: int | None
    subscription: str | None
    suppressed: str | None
    moved_to: str = ""  # the key of the address that the reader has taken since planning
    counted: int | None = None  # 1: the newsletter counts by reader, and this one agreed to it

    @property
    def skip_reason(self) -> str:
        """Why it must not go, or empty."""
        if self.address is None:
            return "erased"
        if self.suppressed:
            return f"suppressed: {self.suppressed}"
        return "" if self.subscription == Subscription.Status.ACTIVE else self.subscription or "no subscription"


def send_next(transport: Transport, guard: Open = OPEN) -> bool:
    """Claim and send one batch; True if there was one. Without permission nothing is claimed. Raises ConfigError."""
    dkim.current()  # what is wrong with the key is told before anything is claimed
    started = clock.ticking()  # before the lease begins
    batch = claim.next_batch(transport, guard)
    if batch is None:
        return False
    begun = clock.ticking()
    faults.point("send.claimed")
    attempt, readers = intend(batch, transport.name)
    guard.unused(transport, batch, batch.left - len(readers))
    if attempt is None:
        return True
    faults.point("send.intended")
    guard.note(attempt)
    if clock.ticking() - started > settings.LEASE.total_seconds() - config.current().hand_over_deadline:
        log.warning("batch %s: frozen until its lease had ended or would; nothing is handed over", batch.pk)
        outcomes = _not_now(readers)  # under the fence: the sweep, or a person, may have decided meanwhile
    else:
        outcomes = _hand_over_or_stop(transport, batch, attempt, readers) if readers else []
    faults.point("send.handed_over")
    record.record(batch, attempt, outcomes, until=started + config.current().task_limit)
    _tell(batch, attempt, len(readers), clock.ticking() - begun)
    return True


def _tell(batch: Batch, attempt: Attempt, readers: int, seconds: float) -> None:
    """A line for the batch, never one for each copy."""
    facts = {"batch": batch.pk, "edition": batch.edition_id, "attempt": attempt.number, "readers": readers}
    log.info(
        "batch %(batch)s of edition %(edition)s: attempt %(attempt)s handed %(readers)s readers"
        f" to {attempt.transport} in {seconds:.2f} s",
        facts,
        extra={**facts, "seconds": round(seconds, 3)},
    )


def _not_now(readers: Sequence[Reader]) -> Sequence[Outcome]:
    return [Rejected(reader.delivery_id, "The worker froze before it began.", timezone.now()) for reader in readers]


def _hand_over_or_stop(
    transport: Transport, batch: Batch, attempt: Attempt, readers: Sequence[Reader]
) -> Sequence[Outcome]:
    """Offer the batch, once. A bug would make batch after batch unknown: it pauses the edition, and is raised."""
    try:
        return _hand_over(transport, _mailing(batch, attempt), readers)
    except (OperationalError, InterfaceError):
        raise  # the database is away: no bug, and no pause could be written down
    except Exception as error:
        # Only its name: its words may hold an address.
        fault = f"A fault of the program ({type(error).__name__})"
        record.stop(batch, f"{fault} while batch {batch.pk} was handed over; the worker's log has the rest.")
        raise


def _hand_over(transport: Transport, mailing: Mailing, readers: Sequence[Reader]) -> Sequence[Outcome]:
    """Offer the batch, once. Raises RuntimeError for a transport that forgets a reader or answers twice for one."""
    outcomes = transport.hand_over(mailing, readers)
    if Counter(outcome.delivery_id for outcome in outcomes) != Counter(reader.delivery_id for reader in readers):
        raise RuntimeError(f"{transport.name} did not answer for each reader of batch {mailing.batch} once")
    return outcomes


def intend(batch: Batch, transport: str) -> tuple[Attempt | None, list[Reader]]:
    """Write down that the batch is being handed over, and to whom. None if the claim is lost or the edition paused.

    A claim is as good as lost when its lease might end before a hand-over does.
    """
    attempt = _commit_intent(batch, transport)
    return attempt, _going(batch) if attempt else []


@transaction.atomic
def _commit_intent(batch: Batch, transport: str) -> Attempt | None:
    # No join: PostgreSQL would look the guard up in the row as it was before a sweep that we waited for.
    claimed = _BEGIN.format(later=rows.later())
    if not rows.changed(claimed, batch.pk, batch.fence, config.current().hand_over_deadline):
        return None
    attempt = _write_down(batch, transport)
    if attempt is None:
        Batch.objects.filter(pk=batch.pk).update(status=Status.PENDING, lease_until=None)
        return None
    move(batch, Delivery.Status.PENDING, Delivery.Status.SENDING)
    return attempt


def _going(batch: Batch) -> list[Reader]:
    """To whom it goes, looked up once the attempt is committed: whoever left before that is skipped.

    In the attempt's own transaction a departure that is committed before it, but after the look, would be missed.
    """
    copies = copies_of(batch, Delivery.Status.SENDING)
    if any(copy.skip_reason or copy.moved_to for copy in copies):
        _set_apart(batch, copies)
    return [_reader(batch.edition, copy) for copy in copies if not copy.skip_reason]


def _write_down(batch: Batch, transport: str) -> Attempt | None:
    """The next attempt at a batch; None when its edition is no longer being sent."""
    tried = batch.attempts.count() if batch.fence > 1 else 0  # whoever claims it first is the first to try
    attempt = Attempt(batch=batch, number=tried + 1, fence=batch.fence, transport=transport)
    with rows.cursor() as cursor:
        cursor.execute(_ATTEMPT, [batch.pk, attempt.number, attempt.fence, transport, batch.edition_id])
        row = cursor.fetchone()
    attempt.pk = row[0] if row else None
    return attempt if row else None


def copies_of(batch: Batch, status: Delivery.Status) -> list[Copy]:
    """One query for the whole batch."""
    with rows.cursor() as cursor:
        cursor.execute(_COPIES, [batch.edition.newsletter_id] * 3 + [batch.pk, status.value])
        return [Copy(*row) for row in cursor.fetchall()]


@transaction.atomic
def _set_apart(batch: Batch, copies: Sequence[Copy]) -> None:
    """Skip who must not get it, and note who gets it elsewhere. A sweep that was faster leaves nothing to skip."""
    Batch.objects.select_for_update().get(pk=batch.pk)  # all who move copies lock the batch first
    by_reason: dict[str, list[int]] = {}
    for copy in copies:
        if copy.skip_reason:
            by_reason.setdefault(copy.skip_reason, []).append(copy.delivery_id)
        elif copy.moved_to:
            Delivery.objects.filter(pk=copy.delivery_id).update(address_key=copy.moved_to)
    for reason, ids in by_reason.items():
        sending = Delivery.objects.filter(pk__in=ids, batch=batch, status=Delivery.Status.SENDING)
        count = sending.update(status=Delivery.Status.SKIPPED, reason=reason, updated_at=timezone.now())
        Batch.objects.filter(pk=batch.pk).update(skipped=F("skipped") + count)


def _reader(edition: Edition, copy: Copy) -> Reader:
    address = copy.address or ""
    token = tokens.token_for(copy.token_id or 0)
    local, _, domain = address.rpartition("@")
    return Reader(
        delivery_id=copy.delivery_id,
        address=f"{local}@{ascii_domain(domain)}",
        name=copy.name,
        reference=f"{edition.public}.{copy.delivery_id}",
        slots={
            **merge.slots_for(token, copy.name, *_personal(edition, copy, token)),
            "LEAVE": by_mail.letters_of(token) if config.current().bounce_address else "",
        },
    )


def _personal(edition: Edition, copy: Copy, token: str) -> tuple[str, str]:
    """What stands in counted links, and the picture that tells of opening: the reader's, if they agreed to it."""
    if not copy.counted:
        return "0", ""
    address = links.opened(signing.link_for(edition.public_id, 0), token)
    return token, f'<img src="{address}" width="1" height="1" alt="">'


def _mailing(batch: Batch, attempt: Attempt) -> merge.BatchMailing:
    signer, now = dkim.current(), timezone.now()
    return merge.BatchMailing(
        _frozen_content(batch.rendering_id, batch.edition.content_hash, by_mail.address_with_slot(now)),
        batch.public,
        attempt.number,
        now,
        sign=signer.sign if signer else None,
        bounces_to=verp.address_for,
    )


@lru_cache(maxsize=16)  # an edition may have several renderings; reading one for each batch took a third of the time
def _frozen_content(rendering_id: int, _content_hash: str, leave_at: str) -> merge.Content:
    return content_of(Rendering.objects.select_related("edition").get(pk=rendering_id), leave_at)


def content_of(rendering: Rendering, leave_at: str = "") -> merge.Content:
    """What every reader of a rendering gets alike, from what was frozen. `leave_at`: see by_mail.address_with_slot."""
    publication = (rendering.edition.snapshot or {})["newsletter"]
    return merge.Content(
        sender=(publication["sender_name"], publication["sender_email"]),
        reply_to=publication["reply_to"],
        subject=rendering.subject,
        html=rendering.html,
        text=rendering.text,
        headers=headers(rendering.edition, publication["slug"], ways_out(leave_at)),
    )


def headers(edition: Edition, newsletter: str, ways: str) -> tuple[tuple[str, str], ...]:
    """What stands in the head of every copy beside sender and subject; `newsletter` is its slug, see `ways_out`."""
    return (
        ("List-Id", f"<{newsletter}.{links.host()}>"),
        ("List-Unsubscribe", ways),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),  # RFC 8058
        ("List-Post", "NO"),
        ("Auto-Submitted", "auto-generated"),  # RFC 3834
        ("Feedback-ID", _feedback_id(edition, newsletter)),
    )


def ways_out(leave_at: str = "") -> str:
    """RFC 2369: the way preferred by us comes first, and it is the one that RFC 8058 clients post to."""
    page = f"<{links.unsubscribe(slots.TOKEN)}>"
    return f"{page}, <mailto:{leave_at}?subject=unsubscribe>" if leave_at else page


def _feedback_id(edition: Edition, newsletter: str) -> str:
    """What Gmail counts complaints by, from the finest to the sender: https://support.google.com/mail/answer/6254652."""
    return f"{edition.public}:{newsletter}:{edition.kind}:{links.sender_id()}"
