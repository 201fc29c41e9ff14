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
