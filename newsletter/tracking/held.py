"""Hard bounces that were too many at once to be true: a person looks, and believes or disbelieves them (T-17)."""

from django.db import transaction

from newsletter.errors import Refused
from newsletter.newsletters import audit
from newsletter.newsletters.models import Staff
from newsletter.subscribers.suppression import suppress
from newsletter.tracking import readers
from newsletter.tracking.apply import copies_of
from newsletter.tracking.fate import Told
from newsletter.tracking.models import Event

State = Event.State


def count() -> int:
    return Event.objects.filter(state=State.HELD).count()


@transaction.atomic
def decide(staff: Staff | None, reason: str, *, believe: bool) -> int:
    """Suppress all that is held, or never; returns how many events. On the record. Raises Refused.

    The copies have bounced either way; what was disbelieved is kept as applied.
    """
    held = Event.objects.select_for_update().filter(state=State.HELD)
    told = [Told._make(row) for row in held.values_list(*Told._fields)]
    if not told:
        raise Refused("No events are held.")
    if believe:
        copies = copies_of(told)
        suppress((readers.address_of(event, copies), readers.evidence_of(event, copies)) for event in told)
    Event.objects.filter(pk__in=[event.pk for event in told]).update(state=State.APPLIED)
    audit.record(staff, "believe" if believe else "disbelieve", "held events", events=len(told), reason=reason)
    return len(told)
