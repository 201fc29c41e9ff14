"""Answering readers: in the newsletter's own language, and with what may be kept said."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.core.handlers.exception import response_for_exception
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import patch_cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from newsletter.mail.language import direction_of_language
from newsletter.newsletters.languages import spoken
from newsletter.newsletters.models import Newsletter
from newsletter.pages.brand import address_of

View = Callable[..., HttpResponse]
UNREADABLE = (BadRequest, SuspiciousOperation, MultiPartParserError)
"""What Django raises when a view looks into a body that is too large, too long a list, broken, or not UTF-8."""


def page(request: HttpRequest, template: str, newsletter: Newsletter | None = None, **context: Any) -> HttpResponse:
    """A page in the newsletter's language, or in English where we do not speak that.

    Without a newsletter, `language` may say which; else it is English too.
    """
    with speaking(newsletter.language if newsletter else context.pop("language", "en")):
        lang = translation.get_language() or "en"
        told = {"newsletter": newsletter, "lang": lang, "dir": direction_of_language(lang), "description": ""}
        brand_sheet = address_of(newsletter) if newsletter else ""
        return render(request, template, {**told, "brand_sheet": brand_sheet, **context})


def speaking(language: str) -> translation.override:
    """For what a view says before its page is made: in this language, where we speak it."""
    return translation.override(spoken(language))


def asked_for(request: HttpRequest) -> str:
    """The language that a browser asks for, where a page belongs to no newsletter; the desk's is English."""
    return "en" if request.path.startswith("/desk") else translation.get_language_from_request(request)


def public(response: HttpResponse, seconds: int) -> HttpResponse:
    """Anybody may keep this for a while: it is the same for all."""
    patch_cache_control(response, public=True, max_age=seconds)
    return response


def behind_token(*methods: str) -> Callable[[View], View]:
    """A page whose address holds a reader's token: it takes these methods, and each answer is private.

    The token is the proof, and there is no cookie that a forged form could misuse; mail clients post here too.
    """

    def guard(view: View) -> View:
        taken = require_http_methods(methods)(view)

        @wraps(view)
        def answered(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
            try:
                response = taken(request, *args, **named)
            except UNREADABLE as fault:
                response = response_for_exception(request, fault)
            return private(response)

        return csrf_exempt(answered)

    return guard


def private(response: HttpResponse) -> HttpResponse:
    """The address holds a reader's token: nothing may keep it, pass it on or list it."""
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    return response
