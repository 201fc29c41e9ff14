"""The pages for what went wrong: what happened, and where to go."""

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _

from newsletter.pages.answer import asked_for, page


def unreadable(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    said = "What was sent is too large, or cannot be read. Nothing was changed: go back, and send less at once."
    return _error(request, 400, "That was too much", said)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    said = str(exception or "")  # the desk's own words, in English
    return _error(request, 403, "You may not do this", said)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    with translation.override(asked_for(request)):
        return _error(request, 404, _("Not found"), _("There is nothing at this address."))


def broken(request: HttpRequest) -> HttpResponse:
    with translation.override(asked_for(request)):
        said = _("The fault is ours and has been logged. Nothing you typed was sent.")
        return _error(request, 500, _("Something broke"), said)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """A form without a valid CSRF token: mostly a page that stood open over night."""
    said = "This page was open for too long, or its cookie is missing. Nothing was changed: go back, reload, try again."
    return _error(request, 403, "Please try again", said)


def _error(request: HttpRequest, status: int, title: str, said: str) -> HttpResponse:
    language = translation.get_language() or "en"
    response = page(request, "pages/error.html", language=language, title=title, said=said)
    response.status_code = status
    return response
