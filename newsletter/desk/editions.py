"""The desk's pages of editions: one that lists them, one per edition, and its preview."""

from typing import Any

from csp.decorators import csp_update
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from newsletter.deliveries import plan, status
from newsletter.desk.access import person, shows
from newsletter.editions import freeze, ready
from newsletter.editions.models import Edition
from newsletter.errors import NewsletterError
from newsletter.newsletters.models import Newsletter, Right

# The mail is shown as it will arrive: its own styles, pictures from anywhere, and nothing that could run or leave.
PREVIEW_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src http: https: data:; frame-ancestors 'self'"
)
SCHEDULABLE = (Edition.Status.APPROVED, Edition.Status.HELD)
STOP_POLLING = 286  # htmx's own code
ON_ITS_WAY = (Edition.Status.SCHEDULED, Edition.Status.PLANNING, Edition.Status.SENDING, Edition.Status.PAUSED)


@shows(Right.VIEW)
def index(request: HttpRequest) -> HttpResponse:
    """The newest editions of every newsletter."""
    editions = Edition.objects.select_related("newsletter").order_by("-pk")[:30]
    context = {"editions": status.progress(editions), "newsletters": Newsletter.objects.order_by("name")}
    return render(request, "desk/index.html", {**context, "person": person(request)})


@csp_update({"img-src": ["http:", "https:"]})  # the stories' own photos, from the publication's site
@shows(Right.VIEW)
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One edition: where it stands, its stories, and how it looks."""
    edition = edition_or_404(pk)
    return render(request, "desk/edition.html", {**_facts(edition), "person": person(request)})


@shows(Right.VIEW)
def counts(request: HttpRequest, pk: int) -> HttpResponse:
    """The live part of the page; tells htmx to stop asking once nothing moves."""
    edition = edition_or_404(pk)
    found = status.progress([edition])[0]
    code = 200 if edition.status in ON_ITS_WAY else STOP_POLLING
    response = render(request, "desk/counts.html", {"edition": edition, "progress": found}, status=code)
    if request.GET.get("seen", edition.status) != edition.status:
        response["HX-Refresh"] = "true"  # the rest of the page, its buttons too, is of the state before
    return response


@shows(Right.VIEW)
def preview(_request: HttpRequest, pk: int, form: str) -> HttpResponse:
    """The mail itself, `form` html or text, for a sandboxed frame."""
    if form not in ("html", "text"):
        raise Http404
    try:
        made = freeze.preview(edition_or_404(pk))
    except NewsletterError as error:
        return HttpResponse(str(error), content_type="text/plain; charset=utf-8", status=409)
    if form == "text":
        return HttpResponse(made.text, content_type="text/plain; charset=utf-8")
    response = HttpResponse(made.html)
    response["Content-Security-Policy"] = PREVIEW_POLICY
    return response


def edition_or_404(pk: int) -> Edition:
    return get_object_or_404(Edition.objects.select_related("newsletter", "approved_by"), pk=pk)


def _facts(edition: Edition) -> dict[str, Any]:
    items = list(edition.items.select_related("article", "section"))
    editable = edition.status == Edition.Status.DRAFT
    sections = [
        (section, [item for item in items if item.section_id == section.pk and not item.dropped])
        for section in edition.newsletter.sections.order_by("position")
    ]
    return {
        "edition": edition,
        "progress": status.progress([edition])[0],
        # A section without room is one that only old editions use.
        "sections": [
            {"section": section, "items": placed}
            for section, placed in sections
            if placed or (editable and section.cap)
        ],
        "dropped": [item for item in items if item.dropped],
        "editable": editable,
        "audience": plan.audience(edition) if edition.status in SCHEDULABLE else 0,
        "seen": freeze.draft_hash(edition) if editable else "",
        "remarks": ready.remarks(edition) if editable else [],
    }
