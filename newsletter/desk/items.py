"""What editors do to the entries of a draft: each a form of the composer, each one step of its history."""

from typing import Any

from django.contrib import messages
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
from newsletter.numbers import counted

PICTURES = ("own", "none", "other")


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
    found = _item(pk, item)
    names = written.FIELDS[Item.Type(found.type)] if found.type in written.FIELDS else ()
    facts = {"item": found, "edition": found.edition, "texts": texts(found), "fields": names}
    facts |= {"digest": history.digest, "sections": sections_of(found.edition), "person": person(request)}
    return render(request, "desk/entry.html", facts)


@acts(Right.EDIT)
@saving.merges
def change(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    """An entry's words, picture and details, for this edition only."""
    edition, title = edition_or_404(pk), str(_item(pk, item))
    with history.step(edition, person(request), f"Edited “{title}”"):
        found = _item(pk, item)
        edit.edit_item(found, **saving.merged(request, texts(found), history.editor(edition)))
        _change_picture(request, found)
        if details := _details(request, found.type):
            edit.edit_details(found, details)
    return saving.saved(request, texts(_item(pk, item)), back(pk, item))


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
def write(request: HttpRequest, pk: int) -> HttpResponse:
    """A note, an event, a piece in another outlet, or a promotion."""
    edition, kind = edition_or_404(pk), fields.text(request, "kind")
    section = get_object_or_404(Section, pk=fields.number(request, "section"))
    words = edit.Written(kind, fields.text(request, "title"), fields.text(request, "dek"), _details(request, kind))
    with history.step(edition, person(request), f"Wrote “{words.title or kind}”"):
        made = edit.add_written(edition, section, words)
    return redirect(back(pk, made.pk))


@acts(Right.EDIT)
def take_frame(request: HttpRequest, pk: int) -> HttpResponse:
    """What was written by hand in the edition before: notes, promotions, events that are not over."""
    edition = edition_or_404(pk)
    with history.step(edition, person(request), "Took over what was written for the edition before"):
        copies = edit.copy_frame(edition)
    said = f"{counted(len(copies), 'entry', 'entries')} taken over. Events that are over stay behind."
    messages.success(request, said if copies else "There was nothing to take over that is not here already.")
    return redirect(back(pk))


@acts(Right.EDIT)
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    history.undo(edition_or_404(pk), person(request))
    return redirect(back(pk))


def texts(entry: Item) -> dict[str, str]:
    """What the fields of an entry's form say."""
    return {"headline": entry.title, "dek": entry.dek or (entry.article.dek if entry.article else "")}


def back(pk: int, item: int | None = None) -> str:
    return reverse("desk-edition", args=[pk]) + (f"#item-{item}" if item is not None else "")


def _item(pk: int, item: int) -> Item:
    items: QuerySet[Item] = edition_or_404(pk).items.select_related("article", "edition__newsletter", "section")
    return get_object_or_404(items, pk=item)


def _details(request: HttpRequest, kind: str) -> dict[str, str]:
    names = written.FIELDS.get(Item.Type(kind), ()) if kind in written.FIELDS else ()
    return {name: fields.text(request, name) for name in names if name in request.POST}


def _change_picture(request: HttpRequest, entry: Item) -> None:
    choice = fields.text(request, "picture")
    if choice not in PICTURES or entry.type not in (Item.Type.ARTICLE, Item.Type.PROMOTION):
        return
    chosen = {"own": None, "none": {}}[choice] if choice in ("own", "none") else _chosen(request, entry)
    if chosen != entry.image:
        edit.choose_image(entry, chosen)


def _chosen(request: HttpRequest, entry: Item) -> dict[str, Any]:
    url, alt, credit = (fields.text(request, name).strip() for name in ("image_url", "alt", "credit"))
    if not url:
        raise UsageError("Another picture needs its address.")
    own = entry.article.image if entry.article else None
    made = written.image(url, alt, credit)
    # Only the credit or the description is another: the picture keeps its size.
    return {**own, "alt": made["alt"], "credit": made["credit"]} if own and own["url"] == url else made


def sections_of(edition: Edition) -> QuerySet[Section]:
    return edition.newsletter.sections.filter(cap__gt=0).order_by("position")
