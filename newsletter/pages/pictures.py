"""The photos that mails show, from our own database. Nothing is ever fetched for a reader."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from newsletter.feeds import images

A_YEAR = 365 * 24 * 3600  # seconds; the name is made from the content, so it never shows anything else


@require_safe
def picture(request: HttpRequest, name: str) -> HttpResponse:  # noqa: ARG001
    """The file of that name, to be kept for ever by every cache (RFC 8246), or 404."""
    found = images.file(name)
    if found is None:
        raise Http404
    response = HttpResponse(found, content_type=images.kind(name))
    response["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
