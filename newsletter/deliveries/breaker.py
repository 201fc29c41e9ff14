"""The circuit breaker: a send that goes badly is paused, with the reason, before it does more harm.

It looks at what is known of an edition since a person last let it go on, so that resuming is a decision and not a
loop. Thresholds are those at which mailbox providers begin to act (Amazon reviews at 5 % bounces; Google and Yahoo ask
for less than 0.1 % complaints). Answers that get lost are no reader's fault, but each costs a person a decision: during
an outage the rest had better wait.
"""

from dataclasses import dataclass
from itertools import takewhile

from django.db import transaction
from django.db.models import Count, Q, Sum
from django.db.models.functions import Now

from newsletter.deliveries import telling
from newsletter.deliveries.models import Attempt, Batch
from newsletter.editions import approve
from newsletter.editions.models import Edition
from newsletter.errors import Refused
from newsletter.subscribers.mailboxes import Mailbox

ENOUGH = 200  # results before any share means something
WORST_BLOCKED = 0.05
WORST_REFUSED = 0.05
WORST_BOUNCED = 0.05
WORST_COMPLAINED = 0.001
WORST_UNKNOWN = 0.05
LOST_BATCHES = 3  # at least, with unknown copies: the death of a worker or two says nothing
LOST_IN_A_ROW = 3  # batches that the transport left open as a whole: late in a large edition no share tells soon
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
    rejected and of bounced. `lost` batches have unknown copies; the last `in_a_row` were left open by the transport.
    """

    accepted: int
    rejected: int = 0
    bounced: int = 0
    blocked: int = 0
    complained: int = 0
    heard: int = 0
    unknown: int = 0
    lost: int = 0
    in_a_row: int = 0

    @property
    def known(self) -> int:
        return self.accepted + self.rejected

    @property
    def mostly_known(self) -> bool:
        return self.unknown <= WORST_UNKNOWN * (self.known + self.unknown)


def why_stop(results: Results, enough: int | None = None) -> str:
    """Why a send with these results should stop, in plain words, or "". `enough` results tell; ENOUGH if not given."""
    if results.in_a_row >= LOST_IN_A_ROW:
        return f"The last {results.in_a_row} batches got no answer that tells whether they were taken."
    if results.lost >= LOST_BATCHES and not results.mostly_known:
        return _many_unknown(results)
    return _why_unwelcome(results, ENOUGH if enough is None else enough)


def why_unsure(results: Results) -> str:
    """Why these results, however good, say nothing about the readers still to come; in plain words, or ""."""
    if not results.unknown or (results.known >= ENOUGH and results.mostly_known):
        return ""
    return _many_unknown(results)


def _many_unknown(results: Results) -> str:
    offered = results.known + results.unknown
    return f"{_share(results.unknown, offered)} of {offered:,} copies are unknown: nobody can tell if they were taken."


def _why_unwelcome(results: Results, enough: int) -> str:
    known = results.known
    if known < enough:
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


def watch(only: int | None = None) -> int:
    """Pause every sending edition that goes badly, or this `only` one; returns how many."""
    sending = Edition.objects.filter(status=Edition.Status.SENDING)
    editions = sending if only is None else sending.filter(pk=only)
    reasons = [(edition, why_stop(results_of(edition))) for edition in editions]
    return sum(stop(edition, reason) for edition, reason in reasons if reason)


def results_of(edition: Edition) -> Results:
    """What came of the batches that ended since the edition was last resumed."""
    since = Q(finished_at__gt=edition.resumed_at) if edition.resumed_at else Q()
    reports = Q(mailbox__in=sorted(REPORTS_COMPLAINTS))
    heard = Sum("accepted", filter=reports, default=0)
    complained = Sum("complained", filter=reports, default=0)
    # In this order: after the sums `accepted` and `unknown` are no columns any more.
    before = {"heard": heard, "complained": complained, "lost": Count("pk", filter=Q(unknown__gt=0))}
    sums = {name: Sum(name, default=0) for name in ("accepted", "rejected", "unknown", "bounced", "blocked")}
    found = Batch.objects.filter(since, edition=edition).aggregate(**before, **sums)
    return Results(**found, in_a_row=_in_a_row(edition) if found["lost"] >= LOST_IN_A_ROW else 0)


def _in_a_row(edition: Edition) -> int:
    """How many answered attempts, back from the last, left every copy open; a few at most."""
    answered = Attempt.objects.filter(batch__edition=edition, finished_at__isnull=False)
    if edition.resumed_at:
        answered = answered.filter(started_at__gt=edition.resumed_at)
    last = answered.order_by("-pk").values_list("outcome", "batch__unknown")[:LOST_IN_A_ROW]
    return sum(1 for _ in takewhile(lambda each: each[0] == "unknown" and each[1], last))


def stop(edition: Edition, reason: str) -> bool:
    """Pause it and tell staff; False if somebody was faster."""
    try:
        with transaction.atomic():
            approve.pause(edition, None, f"Stopped by the breaker: {reason}")
            Edition.objects.filter(pk=edition.pk).update(tripped_at=Now())
            telling.stopped(edition, reason)
    except Refused:
        return False
    return True


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %"
