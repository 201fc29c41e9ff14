"""Counted links and openings. A GET here may append to the click log and changes nothing else."""

import logging

from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_safe

from newsletter import signing
from newsletter.editions.models import Edition
from newsletter.pages.stranger import network
from newsletter.subscribers import tokens
from newsletter.tracking import engagement

log = logging.getLogger(__name__)
# A transparent GIF of one pixel.
PIXEL = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")


@require_safe
def follow(request: HttpRequest, link: str, click: str = "0") -> HttpResponse:
    """Lead on to where the frozen edition says, and nowhere else; what we did not make is not found."""
    edition, item, url = _named(link)
    _note(request, edition, item, "click", click)
    answer = HttpResponseRedirect(url) if url else HttpResponse(status=204)
    return _private(answer)


@require_safe
def opened(request: HttpRequest, link: str, token: str) -> HttpResponse:
    """The picture; written down only for a reader who agreed."""
    edition, item, _ = _named(link)
    if item == 0 and tokens.subscription_for(token):
        _note(request, edition, item, "open", token)
    return _private(HttpResponse(PIXEL, content_type="image/gif"))


def _named(link: str) -> tuple[Edition, int, str]:
    named = signing.read_link(link)
    found = engagement.leads_to(*named) if named else None
    if named is None or found is None:
        raise Http404
    return found[0], named[1], found[1]


def _note(request: HttpRequest, edition: Edition, item: int, kind: str, click: str) -> None:
    """The reader gets on whatever becomes of our count."""
    reader = tokens.subscription_for(click)
    if request.method != "GET" or (kind == "open" and (reader is None or not reader.is_counted)):
        return
    who = (network(request), request.headers.get("User-Agent", "")[:300])
    try:
        engagement.note(edition, item, kind, who=who, reader=reader)
    except DatabaseError:
        log.exception("a press could not be counted")


def _private(answer: HttpResponse) -> HttpResponse:
    answer["Cache-Control"] = "no-store"
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex"
    return answer
