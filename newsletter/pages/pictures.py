"""The photos that mails show, from our own disk. Nothing is ever fetched for a reader."""

from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from newsletter.feeds import images

A_YEAR = 365 * 24 * 3600  # seconds; the name is made from the content, so it never shows anything else


@require_safe
def picture(request: HttpRequest, name: str) -> HttpResponseBase:  # noqa: ARG001
    """The file of that name, to be kept for ever by every cache (RFC 8246), or 404."""
    found = images.file(name)
    if found is None:
        raise Http404
    path, kind = found
    response = FileResponse(path.open("rb"), content_type=kind)
    response["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
