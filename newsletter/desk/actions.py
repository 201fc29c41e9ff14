"""What staff do to an edition: each a form of the edition's page, each one verb."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from newsletter import clock
from newsletter.deliveries import resolve
from newsletter.desk import fields
from newsletter.desk.access import acts, person
from newsletter.desk.editions import edition_or_404
from newsletter.editions import approve as steps
from newsletter.editions import draft, edit
from newsletter.editions.models import Edition, Item
from newsletter.newsletters import setup
from newsletter.newsletters.models import Newsletter, Right, Section


@acts(Right.EDIT)
def compose(request: HttpRequest) -> HttpResponse:
    newsletter = get_object_or_404(Newsletter, slug=fields.text(request, "newsletter"))
    made = draft.compose_regular(newsletter)
    messages.success(request, _taken(made.taken))
    return _back(made.edition.pk)


def _taken(count: int) -> str:
    if not count:
        return "Nothing new to take."
    return f"{count} {'story' if count == 1 else 'stories'} taken."


@acts(Right.EDIT)
def words(request: HttpRequest, pk: int) -> HttpResponse:
    given = {name: fields.text(request, name) for name in ("subject", "preheader", "note")}
    edit.edit_words(edition_or_404(pk), **given)
    return _back(pk)


@acts(Right.EDIT)
def edit_item(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    given = {name: fields.text(request, name) for name in ("headline", "dek")}
    edit.edit_item(_item(pk, item), **given)
    return _back(pk, item)


@acts(Right.EDIT)
def move_item(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    section = get_object_or_404(Section, pk=fields.number(request, "section"))
    edit.move_item(_item(pk, item), section, fields.number(request, "position"))
    return _back(pk, item)


@acts(Right.EDIT)
def drop_item(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    edit.drop_item(_item(pk, item), dropped=fields.ticked(request, "dropped"))
    return _back(pk)


@acts(Right.SEND)
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    done = steps.approve_for_its_run(edition_or_404(pk), person(request), seen=fields.text(request, "seen"))
    if done.status == Edition.Status.SCHEDULED and done.send_at:
        messages.success(request, f"It goes out on {clock.local(done.send_at, done.newsletter.zone)}.")
    return _back(pk)


@acts(Right.SEND)
def schedule(request: HttpRequest, pk: int) -> HttpResponse:
    edition = edition_or_404(pk)
    moment = (
        timezone.now() if "now" in request.POST else setup.moment(fields.text(request, "at"), edition.newsletter.zone)
    )
    steps.schedule(edition, moment, person(request))
    messages.success(request, f"It goes out on {clock.local(moment, edition.newsletter.zone)}.")
    return _back(pk)


@acts(Right.SEND)
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    steps.reopen(edition_or_404(pk), person(request))
    return _back(pk)


@acts(Right.SEND)
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    steps.pause(edition_or_404(pk), person(request), f"paused by {person(request)}")
    return _back(pk)


@acts(Right.SEND)
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    steps.resume(edition_or_404(pk), person(request))
    return _back(pk)


@acts(Right.SEND)
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    resolve.cancel(edition_or_404(pk), person(request))
    return _back(pk)


def _back(pk: int, item: int | None = None) -> HttpResponse:
    response = redirect("desk-edition", pk=pk)
    if item is not None:
        response["Location"] += f"#item-{item}"
    return response


def _item(pk: int, item: int) -> Item:
    items: QuerySet[Item] = edition_or_404(pk).items.select_related("article", "edition", "section")
    return get_object_or_404(items, pk=item)
