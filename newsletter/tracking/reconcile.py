"""What SendGrid knows and we do not, and the other way round.

Its webhook tries for 24 hours; its suppression lists and logs remember longer. Each night, and when somebody asks, the
lists are read whole and what concerns a reader of ours becomes an event like any other, under the same policy. Entries
about others are not kept, not even as a hash. The logs are asked about unknown batches only, a few readers each.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from newsletter import config
from newsletter.deliveries.models import Attempt, Batch, Delivery
from newsletter.subscribers import addresses
from newsletter.subscribers.models import Release, Subscriber, Suppression
from newsletter.tracking import clerk, store
from newsletter.tracking.events import Cause, Kind, ProviderEvent, Source
from newsletter.tracking.models import Clerk
from newsletter.tracking.sendgrid_events import event_of
from newsletter.transports.sendgrid_state import Entry, SendGridState, state_for

LISTS = {
    "bounces": (Kind.BOUNCE, Cause.HARD),
    "invalid_emails": (Kind.BOUNCE, Cause.HARD),
    "spam_reports": (Kind.COMPLAINT, Cause.NONE),
    "unsubscribes": (Kind.UNSUBSCRIBE, Cause.EVERYTHING),
}
EVERY = timedelta(hours=20)  # nightly, whenever in the night it was the last time
JOB = "sendgrid-lists"
LOG = "sendgrid-log"
ASKED_AT_ONCE = 50  # unknown batches
SAMPLED = 3  # readers of an unknown batch whose mail the log is asked for
BEFORE = timedelta(minutes=10)  # clocks differ
LONGEST_AGE = timedelta(days=30)  # the log keeps no more
Suppressed = Suppression.Reason


@dataclass
class Pulled:
    """`theirs` counts the lists' entries, `ours` those of our readers, `new` what we did not know yet.

    Drift: `released` are addresses that a person let go here and SendGrid still drops; `only_here` are suppressed here
    for a bounce or complaint and in no list of theirs (any more).
    """

    theirs: dict[str, int] = field(default_factory=dict)
    ours: dict[str, int] = field(default_factory=dict)
    new: int = 0
    released: int = 0
    only_here: int = 0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def pull(state: SendGridState | None = None) -> Iterator[Pulled]:
    """Read every list, yielding the sums as they grow; the last one is complete. Raises Unreachable, ConfigError."""
    state = state or state_for(config.current())
    sums, seen = Pulled(), set[str]()
    for name, (kind, cause) in LISTS.items():
        sums.theirs[name] = sums.ours[name] = 0
        for page in state.entries(name):
            mine = _of_readers(page)
            seen |= mine.keys()
            sums.theirs[name] += len(page)
            sums.ours[name] += len(mine)
            sums.new += store.keep(_event(name, kind, cause, entry) for entry in mine.values()).new
            yield sums
    sums.released, sums.only_here = _drift(seen)
    _remember(sums)
    yield sums


def pull_if_due(now: datetime | None = None) -> bool:
    """Once a night, by whoever gets to it first; True if it was done. Nothing without SendGrid."""
    settings = config.current()
    if settings.transport != "sendgrid" or not settings.sendgrid_api_key or not _claim(now or timezone.now()):
        return False
    for _ in pull():
        pass
    return True


def last() -> Clerk | None:
    """The last pull: `ran_at` and what it found."""
    return Clerk.objects.filter(name=JOB, ran_at__isnull=False).first()


def ask_log(state: SendGridState | None = None) -> int:
    """Ask SendGrid's log about unknown batches and keep what proves something; returns how many events were new.

    Only what it has counts. That it has nothing proves nothing, and the batch stays unknown. A run asks about some, the
    next about those that come after: after an outage there are hundreds, and its API is slow and bounded, too.
    """
    state = state or state_for(config.current())
    new = 0
    for batch in _in_turn():
        Clerk.objects.update_or_create(name=LOG, defaults={"found": {"asked": batch.pk}})
        new += _ask(state, batch)
    return new


def _in_turn() -> list[Batch]:
    """The unknown batches about which nobody has asked for longest."""
    row = Clerk.objects.filter(name=LOG).first()
    last = row.found.get("asked", 0) if row else 0
    lost = Batch.objects.filter(unknown__gt=0, finished_at__gt=timezone.now() - LONGEST_AGE).order_by("pk")
    coming = list(lost.filter(pk__gt=last)[:ASKED_AT_ONCE])
    return coming + list(lost.filter(pk__lte=last)[: ASKED_AT_ONCE - len(coming)])


def ask_log_if_any() -> int:
    """As `ask_log`, where SendGrid is the transport and a copy is unknown."""
    settings = config.current()
    asks = settings.transport == "sendgrid" and settings.sendgrid_api_key
    return ask_log() if asks and Batch.objects.filter(unknown__gt=0).exists() else 0


def _ask(state: SendGridState, batch: Batch) -> int:
    """A few of its readers are enough: a request is taken whole or not at all."""
    begun = Attempt.objects.filter(batch=batch, transport="sendgrid").order_by("number").first()
    if begun is None:
        return 0
    copies = batch.deliveries.filter(status=Delivery.Status.UNKNOWN, subscriber__email__isnull=False).order_by("pk")
    for address in copies.values_list("subscriber__email", flat=True)[:SAMPLED]:
        wired = addresses.comparable(address or "")
        messages = state.messages(wired, begun.started_at - BEFORE)
        new = store.keep(event for message in messages for event in _logged(message)).new
        if new:
            return new
    return 0


def _logged(message: Entry) -> Iterable[ProviderEvent]:
    """The events of a logged message that carry our arguments; that it was received is one."""
    named = message.get("custom_args")
    if not isinstance(named, dict) or "nl_batch" not in named:
        return
    events = message.get("events")
    for each in events if isinstance(events, list) else ():
        if isinstance(each, dict):
            word = str(each.get("event") or each.get("event_name") or "")
            said = {**each, **named, "event": word, "timestamp": _unix(each.get("processed") or each.get("timestamp"))}
            if event := event_of(said, Source.SENDGRID_LOG):
                yield event


def _unix(value: Any) -> Any:
    """The log writes moments as texts (2026-11-27T12:00:00Z)."""
    try:
        return datetime.fromisoformat(value).timestamp()
    except (TypeError, ValueError):
        return value


def _of_readers(page: Iterable[Entry]) -> dict[str, Entry]:
    """The entries about our readers, by address key."""
    keyed = {addresses.key(each["email"]): each for each in page if _names_somebody(each)}
    known = Subscriber.objects.filter(address_key__in=list(keyed)).values_list("address_key", flat=True)
    return {key: keyed[key] for key in known}


def _names_somebody(entry: Entry) -> bool:
    address = entry.get("email")
    return isinstance(address, str) and "@" in address and address.isprintable()


def _event(name: str, kind: Kind, cause: Cause, entry: Entry) -> ProviderEvent:
    address, at = str(entry["email"]), _created(entry.get("created"))
    return ProviderEvent(
        kind=kind,
        cause=cause,
        source=Source.SENDGRID_LIST,
        at=at,
        identity=f"sendgrid list {name} {addresses.key(address)} {at:%Y-%m-%dT%H:%M:%S}",
        status=str(entry.get("status") or "")[:12],
        words=f"on SendGrid's list {name}: {entry.get('reason') or ''}".rstrip(" :"),
        address=address,
    )


def _created(value: Any) -> datetime:
    try:
        return datetime.fromtimestamp(float(value), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return datetime(2009, 1, 1, tzinfo=UTC)  # before anything that a person decided here


def _drift(theirs: set[str]) -> tuple[int, int]:
    known = [Suppressed.HARD_BOUNCE, Suppressed.COMPLAINT]
    here = set(Suppression.objects.filter(reason__in=known).values_list("address_key", flat=True))
    let_go = set(Release.objects.values_list("address_key", flat=True))
    barred = set(Suppression.objects.filter(address_key__in=let_go).values_list("address_key", flat=True))
    return len((let_go - barred) & theirs), len(here - theirs)


@transaction.atomic
def _claim(now: datetime) -> bool:
    row = clerk.mine(JOB)
    if row is None or (row.ran_at and now - row.ran_at < EVERY):
        return False
    row.ran_at = now  # so that nobody else begins; what it finds is written at the end
    row.save(update_fields=["ran_at"])
    return True


@transaction.atomic
def _remember(sums: Pulled) -> None:
    if row := clerk.mine(JOB):
        clerk.done(row, **sums.as_json())
