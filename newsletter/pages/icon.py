"""The icon that browsers ask for where a page names none: the mail's own preview, or a plain text."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control

A_WEEK = 7 * 24 * 3600  # seconds


@cache_control(public=True, max_age=A_WEEK)
def none(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """204: there is no icon, which is no fault to put into anybody's console."""
    return HttpResponse(status=204)
