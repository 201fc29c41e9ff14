"""Asking SendGrid's log about copies of which nobody knows whether it took them: a few readers of each batch."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from newsletter import config
from newsletter.deliveries.models import Attempt, Batch, Delivery
from newsletter.subscribers import addresses
from newsletter.tracking import store
from newsletter.tracking.events import ProviderEvent, Source
from newsletter.tracking.models import Clerk
from newsletter.tracking.sendgrid_events import event_of
from newsletter.transports.sendgrid_state import Entry, SendGridState, state_for

LOG = "sendgrid-log"
ASKED_AT_ONCE = 50  # unknown batches
SAMPLED = 3  # readers of an unknown batch whose mail the log is asked for
BEFORE = timedelta(minutes=10)  # clocks differ
LONGEST_AGE = timedelta(days=30)  # the log keeps no more


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
