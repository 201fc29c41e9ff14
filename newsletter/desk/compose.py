"""Composing the next edition of a newsletter."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from newsletter.desk import fields
from newsletter.desk.access import acts
from newsletter.editions import draft
from newsletter.newsletters.models import Newsletter, Right
from newsletter.numbers import counted


@acts(Right.EDIT)
def compose(request: HttpRequest) -> HttpResponse:
    """Make or refill the draft of the next run; pressed twice, it makes one."""
    newsletter = get_object_or_404(Newsletter, slug=fields.text(request, "newsletter"))
    made = draft.compose_regular(newsletter)
    taken = f"{counted(made.taken, 'story', 'stories')} taken." if made.taken else "Nothing new to take."
    messages.success(request, taken)
    return redirect("desk-edition", pk=made.edition.pk)
