"""Answers to a form that saves by itself as well as by its button, and to two people who edit the same thing."""

from collections.abc import Mapping
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render

from newsletter.desk import fields
from newsletter.desk.access import BY_ITSELF, View, person
from newsletter.editions import history
from newsletter.errors import NewsletterError


def merges(view: View) -> View:
    """A view that may find that somebody else was faster: both versions are shown, and nothing typed is lost."""

    @wraps(view)
    def merging(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except history.Conflict as conflict:
            return _both(request, conflict, kwargs["pk"])
        except NewsletterError as error:
            if BY_ITSELF in request.headers:
                return JsonResponse({"fault": str(error)}, status=422)
            if "HX-Request" not in request.headers:
                raise
            return refused(error)

    return merging


def is_scripted(request: HttpRequest) -> bool:
    """Whether a script sent the form and will show what it is told."""
    return BY_ITSELF in request.headers or "HX-Request" in request.headers


def refused(error: NewsletterError) -> HttpResponse:
    """What a script shows beside the button, and leaves the form as it is."""
    return HttpResponse(str(error), status=422, content_type="text/plain; charset=utf-8")


def saved(request: HttpRequest, values: Mapping[str, str], back: str) -> HttpResponse:
    """Done. A save by itself is told what the fields say now, so that the next one can be merged too."""
    if BY_ITSELF in request.headers:
        return JsonResponse({"values": values, "was": {name: history.digest(text) for name, text in values.items()}})
    return redirect(back)


def merged(request: HttpRequest, now: Mapping[str, str], who: Any) -> dict[str, str]:
    """What the form's fields say, merged with what was written meanwhile. Raises Conflict."""
    mine = {name: fields.text(request, name).replace("\r\n", "\n") for name in now if name in request.POST}
    was = {name: _was(request, name, now[name]) for name in mine}
    return {**now, **history.merged(now, mine, was, who)}


def _was(request: HttpRequest, name: str, now: str) -> str:
    """What the field was changed from. A save whose answer was lost in a broken connection may stand there already."""
    sent = fields.text(request, f"sent-{name}")
    arrived = sent and history.digest(sent) == history.digest(now)
    return history.digest(now) if arrived else request.POST.get(f"was-{name}", "")


def _both(request: HttpRequest, conflict: history.Conflict, pk: int) -> HttpResponse:
    was = {name: history.digest(text) for name, text in conflict.theirs.items()}
    if BY_ITSELF in request.headers:
        return JsonResponse({"who": conflict.who, "theirs": conflict.theirs, "was": was}, status=409)
    posted = {name: text for name, text in request.POST.items() if name != "csrfmiddlewaretoken"}
    rest = {name: text for name, text in posted.items() if name.removeprefix("was-") not in conflict.theirs}
    both = [(name, conflict.theirs[name], posted[name], was[name]) for name in conflict.theirs]
    facts = {"conflict": conflict, "both": both, "rest": rest, "pk": pk, "person": person(request)}
    return render(request, "desk/conflict.html", facts, status=409)
