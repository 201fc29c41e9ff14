"""A newsletter's settings, each a form with what it leads to; the next four runs beside."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from newsletter import jinja
from newsletter.deliveries import forecast
from newsletter.desk import fields, newsletter_forms
from newsletter.desk.access import acts, person, shows
from newsletter.errors import UsageError
from newsletter.mail.brand import FONTS
from newsletter.newsletters import sections, setup
from newsletter.newsletters.models import Newsletter, Right

_CHOICES = {
    "thin_week": Newsletter.ThinWeek,
    "review": Newsletter.Review,
    "last_look": Newsletter.LastLook,
    "archive": Newsletter.Archive,
    "topic_copies": Newsletter.TopicCopies,
    "links": Newsletter.Links,
    "on_unknown": Newsletter.OnUnknown,
}


@shows(Right.VIEW)
def index(request: HttpRequest) -> HttpResponse:
    found = Newsletter.objects.order_by("name")[:100]
    return render(request, "desk/newsletters.html", {"newsletters": found, "person": person(request)})


@shows(Right.VIEW)
def show(request: HttpRequest, slug: str) -> HttpResponse:
    return _page(request, get_object_or_404(Newsletter, slug=slug), "", {})


@acts(Right.ADMIN, back="desk-newsletters")
def change(request: HttpRequest, slug: str) -> HttpResponse:
    """One of the page's forms: `form` says which. What cannot be read is told beside its field."""
    newsletter, form = setup.found(slug), fields.text(request, "form")
    try:
        values, frames = newsletter_forms.read(form, request, newsletter)
        setup.change(newsletter, values, frames, person(request))
    except newsletter_forms.Faulty as error:
        return _page(request, setup.found(slug), form, error.faults)
    except UsageError as error:
        faults = newsletter_forms.of_columns(error, form) if form in newsletter_forms.FORMS else {}
        if not faults:
            raise
        return _page(request, setup.found(slug), form, faults)
    messages.success(request, "Saved.")
    return redirect("desk-newsletter", slug=newsletter.slug)


def _page(request: HttpRequest, newsletter: Newsletter, form: str, faults: Mapping[str, str]) -> HttpResponse:
    """With the faults of the form that was sent, if any, and what stood in it."""
    frames = [sections.written(each) for each in newsletter.sections.filter(cap__gt=0).order_by("position")]
    choices: dict[str, Any] = {name: kind.values for name, kind in _CHOICES.items()}
    choices |= {"theme": jinja.themes(), "headline_font": list(FONTS), "text_font": list(FONTS)}
    facts = {"newsletter": newsletter, "frames": frames, "weekdays": setup.WEEKDAYS, "choices": choices}
    facts |= {"runs": list(forecast.runs(newsletter, timezone.now())), "person": person(request)}
    facts |= {"faults": faults, "sent": form, "asked": request.POST if faults else {}}
    return render(request, "desk/newsletter.html", facts, status=422 if faults else 200)
