"""The pages for what went wrong: what happened, and where to go."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    said = str(exception or "")
    return render(request, "pages/error.html", {"title": "You may not do this", "said": said}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    said = "There is nothing at this address."
    return render(request, "pages/error.html", {"title": "Not found", "said": said}, status=404)


def broken(request: HttpRequest) -> HttpResponse:
    said = "The fault is ours and has been logged. Nothing you typed was sent."
    return render(request, "pages/error.html", {"title": "Something broke", "said": said}, status=500)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """A form without a valid CSRF token: mostly a page that stood open over night."""
    said = "This page was open for too long, or its cookie is missing. Nothing was changed: go back, reload, try again."
    return render(request, "pages/error.html", {"title": "Please try again", "said": said}, status=403)
