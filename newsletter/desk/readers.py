"""Readers: found by address or name, one reader's whole story, and what staff may do at a reader's wish."""

from uuid import uuid4

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from newsletter.desk import errands, fields
from newsletter.desk.access import acts, person, shows
from newsletter.errors import Refused, UsageError
from newsletter.newsletters import audit, setup
from newsletter.newsletters.models import Newsletter, Right
from newsletter.subscribers import addresses, consent, finding, names, suppression
from newsletter.subscribers.models import Consent, Subscriber, Subscription, Suppression
from newsletter.tracking import erase as erasing
from newsletter.tracking import person as persons
from newsletter.tracking import why

SHOWN = 50


@shows(Right.VIEW)
def index(request: HttpRequest) -> HttpResponse:
    """A search; the newest readers while nothing is asked for."""
    asked = {name: fields.asked(request, name) for name in ("q", "state")}
    rows = list(_found(asked["q"], asked["state"])[: SHOWN + 1])
    facts = {"rows": rows[:SHOWN], "more": len(rows) > SHOWN, "asked": asked, "states": Subscription.Status.values}
    newsletters = Newsletter.objects.order_by("name")
    facts |= errands.at("readers")
    return render(request, "desk/readers.html", {**facts, "newsletters": newsletters, "person": person(request)})


@shows(Right.VIEW)
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything about one reader: consent with its evidence, copies with what became of them, and why."""
    reader = get_object_or_404(Subscriber, pk=pk)
    barred, copies = Suppression.objects.filter(address_key=reader.address_key).first(), persons.copies(reader)
    gets = [(each, persons.told(each)) for each in persons.subscriptions(reader)]
    facts = {"reader": reader, "gets": gets, "copies": len(copies), "reasons": why.of_copies(copies[:SHOWN])}
    facts |= {"barred": barred, "person": person(request)}
    facts |= {"names": {row.newsletter.slug: row.newsletter.name for row, _ in gets}}
    return render(request, "desk/reader.html", facts)


@acts(Right.EDIT, back="desk-readers")
def add(request: HttpRequest) -> HttpResponse:
    """One reader whose consent somebody has."""
    newsletter, email = setup.found(fields.text(request, "newsletter")), fields.text(request, "email")
    result = consent.add(
        email, names.clean(fields.text(request, "name")), newsletter, person(request), "added in the desk"
    )
    if result in ("left", "suppressed"):
        raise Refused(_GONE[result])
    reader = Subscriber.objects.get(address_key=addresses.key(addresses.clean(email)))
    messages.success(request, f"{reader} gets {newsletter}{' already' if result == 'present' else ''}.")
    return redirect("desk-reader", pk=reader.pk)


@acts(Right.EDIT, back="desk-readers")
def unsubscribe(request: HttpRequest, subscription: int) -> HttpResponse:
    found = get_object_or_404(Subscription.objects.select_related("newsletter"), pk=subscription)
    consent.unsubscribe(found, Consent.Source.STAFF, person(request))
    messages.success(request, f"They get {found.newsletter} no longer. Only they themselves can come back.")
    return redirect("desk-reader", pk=found.subscriber_id)


@acts(Right.EDIT, back="desk-readers")
def suppress(request: HttpRequest, pk: int) -> HttpResponse:
    """No mail to this address any more, of any newsletter."""
    reader, note = get_object_or_404(Subscriber, pk=pk), fields.text(request, "reason").strip()
    if not note:
        raise UsageError("Say why; it is kept.")
    evidence = suppression.Evidence(Suppression.Reason.MANUAL, timezone.now(), uuid4(), note[:300])
    suppression.suppress([(reader.address_key, evidence)])
    audit.record(person(request), "suppress", f"subscriber {reader.pk}")
    messages.success(request, "Nothing is mailed to this address any more.")
    return redirect("desk-reader", pk=pk)


@acts(Right.EDIT, back="desk-readers")
def release(request: HttpRequest, pk: int) -> HttpResponse:
    reader = get_object_or_404(Subscriber, pk=pk)
    was = suppression.release(reader.address_key, person(request), fields.text(request, "reason"))
    messages.success(request, f"It was suppressed for {was.replace('_', ' ')}, and may be mailed again.")
    return redirect("desk-reader", pk=pk)


@acts(Right.EDIT, back="desk-readers")
def erase(request: HttpRequest, pk: int) -> HttpResponse:
    """For good; the form asks for the address once more."""
    reader = get_object_or_404(Subscriber, pk=pk)
    if fields.text(request, "email").strip().casefold() != (reader.email or "").casefold() or not reader.email:
        raise UsageError("That is not this reader's address. Nothing was erased.")
    erasing.erase(reader, person(request))
    messages.success(request, f"Subscriber {pk} is erased. Backups made before still hold them.")
    return redirect("desk-readers")


def _found(words: str, state: str) -> QuerySet[Subscriber]:
    """An address is found by its key, whatever its case; else what begins so, by address and by name."""
    found = Subscriber.objects.prefetch_related("subscriptions__newsletter").order_by("-pk")
    if state in Subscription.Status.values:
        found = found.filter(pk__in=Subscription.objects.filter(status=state).values("subscriber_id"))
    if not words:
        return found
    if "@" in words.strip("@"):
        try:
            return found.filter(address_key=addresses.key(addresses.clean(words)))
        except UsageError:
            pass
    return finding.begins(found, words)


_GONE = {
    "left": "This reader left before; only they themselves can come back.",
    "suppressed": "Nothing may be mailed to this address. Their page says why, and releases it.",
}
