"""The canary: a random share of each mailbox provider's readers goes first and is watched, before the rest follows.

Batches of wave 0 hold the share, those of wave 1 the rest; an edition's `open_wave` says which may be claimed. Nothing
is remembered but that number: each tick looks at the rows again, so a tick that died or came twice does no harm.
"""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.db.models import Max, QuerySet, Sum
from django.db.models.functions import Now

from newsletter import clock, config
from newsletter.config import Config
from newsletter.deliveries import breaker, slowdown
from newsletter.deliveries.models import UNFINISHED, Batch
from newsletter.editions.models import Edition
from newsletter.errors import Refused
from newsletter.newsletters import audit
from newsletter.newsletters.models import Staff

# So many readers that hardly ever fewer than 200 are drawn (it is a draw, 250 ± 16), from which the breaker can judge.
LEAST = 250
MOST = 0.5  # a larger share would be no sample any more
EVERYBODY = 1  # the wave that is open when nothing is held back
TOO_FEW = f"the list has fewer than {int(LEAST / MOST)} readers"


def has_evidence(settings: Config) -> bool:
    """Whether bounces and complaints reach us within minutes: without them there is nothing to watch."""
    if settings.transport == "smtp":
        return bool(settings.bounce_address and settings.bounce_mailbox_url)
    return settings.transport == "sendgrid" and bool(settings.sendgrid_webhook_public_key)


def why_off(edition: Edition) -> str:
    """Why an edition of any size has no canary, in plain words, or ""."""
    if edition.kind == Edition.Kind.CORRECTION:
        return "a correction goes to all at once"
    if not edition.newsletter.canary_share:
        return "it is switched off for this newsletter"
    if not has_evidence(config.current()):
        return (
            "nothing reports bounces and complaints (SendGrid does, once its webhook's public key is set; a mail"
            " server, once its bounces are read)"
        )
    return ""


def share(edition: Edition, readers: Callable[[], int]) -> float:
    """The share of the readers that goes first, 0.0 for none. They are counted only if there may be one."""
    if why_off(edition):
        return 0.0
    wanted = max(edition.newsletter.canary_share, LEAST / max(readers(), 1))
    return wanted if wanted <= MOST else 0.0


def open_due() -> int:
    """Let the rest follow wherever the first share was watched long enough and went well. Returns how many editions.

    A share of which too much is unknown has shown nothing: then a person decides, and evidence had its time.
    """
    watched = Edition.objects.filter(status=Edition.Status.SENDING, open_wave=0).select_related("newsletter")
    through = [edition for edition in watched if _is_through(edition)]
    reasons = [breaker.why_unsure(breaker.results_of(edition)) for edition in through]
    for edition, reason in zip(through, reasons, strict=True):
        if reason:
            breaker.stop(edition, f"the first share was watched, and {reason}")
    return sum(_open(edition) for edition, reason in zip(through, reasons, strict=True) if not reason)


@transaction.atomic
def release(edition: Edition, staff: Staff | None) -> None:
    """A person lets the rest follow now. Raises Refused when nothing is held back."""
    held_back = Edition.objects.filter(pk=edition.pk, open_wave=0)
    if not held_back.filter(status__in=["sending", "paused"]).update(open_wave=EVERYBODY):
        raise Refused(f"Edition {edition.pk} holds no readers back.", hint=f"newsletter edition audit {edition.pk}")
    audit.record(staff, "release", f"edition {edition.pk}")


def told(edition: Edition) -> str:
    """How the canary stands, in plain words."""
    if edition.audience_until is None:
        return _told_before(edition)
    if not edition.canary_share:
        small = TOO_FEW if edition.planned < LEAST / MOST else "it was so when the plan was made"
        return f"No share goes first: {why_off(edition) or small}."
    copies = _first(edition).aggregate(copies=Sum("size"))["copies"] or 0
    first = f"the first {edition.canary_share:.0%} ({copies:,} copies)".replace("%", " %")
    if edition.open_wave or edition.status == Edition.Status.CANCELLED:
        then = "then the rest" if edition.open_wave else "and the rest never followed"
        return f"{first.capitalize()} went ahead, {then}."
    if edition.status == Edition.Status.PAUSED:
        return f"Paused at {first}; when it goes on, they are watched anew before the rest follows."
    until = watched_until(edition)
    if until is None:
        watch = clock.duration(edition.newsletter.canary_watch.total_seconds())
        return f"Sending {first}; they are watched for {watch} before the rest follows."
    return f"Watching {first} until {until:%H:%M} UTC."


def watched_until(edition: Edition) -> datetime | None:
    """When the watch ends, None while copies of the share are still to go out. A person who resumes begins it anew."""
    if _unfinished(edition).exists():
        return None
    last: datetime | None = _first(edition).aggregate(last=Max("finished_at"))["last"]
    begun = [moment for moment in (last, edition.resumed_at) if moment is not None]
    return max(begun) + edition.newsletter.canary_watch if begun else edition.started_at


def _told_before(edition: Edition) -> str:
    if why := why_off(edition):
        return f"No share will go first: {why}."
    newsletter = edition.newsletter
    watch = clock.duration(newsletter.canary_watch.total_seconds())
    return f"The first {newsletter.canary_share:.0%}".replace("%", " %") + (
        f" ({LEAST} copies at least) will be watched for {watch} before the rest follows; not if {TOO_FEW}."
    )


def _is_through(edition: Edition) -> bool:
    if _unfinished(edition).exists() or breaker.why_stop(breaker.results_of(edition)):
        return False
    watch = edition.newsletter.canary_watch
    if Edition.objects.filter(pk=edition.pk, resumed_at__gt=Now() - watch).exists():
        return False
    return not _first(edition).filter(finished_at__gt=Now() - watch).exists()


def _open(edition: Edition) -> bool:
    with transaction.atomic():
        sending = Edition.objects.filter(pk=edition.pk, status=Edition.Status.SENDING, open_wave=0)
        if not sending.filter(resumed_at=edition.resumed_at).update(open_wave=EVERYBODY):
            return False  # somebody paused it, or was faster
        audit.record(None, "release", f"edition {edition.pk}")
    return True


def _first(edition: Edition) -> QuerySet[Batch]:
    return Batch.objects.filter(edition=edition, wave=0)


def _unfinished(edition: Edition) -> QuerySet[Batch]:
    """What of the share is still to go out. A provider that blocks us does not keep the others waiting."""
    resting = slowdown.resting(config.current().transport)
    return _first(edition).filter(status__in=UNFINISHED).exclude(mailbox__in=list(resting))
