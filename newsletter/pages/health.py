"""Whether the web answers at all."""

from django.http import HttpRequest, HttpResponse


def livez(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """200 while the process can answer; depends on nothing, so that a lost database does not get the web restarted."""
    return HttpResponse("ok\n", content_type="text/plain")
