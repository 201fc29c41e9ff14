"""The sign-up form's answers to a script: JSON in, JSON out, for the sites that are named in form_origins (CORS)."""

import json
import time
from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from newsletter import config
from newsletter.newsletters.models import Newsletter
from newsletter.pages import forms
from newsletter.pages.answer import private

UNREADABLE, INVALID = 400, 422


def answer(
    request: HttpRequest, step: Callable[[forms.Filled], forms.Step], found: Sequence[Newsletter]
) -> HttpResponse:
    """What a browser asks first (OPTIONS), or one step of signing up."""
    if request.method == "OPTIONS":
        return _for_origin(request, HttpResponse(status=204))
    sent = _sent(request.body)
    if sent is None:
        said = {"status": "unreadable", "said": 'Send a JSON object such as {"address": "ada@example.org"}.'}
        return _for_origin(request, JsonResponse(said, status=UNREADABLE))
    filled = forms.read(sent, found, time.time())
    facts = _facts(filled, step(filled))
    return _for_origin(request, JsonResponse(facts, status=INVALID if filled.faults else 200))


def _facts(filled: forms.Filled, step: forms.Step) -> dict[str, Any]:
    if filled.faults:
        return {"status": "faults", "faults": dict(filled.faults)}
    if step.ticket:
        return {"status": "proof", "ticket": step.ticket.text, "bits": step.ticket.bits, "wait": step.ticket.wait}
    if step.name == "once-more":
        return {"status": "once-more"}
    return {
        "status": "sent",
        "said": _("Look into your mailbox: if it may be mailed, a letter with a button is on its way."),
    }


def _sent(body: bytes) -> QueryDict | None:
    """A JSON object as a form would have sent it; None for anything else."""
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(given, dict):
        return None
    sent = QueryDict(mutable=True)
    for name, value in given.items():
        many = value if isinstance(value, list) else [value]
        sent.setlist(name, [each for each in many if isinstance(each, str)] or [""])
    return sent


def _for_origin(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    origin = request.headers.get("Origin", "")
    if origin and origin in config.current().form_origins.split(", "):
        response["Access-Control-Allow-Origin"] = origin
        response["Access-Control-Allow-Methods"] = "POST"
        response["Access-Control-Allow-Headers"] = "Content-Type"
    patch_vary_headers(response, ["Origin"])
    return private(response)
