"""A newsletter's sender, brand, schedule and sections, each a form with what it leads to; the next four runs beside."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from newsletter.deliveries import forecast
from newsletter.desk import fields
from newsletter.desk.access import acts, person, shows
from newsletter.errors import UsageError
from newsletter.newsletters import sections, setup
from newsletter.newsletters.models import Newsletter, Right

SENDER = ("name", "tagline", "sender_name", "sender_email", "reply_to", "postal_address", "home_url", "privacy_url")
BRAND = ("mission", "accent", "footer")
SCHEDULE = {"weekday": setup.weekday, "send_time": setup.clock, "zone": setup.zone, "cutoff": setup.hours}
POLICY = {
    "max_lateness": setup.hours,
    "min_items": setup.stories,
    "thin_week": setup.one_of(Newsletter.ThinWeek.values),
    "review": setup.one_of(Newsletter.Review.values),
    "last_look": setup.one_of(Newsletter.LastLook.values),
}


@shows(Right.VIEW)
def index(request: HttpRequest) -> HttpResponse:
    found = Newsletter.objects.order_by("name")[:100]
    return render(request, "desk/newsletters.html", {"newsletters": found, "person": person(request)})


@shows(Right.VIEW)
def show(request: HttpRequest, slug: str) -> HttpResponse:
    newsletter = _found(slug)
    choices = {name: getattr(Newsletter, kind).values for name, kind in _CHOICES.items()}
    frames = [sections.written(each) for each in newsletter.sections.filter(cap__gt=0).order_by("position")]
    facts = {"newsletter": newsletter, "frames": frames, "weekdays": setup.WEEKDAYS, "choices": choices}
    runs = list(forecast.runs(newsletter, timezone.now()))
    return render(request, "desk/newsletter.html", {**facts, "runs": runs, "person": person(request)})


@acts(Right.ADMIN, back="desk-newsletters")
def change(request: HttpRequest, slug: str) -> HttpResponse:
    """One of the page's forms: `form` says which."""
    newsletter, form = _found(slug), fields.text(request, "form")
    if form not in _FORMS:
        raise UsageError("There is no such form.")
    values = _FORMS[form](request)
    frames = [sections.read(line) for line in _lines(request)] if form == "sections" else []
    setup.change(newsletter, values, frames, person(request))
    messages.success(request, "Saved.")
    return redirect("desk-newsletter", slug=newsletter.slug)


def _found(slug: str) -> Newsletter:
    return setup.found(slug)


def _texts(*names: str) -> Any:
    return lambda request: {name: fields.text(request, name).replace("\r\n", "\n").strip() for name in names}


def _read(readers: dict[str, Any], *flags: str) -> Any:
    """Values that are more than text; `flags` are boxes to tick."""

    def read(request: HttpRequest) -> dict[str, Any]:
        values = {name: reader(fields.text(request, name).strip()) for name, reader in readers.items()}
        return values | {name: fields.ticked(request, name) for name in flags}

    return read


def _lines(request: HttpRequest) -> list[str]:
    found = [line for line in fields.text(request, "sections").splitlines() if line.strip()]
    if not found:
        raise UsageError("A newsletter needs a section.")
    return found


_CHOICES = {"thin_week": "ThinWeek", "review": "Review", "last_look": "LastLook"}
_FORMS = {
    "sender": _texts(*SENDER),
    "brand": _texts(*BRAND),
    "schedule": _read(SCHEDULE),
    "policy": _read(POLICY, "second_person"),
    "sections": lambda _request: {},
}
