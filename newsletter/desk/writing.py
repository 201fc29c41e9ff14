"""What editors write beside the articles, through the forms of the composer."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from newsletter.desk import composer, fields, saving
from newsletter.desk.access import acts, person
from newsletter.desk.editions import edition_or_404
from newsletter.desk.items import back
from newsletter.editions import edit, history, written
from newsletter.editions.models import Edition
from newsletter.errors import UsageError
from newsletter.newsletters.models import Right, Section
from newsletter.numbers import counted


@acts(Right.EDIT)
def write(request: HttpRequest, pk: int) -> HttpResponse:
    """A note, an event, a piece in another outlet, or a promotion. What is refused is shown again as it was typed."""
    edition = edition_or_404(pk)
    try:
        made = _write(request, edition)
    except UsageError as error:
        return saving.refused(error) if saving.is_scripted(request) else composer.page(request, edition, str(error))
    return redirect(back(pk, made))


@acts(Right.EDIT)
def take_frame(request: HttpRequest, pk: int) -> HttpResponse:
    """What was written by hand in the edition before: notes, promotions, events that are not over."""
    edition = edition_or_404(pk)
    with history.step(edition, person(request), "Took over what was written for the edition before"):
        copies = edit.copy_frame(edition)
    said = f"{counted(len(copies), 'entry', 'entries')} taken over. Events that are over stay behind."
    messages.success(request, said if copies else "There was nothing to take over that is not here already.")
    return redirect(back(pk))


def _write(request: HttpRequest, edition: Edition) -> int:
    kind, section = fields.text(request, "kind"), get_object_or_404(Section, pk=fields.number(request, "section"))
    details = {name: fields.text(request, name) for name in written.fields_of(kind) if name in request.POST}
    words = edit.Written(kind, fields.text(request, "title"), fields.text(request, "dek"), details)
    with history.step(edition, person(request), f"Wrote “{words.title or kind}”"):
        return edit.add_written(edition, section, words).pk
