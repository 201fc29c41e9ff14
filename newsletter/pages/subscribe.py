"""Signing up: a page, a frame for other sites, and an answer to the site's own form. All say the same to everybody.

No cookie is asked for and none is set: a forged form could only ask for a letter that its owner has to answer.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import cast

from csp.decorators import csp_replace
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from newsletter.newsletters.models import Newsletter
from newsletter.pages import forms, script, snippet, wording
from newsletter.pages.answer import page, private, speaking
from newsletter.pages.stranger import network
from newsletter.subscribers import defence, proof, signup
from newsletter.subscribers.models import SignUp

Source = SignUp.Source
View = Callable[..., HttpResponse]
readers_form = require_http_methods(["GET", "HEAD", "POST"])


def _anywhere(view: View) -> View:
    """Any site may show it in a frame: there is no session that a click could misuse."""
    return xframe_options_exempt(cast("View", csp_replace({"frame-ancestors": ["*"]})(view)))


@csrf_exempt
@readers_form
def several(request: HttpRequest) -> HttpResponse:
    """One form for all newsletters; where there is one, its own page."""
    found = _open()
    if len(found) == 1 and request.method != "POST":
        return redirect("subscribe", slug=found[0].slug)
    return _form(request, found, Source.PAGE)


@csrf_exempt
@readers_form
def single(request: HttpRequest, slug: str) -> HttpResponse:
    """A newsletter's form."""
    return _form(request, _one(slug), Source.SITE if snippet.MARK in request.POST else Source.PAGE)


@csrf_exempt
@readers_form
@_anywhere
def framed(request: HttpRequest, slug: str) -> HttpResponse:
    """The same form without anything around it and without any script, for a frame on another site."""
    return _form(request, _one(slug), Source.FRAME)


@csrf_exempt
@require_http_methods(["OPTIONS", "POST"])
def by_script(request: HttpRequest, slug: str) -> HttpResponse:
    """For a form of the publication's own: JSON in, JSON out, by the sites that form_origins names."""
    found = _one(slug)
    with speaking(found[0].language):
        return script.answer(request, lambda filled: _step(request, Source.SITE, filled), found)


def _open() -> list[Newsletter]:
    """Newsletters that take sign-ups: those that have a privacy notice."""
    return list(Newsletter.objects.exclude(privacy_url="").order_by("name"))


def _one(slug: str) -> list[Newsletter]:
    found = Newsletter.objects.filter(slug=slug).exclude(privacy_url="").first()
    if found is None:
        raise Http404
    return [found]


def _form(request: HttpRequest, found: Sequence[Newsletter], source: SignUp.Source) -> HttpResponse:
    about = found[0] if len(found) == 1 else None
    if not found:
        response = page(request, "pages/subscribe_closed.html")
        response.status_code = 404
        return response
    language = found[0].language
    with speaking(language):
        filled = forms.read(request.POST, found, time.time()) if request.method == "POST" else forms.empty(found)
        step = _step(request, source, filled) if request.method == "POST" else forms.Step("form")
        shown = {"filled": filled, "step": step, "terms": wording.terms_of(found), "topics": forms.topics_of(found)}
        shown |= {"framed": source == Source.FRAME, "began": proof.began(time.time()), "found": found}
        shown |= {"again": "again" in request.POST, "here": request.path}
    template = {"sent": "pages/subscribe_sent.html", "proof": "pages/subscribe_proof.html"}
    name = template.get(step.name, "pages/subscribe.html")
    return private(page(request, name, about, language=language, **shown))


def _step(request: HttpRequest, source: SignUp.Source, filled: forms.Filled) -> forms.Step:
    """What comes next for a form that was sent: itself again, one more press, a proof; or it is written down."""
    if filled.asked is None:
        return forms.Step("form")
    if filled.trapped and not filled.sure:
        return forms.Step("once-more")
    proved = ""
    if defence.is_on(timezone.now()):
        proved = filled.shown(time.time())
        if not proved:
            return forms.Step("proof", filled.ticket(time.time()))
    terms = wording.text_of(wording.terms_of(filled.asked.newsletters))
    signup.ask(replace(filled.asked, source=source, wording=terms, network=network(request), proved=proved))
    return forms.Step("sent")
