"""An edition that was sent, and the mail that comes back for its copies."""

from collections.abc import Callable, Iterator

import pytest
from django.utils import timezone

from newsletter import config
from newsletter.deliveries import verp
from newsletter.deliveries.models import Batch, Delivery
from newsletter.editions.models import Edition, Rendering
from newsletter.newsletters.models import Newsletter
from newsletter.subscribers.models import Subscription, Suppression
from newsletter.tracking import apply
from newsletter.tracking.models import Event
from tests import builders
from tests.deliveries.conftest import newsletter
from tests.tracking.bounces.shapes import READER, US

__all__ = ["about", "counted_as", "everything", "newsletter", "seal"]
State = dict[str, list[object]]


@pytest.fixture
def setting(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Set settings by their names in the environment."""

    def put(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        config.current.cache_clear()

    yield put
    monkeypatch.undo()
    config.current.cache_clear()


@pytest.fixture
def copies(newsletter: Newsletter, setting: Callable[..., None]) -> list[Delivery]:
    """Four copies that a transport took. Written as rows: to render and send them takes a second and shows nothing."""
    setting(NEWSLETTER_BOUNCE_ADDRESS=US)
    now = timezone.now()
    edition = Edition.objects.create(
        newsletter=newsletter, kind="special", status="sent", number=1, planned=4, send_at=now,
        stories_from=now, stories_until=now,
    )  # fmt: skip
    rendering = Rendering.objects.create(edition=edition, subject="The week", html="", text="")
    batch = Batch.objects.create(edition=edition, rendering=rendering, number=1, status="done", size=4, accepted=4)
    for each in builders.add_readers(newsletter, 4):
        row = {"edition": edition, "batch": batch, "subscriber": each.subscriber, "status": "accepted"}
        Delivery.objects.create(address_key=each.subscriber.address_key, updated_at=now, **row)
    return list(Delivery.objects.select_related("edition", "subscriber").order_by("pk"))


def seal(copy: Delivery) -> str:
    """The envelope sender of a copy."""
    return verp.address_for(f"{copy.edition.public}.{copy.pk}")


def about(copy: Delivery, text: str) -> bytes:
    """A mail of the corpus as it would come for this copy: to its own address, about its own reader."""
    return text.replace(US, seal(copy)).replace(READER, copy.subscriber.email or "").encode()


def everything() -> State:
    """All that returned mail may change."""
    apply.apply_waiting()
    return {
        "copies": list(Delivery.objects.order_by("pk").values_list("status", "reason")),
        "readers": list(Subscription.objects.order_by("pk").values_list("status", flat=True)),
        "suppressed": list(Suppression.objects.order_by("pk").values_list("reason", flat=True)),
        "events": list(Event.objects.order_by("pk").values_list("kind", "cause", "state")),
    }


def counted_as(state: State) -> list[object]:
    """The statuses of the copies."""
    return [status for status, _ in state["copies"]]  # type: ignore[misc]
