"""What every page of an edition shows: its entries in their places, and its live counts."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from newsletter.deliveries import status
from newsletter.desk.access import shows
from newsletter.editions import pictures
from newsletter.editions.models import Edition, Item
from newsletter.feeds import changes, images
from newsletter.newsletters.models import Right, Section

QUIET = timedelta(seconds=30)
STOP_POLLING = 286  # htmx's own code
ON_ITS_WAY = (Edition.Status.SCHEDULED, Edition.Status.PLANNING, Edition.Status.SENDING, Edition.Status.PAUSED)


@shows(Right.VIEW)
def counts(request: HttpRequest, pk: int) -> HttpResponse:
    """The live part of the page; tells htmx to stop asking once nothing moves."""
    edition = edition_or_404(pk)
    found = status.progress([edition])[0]
    code = 200 if edition.status in ON_ITS_WAY else STOP_POLLING
    facts = {
        "edition": edition,
        "progress": found,
        "mailboxes": status.by_mailbox(edition),
        "idle": idle(edition, found),
    }
    response = render(request, "desk/counts.html", facts, status=code)
    if request.GET.get("seen", edition.status) != edition.status:
        response["HX-Refresh"] = "true"  # the rest of the page, its buttons too, is of the state before
    return response


def idle(edition: Edition, progress: status.Progress) -> bool:
    """Whether nothing was taken for so long that a worker may be missing; a send that just began needs a moment."""
    begun = max(filter(None, (edition.started_at, edition.resumed_at)), default=None)
    waited = begun is not None and timezone.now() - begun > QUIET
    return edition.status == Edition.Status.SENDING and not progress.rate and bool(progress.counts.pending) and waited


def edition_or_404(pk: int) -> Edition:
    return get_object_or_404(Edition.objects.select_related("newsletter", "approved_by"), pk=pk)


def placed(edition: Edition) -> dict[str, Any]:
    """The entries in their sections, with what is remarkable about each."""
    items = list(edition.items.select_related("article", "section"))
    kept = [item for item in items if not item.dropped]
    sections = list(edition.newsletter.sections.order_by("position"))
    return {
        "sections": [section for section in sections if section.cap],
        "sections_placed": [
            (section, mine)
            for section in sections
            # A section without room is one that only old editions use.
            if (mine := [item for item in kept if item.section_id == section.pk]) or _is_open(edition, section)
        ],
        "dropped": [item for item in items if item.dropped],
        "thumbs": _thumbs(kept),
        "changed": _changed(edition, kept),
    }


def _is_open(edition: Edition, section: Section) -> bool:
    return edition.status == Edition.Status.DRAFT and bool(section.cap)


def _thumbs(items: list[Item]) -> dict[int, str]:
    """Small pictures of our own host, by entry; a feed's own address is never loaded."""
    wanted = {item.pk: images.Want(item.picture["url"], *_slot(item)) for item in items if item.picture}
    known = images.known(wanted.values())
    return {pk: found.url for pk, want in wanted.items() if isinstance(found := known.get(want), images.Fitted)}


def _slot(item: Item) -> tuple[int, int]:
    return pictures.LEAD if item.section.is_lead else pictures.SMALL


def _changed(edition: Edition, items: list[Item]) -> dict[int, list[str]]:
    """By article what its publication changed since the draft was last composed."""
    articles = [item.article_id for item in items if item.article_id]
    return changes.since(articles, edition.composed_at) if edition.composed_at and articles else {}
