"""What a provider reports about a copy, for tests: `told(copy, "bounce", "hard")`."""

from datetime import UTC, datetime, timedelta

from newsletter.deliveries.models import Delivery
from newsletter.tracking import apply, store
from newsletter.tracking.events import Cause, Kind, ProviderEvent, Source

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


def told(copy: Delivery, kind: str, cause: str = "", *, minutes: float = 0, **more: object) -> ProviderEvent:
    """An event about a copy, so many minutes after noon; the same words make the same event."""
    values = {
        "edition": copy.edition.public,
        "delivery_id": copy.pk,
        "batch": copy.batch.public if copy.batch else "",
        "request": "1",
        "identity": f"{kind} {cause} {copy.pk} {minutes} {sorted(more.items())}",
        "at": NOON + timedelta(minutes=minutes),
        "source": Source.SENDGRID,
    }
    return ProviderEvent(**{"kind": Kind(kind), "cause": Cause(cause), **values, **more})


def happens(*events: ProviderEvent) -> None:
    """They are reported, and applied."""
    store.keep(events)
    apply.apply_waiting()
