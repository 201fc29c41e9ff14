"""Readers from a file, in the browser: what it seems to be, what would become of it, and then taking it in."""

import re
import secrets
import time
from collections.abc import Mapping
from pathlib import Path

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from newsletter.desk import fields
from newsletter.desk.access import acts, person, shows
from newsletter.editions import topics
from newsletter.errands import board
from newsletter.errors import NewsletterError, UsageError
from newsletter.newsletters import setup
from newsletter.newsletters.models import Newsletter, Right
from newsletter.subscribers import importer, uploads
from newsletter.subscribers.files import proposal as proposals
from newsletter.subscribers.files import table, text
from newsletter.subscribers.files.proposal import NOTHING, Proposal, Wishes
from newsletter.subscribers.files.sources import Field, Standing
from newsletter.subscribers.importer import Report

LARGEST = 20_000_000  # bytes; a larger file is taken in on the server
LOOK_SECONDS = 2.0
MOST_SWEPT = 100  # files; the night takes the rest
_NAME = re.compile(r"[0-9a-f]{32}")


@acts(Right.EDIT, back="desk-readers")
def upload(request: HttpRequest) -> HttpResponse:
    """Keep the file for a day, until somebody decides about it."""
    given = request.FILES.get("file")
    if not isinstance(given, UploadedFile) or not given.size:
        raise UsageError("Choose a CSV file.")
    if given.size > LARGEST:
        raise UsageError("That is more than 20 MB. Take it in on the server: newsletter subscriber import FILE")
    name = secrets.token_hex(16)
    with path_of(name, fresh=True).open("wb") as copy:
        copy.writelines(given.chunks())
    return redirect("desk-import", kept=name)


@shows(Right.EDIT)
def look(request: HttpRequest, kept: str) -> HttpResponse:
    """How it would be read, and a dry run of it: nothing is stored."""
    facts = {"kept": kept, "fields": list(Field), "standings": list(Standing), "person": person(request)}
    facts |= {"newsletters": Newsletter.objects.order_by("name"), "asked": request.GET, "found": None, "fault": ""}
    try:
        found, newsletter = proposed(kept, request.GET)
        facts |= {"found": found, "mapped": _mapped(found), "chosen": newsletter}
        facts["report"] = _tried(found, newsletter)
    except NewsletterError as error:
        facts |= {"fault": str(error), "report": None, "mapped": facts.get("mapped") or _unread(kept)}
    return render(request, "desk/import.html", facts)


@acts(Right.EDIT, back="desk-readers")
def take(request: HttpRequest, kept: str) -> HttpResponse:
    """A worker takes it in as it was looked at. Nobody who left, is suppressed or was erased comes back by it."""
    said = {name: fields.text(request, name) for name in request.POST if name != "csrfmiddlewaretoken"}
    found, _ = proposed(kept, said)
    proposals.insist(found)
    board.ask("readers", "readers", person(request), kept=kept, said=said)
    return redirect("desk-readers")


def proposed(kept: str, said: Mapping[str, str]) -> tuple[Proposal, Newsletter | None]:
    """The upload as it would be read, with what a form `said` about it, and into which newsletter."""
    path, people = path_of(kept), said.get("people", "")
    columns = {f"#{name[4:]}": value for name, value in said.items() if re.fullmatch(r"map-\d{1,3}", name) and value}
    wishes = Wishes(columns, Standing(people) if people in list(Standing) else None)
    looked = proposals.propose(path, wishes, name="the file")
    newsletter = setup.found(said.get("newsletter") or None) if looked.needs_newsletter else None
    offered = topics.offered(newsletter) if newsletter else []
    return (proposals.propose(path, wishes, offered, name="the file") if offered else looked), newsletter


def _tried(found: Proposal, newsletter: Newsletter | None) -> Report | None:
    """A dry run of as many lines as a page may take time for; of the rest the worker tells when it takes them in."""
    until, tried = time.monotonic() + LOOK_SECONDS, None
    for report in importer.take_in(found, newsletter, None, dry_run=True):
        tried = report
        if time.monotonic() > until:
            break
    return tried


def _mapped(found: Proposal) -> list[tuple[int, str, str, list[str]]]:
    """(number from 1, its name, the field it is read as, a few of its cells) of each column."""
    read = {number: kind for kind, numbers in found.columns.items() for number in numbers}
    return [
        (number + 1, name, read.get(number, NOTHING), [row[number] for row in found.sample[:3] if number < len(row)])
        for number, name in enumerate(found.header)
    ]


def _unread(kept: str) -> list[tuple[int, str, str, list[str]]]:
    """The columns of a file that cannot be read without being told what they are; none of what is no table."""
    try:
        with table.opened(text.look(path_of(kept))) as rows:
            return [(number + 1, name, NOTHING, []) for number, name in enumerate(rows.header)]
    except NewsletterError:
        return []


def path_of(kept: str, *, fresh: bool = False) -> Path:
    """Where an upload lies; what nobody decided about for a day goes. Raises Http404."""
    if not _NAME.fullmatch(kept):
        raise Http404
    uploads.sweep(timezone.now() - uploads.KEPT, MOST_SWEPT)
    path = uploads.folder() / kept
    if not fresh and not path.is_file():
        raise Http404
    return path
