"""What SendGrid knows and we do not, and the other way round.

Its webhook tries for 24 hours; its suppression lists and logs remember longer. Each night, and when somebody asks, the
lists are read whole and what concerns a reader of ours becomes an event like any other, under the same policy. Entries
about others are not kept, not even as a hash. (Its log: sendgrid_log.py.)
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from newsletter import config
from newsletter.subscribers import addresses
from newsletter.subscribers.models import Release, Subscriber, Suppression
from newsletter.tracking import clerk, store
from newsletter.tracking.events import Cause, Kind, ProviderEvent, Source
from newsletter.transports.sendgrid_state import Entry, SendGridState, state_for

LISTS = {
    "bounces": (Kind.BOUNCE, Cause.HARD),
    "invalid_emails": (Kind.BOUNCE, Cause.HARD),
    "spam_reports": (Kind.COMPLAINT, Cause.NONE),
    "unsubscribes": (Kind.UNSUBSCRIBE, Cause.EVERYTHING),
}
DROPPING = ("bounces", "invalid_emails", "spam_reports")  # whoever is on these is dropped without being asked
JOB = "sendgrid-lists"
Suppressed = Suppression.Reason


@dataclass
class Pulled:
    """`theirs` counts the lists' entries, `ours` those of our readers, `new` what we did not know yet.

    Drift: `released` are addresses that a person let go here and SendGrid still drops, by `addresses`; `only_here` are
    suppressed here for a bounce or complaint and in no list of theirs (any more).
    """

    theirs: dict[str, int] = field(default_factory=dict)
    ours: dict[str, int] = field(default_factory=dict)
    new: int = 0
    released: int = 0
    only_here: int = 0
    addresses: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def pull(state: SendGridState | None = None) -> Iterator[Pulled]:
    """Read every list, yielding the sums as they grow; the last one is complete. Raises Unreachable, ConfigError."""
    state = state or state_for(config.current())
    sums, dropped = Pulled(), dict[str, Entry]()
    for name, (kind, cause) in LISTS.items():
        sums.theirs[name] = sums.ours[name] = 0
        for page in state.entries(name):
            mine = _of_readers(page)
            dropped |= mine if name in DROPPING else {}
            sums.theirs[name] += len(page)
            sums.ours[name] += len(mine)
            sums.new += store.keep(_event(name, kind, cause, entry) for entry in mine.values()).new
            yield sums
    sums.addresses = _released(dropped)
    sums.released, sums.only_here = len(sums.addresses), _only_here(dropped)
    _remember(sums)
    yield sums


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


def _released(dropped: Mapping[str, Entry]) -> list[str]:
    """The addresses whose entry a person overruled. One that came on their list since then is news, and no drift."""
    let_go = dict(Release.objects.values_list("address_key").annotate(at=Max("at")))
    barred = set(Suppression.objects.filter(address_key__in=list(let_go)).values_list("address_key", flat=True))
    entries = ((key, dropped[key]) for key in (let_go.keys() - barred) & dropped.keys())
    return sorted(str(entry["email"]) for key, entry in entries if _created(entry.get("created")) <= let_go[key])


def _only_here(dropped: Mapping[str, Entry]) -> int:
    known = [Suppressed.HARD_BOUNCE, Suppressed.COMPLAINT]
    here = set(Suppression.objects.filter(reason__in=known).values_list("address_key", flat=True))
    return len(here - dropped.keys())


@transaction.atomic
def _remember(sums: Pulled) -> None:
    """Numbers only: an address is shown to whoever asks, and not kept."""
    if row := clerk.mine(JOB):
        clerk.done(row, **{name: value for name, value in sums.as_json().items() if name != "addresses"})
