"""The circuit breaker: a send that goes badly is paused, with the reason, before it does more harm.

It looks at what is known of an edition since a person last let it go on, so that resuming is a decision and not a
loop. Thresholds are those at which mailbox providers begin to act (Amazon reviews at 5 % bounces; Google and Yahoo ask
for less than 0.1 % complaints).
"""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, Sum
from django.db.models.functions import Now

from newsletter.deliveries import telling
from newsletter.deliveries.models import Batch
from newsletter.editions import approve
from newsletter.editions.models import Edition
from newsletter.errors import Refused
from newsletter.subscribers.mailboxes import Mailbox

ENOUGH = 200  # results before any share means something
WORST_BLOCKED = 0.05
WORST_REFUSED = 0.05
WORST_BOUNCED = 0.05
WORST_COMPLAINED = 0.001
ONE_COMPLAINT = 1  # of a few hundred readers is no rate yet

# Who tells a sender of every single complaint; a rate over the others would look better than it is.
# Yahoo and AOL: senders.yahooinc.com/complaint-feedback-loop. Outlook.com: the Junk Mail Reporting Program,
# sendersupport.olc.protection.outlook.com/snds. Gmail reports shares by Feedback-ID, to Postmaster Tools only
# (support.google.com/a/answer/6254652), and iCloud nothing (support.apple.com/102322). Of the others some do.
REPORTS_COMPLAINTS = frozenset({Mailbox.YAHOO, Mailbox.OUTLOOK, Mailbox.OTHER})


@dataclass(frozen=True)
class Results:
    """Readers by what became of their copy, as far as it is known.

    `complained` is of the `heard`, who are accepted at a provider that reports complaints; `blocked` is a part of
    rejected and of bounced.
    """

    accepted: int
    rejected: int = 0
    bounced: int = 0
    blocked: int = 0
    complained: int = 0
    heard: int = 0


def why_stop(results: Results) -> str:
    """Why a send with these results should stop, in plain words, or ""."""
    known = results.accepted + results.rejected
    if known < ENOUGH:
        return ""
    if results.blocked > WORST_BLOCKED * known:
        return f"{_share(results.blocked, known)} of {known:,} copies were blocked for who sends or what is sent."
    if results.rejected > WORST_REFUSED * known:
        return f"{_share(results.rejected, known)} of {known:,} copies were refused."
    if results.bounced > WORST_BOUNCED * results.accepted:
        return f"{_share(results.bounced, results.accepted)} of {results.accepted:,} accepted copies bounced."
    if results.complained > max(ONE_COMPLAINT, WORST_COMPLAINED * results.heard):
        return f"{results.complained} of {results.heard:,} readers complained."
    return ""


def watch() -> int:
    """Pause every sending edition that goes badly; returns how many."""
    return sum(_stop(edition) for edition in Edition.objects.filter(status=Edition.Status.SENDING))


def results_of(edition: Edition) -> Results:
    """One query over the batches that ended since the edition was last resumed."""
    since = Q(finished_at__gt=edition.resumed_at) if edition.resumed_at else Q()
    reports = Q(mailbox__in=sorted(REPORTS_COMPLAINTS))
    heard = Sum("accepted", filter=reports, default=0)  # before `accepted` names a sum and no column any more
    complained = Sum("complained", filter=reports, default=0)
    sums = {name: Sum(name, default=0) for name in ("accepted", "rejected", "bounced", "blocked")}
    return Results(**Batch.objects.filter(since, edition=edition).aggregate(heard=heard, complained=complained, **sums))


def _stop(edition: Edition) -> bool:
    reason = why_stop(results_of(edition))
    if not reason:
        return False
    try:
        with transaction.atomic():
            approve.pause(edition, None, f"Stopped by the breaker: {reason}")
            Edition.objects.filter(pk=edition.pk).update(tripped_at=Now())
            telling.stopped(edition, reason)
    except Refused:
        return False  # somebody was faster
    return True


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %"
