"""What editors do to the entries of a draft: each a form of the composer, each one step of its history."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from newsletter.desk import fields, saving
from newsletter.desk.access import acts, person, shows
from newsletter.desk.editions import edition_or_404
from newsletter.editions import edit, history, written
from newsletter.editions.models import Edition, Item
from newsletter.errors import UsageError
from newsletter.newsletters.models import Right, Section

PICTURES = ("own", "none", "other")
PICTURED = (Item.Type.ARTICLE, Item.Type.PROMOTION)
IMAGE = {"image_url": "url", "credit": "credit", "alt": "alt"}  # a field of the form, and what a picture calls it


@acts(Right.EDIT)
@saving.merges
def change_words(request: HttpRequest, pk: int) -> HttpResponse:
    """Subject, preheader and note."""
    edition = edition_or_404(pk)
    with history.step(edition, person(request), "Changed the words"):
        edition = edition_or_404(pk)
        now = {name: getattr(edition, name) for name in ("subject", "preheader", "note")}
        edit.edit_words(edition, **saving.merged(request, now, history.editor(edition)))
    return saving.saved(request, {name: getattr(edition, name) for name in now}, back(pk))


@shows(Right.EDIT)
def entry(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    """The form of one entry: a page of its own, and what the composer opens in its place."""
    return _form(request, _item(pk, item))


@acts(Right.EDIT)
@saving.merges
def change(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    """An entry's words, picture and details, for this edition only; what is refused is shown again as it was typed."""
    try:
        _change(request, pk, item)
    except UsageError as error:
        if saving.is_scripted(request):
            raise
        return _form(request, _item(pk, item), str(error))
    return saving.saved(request, texts(_item(pk, item)), back(pk, item))


def _change(request: HttpRequest, pk: int, item: int) -> None:
    edition, title = edition_or_404(pk), str(_item(pk, item))
    with history.step(edition, person(request), f"Edited “{title}”"):
        found = _item(pk, item)
        now = texts(found)
        wanted = saving.merged(request, now, history.editor(edition))
        edit.edit_item(found, headline=wanted["headline"], dek=wanted["dek"])
        _change_picture(found, now, wanted)
        details = {name: wanted[name] for name in written.fields_of(found.type)}
        if details != {name: now[name] for name in details}:
            edit.edit_details(found, details)


def _form(request: HttpRequest, found: Item, fault: str = "") -> HttpResponse:
    """`fault` is why the form that was sent is not taken; it is filled with what was typed then."""
    now = texts(found)
    typed = {name: fields.text(request, name) for name in now if fault and name in request.POST}
    was = {name: request.POST.get(f"was-{name}") if fault else history.digest(text) for name, text in now.items()}
    facts = {"item": found, "edition": found.edition, "texts": {**now, **typed}, "was": was, "fault": fault}
    facts |= {"fields": written.fields_of(found.type), "sections": sections_of(found.edition), "names": written.NAMES}
    return render(request, "desk/entry.html", {**facts, "person": person(request)}, status=422 if fault else 200)


@acts(Right.EDIT)
def move(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    moved = _item(pk, item)
    section = get_object_or_404(Section, pk=fields.number(request, "section"))
    with history.step(moved.edition, person(request), f"Moved “{moved}”"):
        edit.move_item(moved, section, fields.number(request, "position"))
    return redirect(back(pk, item))


@acts(Right.EDIT)
def drop(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    found, dropped = _item(pk, item), fields.ticked(request, "dropped")
    with history.step(found.edition, person(request), f"{'Dropped' if dropped else 'Put back'} “{found}”"):
        edit.drop_item(found, dropped=dropped)
    return redirect(back(pk))


@acts(Right.EDIT)
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    history.undo(edition_or_404(pk), person(request))
    return redirect(back(pk))


def texts(entry: Item) -> dict[str, str]:
    """What the fields of an entry's form say."""
    said = {"headline": entry.title, "dek": entry.dek or (entry.article.dek if entry.article else "")}
    said |= {name: str(entry.details.get(name, "")) for name in written.fields_of(entry.type)}
    return said | (_picture(entry) if entry.type in PICTURED else {})


def back(pk: int, item: int | None = None) -> str:
    return reverse("desk-edition", args=[pk]) + (f"#item-{item}" if item is not None else "")


def _item(pk: int, item: int) -> Item:
    items: QuerySet[Item] = edition_or_404(pk).items.select_related("article", "edition__newsletter", "section")
    return get_object_or_404(items, pk=item)


def _picture(entry: Item) -> dict[str, str]:
    shown = entry.picture or {}
    choice = "own" if entry.image is None and entry.article else "other" if entry.image else "none"
    return {"picture": choice} | {name: shown.get(key) or "" for name, key in IMAGE.items()}


def _change_picture(entry: Item, now: Mapping[str, str], wanted: Mapping[str, str]) -> None:
    asked = {name: wanted[name] for name in ("picture", *IMAGE) if name in wanted}
    if wanted.get("picture") not in PICTURES or asked == {name: now[name] for name in asked}:
        return
    choice = wanted["picture"]
    chosen = {"own": None, "none": {}}[choice] if choice in ("own", "none") else _chosen(entry, wanted)
    if chosen != entry.image:
        edit.choose_image(entry, chosen)


def _chosen(entry: Item, wanted: Mapping[str, str]) -> dict[str, Any]:
    url, alt, credit = (wanted[name].strip() for name in ("image_url", "alt", "credit"))
    if not url:
        raise UsageError("Another picture needs its address.")
    own = entry.article.image if entry.article else None
    made = written.image(url, alt, credit)
    # Only the credit or the description is another: the picture keeps its size.
    return {**own, "alt": made["alt"], "credit": made["credit"]} if own and own["url"] == url else made


def sections_of(edition: Edition) -> QuerySet[Section]:
    return edition.newsletter.sections.filter(cap__gt=0).order_by("position")
