"""Who may use a view. Every view of the desk declares it; a test walks the addresses and fails on one that does not."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from newsletter import config
from newsletter.errors import NewsletterError
from newsletter.newsletters import second
from newsletter.newsletters.models import Right, Staff

View = Callable[..., HttpResponse]
BY_ITSELF = "X-Autosave"
"""The header of a save that no button asked for: it is answered in JSON."""


def shows(right: Right) -> Callable[[View], View]:
    """A view that only reads, for people with this right."""

    def declare(view: View) -> View:
        return _declared(require_safe(_guarded(view, right)), right)

    return declare


def acts(right: Right, *, back: str = "", proven: bool = False) -> Callable[[View], View]:
    """A view that changes something, by POST, for people with this right; a refusal is told on the page before.

    `back` names that page; without it, it is the edition's, or the front page. `proven`: only for who has set up the
    second step, where mail leaves the house; what stops a send never waits for that.
    """

    def declare(view: View) -> View:
        @wraps(view)
        def act(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if proven and is_bare(person(request)):
                messages.error(request, "Who sends signs in with a second step. Set it up here; nothing was done yet.")
                return redirect("desk-second-step")
            try:
                return view(request, *args, **kwargs)
            except NewsletterError as error:
                messages.error(request, str(error))
                return redirect(_page_before(request, back, kwargs.get("pk")))

        return _declared(require_POST(_guarded(act, right)), right)

    return declare


def _page_before(request: HttpRequest, back: str, pk: int | None) -> str:
    """The page that the form stood on, if it is one of the desk; else the one that belongs to what was asked."""
    came, here = urlsplit(request.headers.get("Referer", "")), request.get_host()
    if came.netloc == here and came.path.startswith(reverse("desk")):
        return came.path + (f"?{came.query}" if came.query else "")
    if back:
        return reverse(back)
    return reverse("desk-edition", args=[pk]) if pk else reverse("desk")


def is_bare(person: Staff) -> bool:
    """Whether somebody who may send has no second step, though what they send would leave the house."""
    return second.is_needed(person) and not person.totp_secret and config.current().transport != "outbox"


def person(request: HttpRequest) -> Staff:
    """Who is signed in; only behind `shows` or `acts`."""
    return cast("Staff", request.user)


def _guarded(view: View, right: Right) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return _to_login(request)
        if not person(request).may(right):
            raise PermissionDenied(f"This needs the right to {right.value}.")
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response

    return guarded


def _to_login(request: HttpRequest) -> HttpResponse:
    """To the login page; a script is told and decides, for leaving the page could lose what somebody is typing."""
    if "HX-Request" in request.headers or BY_ITSELF in request.headers:
        return HttpResponse("You are signed out.", status=401, content_type="text/plain")
    return redirect_to_login(request.get_full_path())


def _declared(view: View, right: Right) -> View:
    view.right = right  # type: ignore[attr-defined] # read by the test that walks the addresses
    return view
