"""Composing the next edition of a newsletter, a special one, or the correction of one."""

from datetime import timedelta

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from newsletter.desk import fields
from newsletter.desk.access import acts, person
from newsletter.desk.editions import edition_or_404
from newsletter.editions import draft
from newsletter.editions.models import Edition
from newsletter.errors import UsageError
from newsletter.newsletters import audit
from newsletter.newsletters.models import Newsletter, Right
from newsletter.numbers import counted

LONGEST = 60  # days
TWICE = timedelta(seconds=10)  # a button pressed again so soon was meant once


@acts(Right.EDIT)
def compose(request: HttpRequest) -> HttpResponse:
    """Make or refill the draft of the next run; pressed twice, it makes one."""
    newsletter = get_object_or_404(Newsletter, slug=fields.text(request, "newsletter"))
    made = draft.compose_regular(newsletter)
    taken = f"{counted(made.taken, 'story', 'stories')} taken." if made.taken else "Nothing new to take."
    messages.success(request, taken)
    return redirect("desk-edition", pk=made.edition.pk)


@acts(Right.EDIT)
def special(request: HttpRequest) -> HttpResponse:
    """An edition of its own besides the weekly ones, of the last days; pressed twice, it is one."""
    newsletter = get_object_or_404(Newsletter, slug=fields.text(request, "newsletter"))
    days = fields.number(request, "days")
    if not 1 <= days <= LONGEST:
        raise UsageError(f"A special edition has the stories of 1 to {LONGEST} days.")
    with transaction.atomic():
        Newsletter.objects.select_for_update().get(pk=newsletter.pk)  # of two presses at once the second looks later
        edition = _just_made(newsletter) or draft.compose_special(newsletter, days).edition
    return redirect("desk-edition", pk=edition.pk)


@acts(Right.EDIT)
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """A correction for those who got an edition; the same words twice are one."""
    edition = edition_or_404(pk)
    subject, note = fields.text(request, "subject").strip()[:200], fields.text(request, "note").strip()
    if not subject or not note:
        raise UsageError("A correction needs a subject, and what was wrong.")
    with transaction.atomic():
        Newsletter.objects.select_for_update().get(pk=edition.newsletter_id)
        same = Edition.objects.filter(parent=edition, subject=subject, note=note, status=Edition.Status.DRAFT).first()
        if same is None:
            same = draft.start_correction(edition, subject, note)
            audit.record(person(request), "correct", f"edition {pk}", correction=same.pk)
    return redirect("desk-edition", pk=same.pk)


def _just_made(newsletter: Newsletter) -> Edition | None:
    drafts = newsletter.editions.filter(kind=Edition.Kind.SPECIAL, status=Edition.Status.DRAFT)
    return drafts.filter(created_at__gt=timezone.now() - TWICE).order_by("-pk").first()
