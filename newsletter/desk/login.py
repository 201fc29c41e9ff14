"""Signing in: by a link that works once, or by a password; then by the second step, where a person has one.

GET of a link shows a button, because mail scanners and chat previews follow links.
"""

import time
from functools import wraps

from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from newsletter.desk import fields
from newsletter.desk.access import View
from newsletter.errors import Refused
from newsletter.letters import staff_links
from newsletter.newsletters import audit, passwords, people, sessions
from newsletter.newsletters.models import Staff

BACKEND = "django.contrib.auth.backends.ModelBackend"
HALF = "half-signed-in"
HALF_LIFE = 10 * 60  # seconds for the second step


def private(view: View) -> View:
    """No cache keeps the page, and no other site learns its address."""

    @wraps(view)
    def kept(request: HttpRequest, *args: str, **kwargs: str) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        response["Referrer-Policy"] = "same-origin"
        return response

    return kept


@private
@require_safe
def ask(request: HttpRequest) -> HttpResponse:
    """Where somebody lands who is not signed in."""
    return _page(request)


@private
@require_POST
def by_password(request: HttpRequest) -> HttpResponse:
    """Address and password; whether an address is known is never told."""
    email = fields.text(request, "email")
    try:
        person = passwords.prove(email, request.POST.get("password", ""), fields.network(request))
    except Refused as error:
        return _page(request, fault=str(error), email=email, status=429)
    if person is None:
        return _page(request, fault=_WRONG, email=email, status=403)
    return _first_step(request, person)


@private
@require_POST
def send_link(request: HttpRequest) -> HttpResponse:
    """Mail a sign-in link, if the address is somebody's; the answer is the same in every case."""
    staff_links.mail_link(fields.text(request, "email"))
    return _page(request, mailed=True)


@private
@require_http_methods(["GET", "HEAD", "POST"])
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """POST signs the link's person in and voids the link."""
    acting = request.method == "POST"
    person = people.redeem(token) if acting else people.person_for(token)
    if person is None:
        return _page(request, void=True, status=404)
    return _first_step(request, person) if acting else _page(request, guest=person)


@private
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """The second step, for whoever took the first a few minutes ago."""
    person = _half_signed_in(request)
    if person is None:
        return redirect("desk-login")
    if request.method != "POST":
        return render(request, "desk/code.html", {"person": None, "fault": ""})
    try:
        right = passwords.prove_second(person, fields.text(request, "code"), fields.network(request))
    except Refused as error:
        return render(request, "desk/code.html", {"person": None, "fault": str(error)}, status=429)
    if not right:
        fault = "That is neither the code of this moment nor a recovery code."
        return render(request, "desk/code.html", {"person": None, "fault": fault}, status=403)
    return _sign_in(request, person, request.session[HALF][2])


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Sign out."""
    logout(request)
    return redirect("desk-login")


def _first_step(request: HttpRequest, person: Staff) -> HttpResponse:
    if not person.totp_secret:
        return _sign_in(request, person, fields.onward(request))
    request.session.flush()
    request.session[HALF] = [person.pk, time.time(), fields.onward(request)]
    return redirect("desk-code")


def _half_signed_in(request: HttpRequest) -> Staff | None:
    pk, at, _ = request.session.get(HALF) or (0, 0.0, "")
    return Staff.objects.filter(pk=pk, is_active=True).first() if time.time() - at < HALF_LIFE else None


def _sign_in(request: HttpRequest, person: Staff, onward: str) -> HttpResponse:
    request.session.pop(HALF, None)
    login(request, person, backend=BACKEND)
    request.session[sessions.AGENT] = fields.clean(request.headers.get("User-Agent", ""))[:120]
    request.session[sessions.SINCE] = timezone.now().isoformat()
    sessions.SessionStore.clear_expired()
    audit.record(person, "login", f"staff {person.pk}")
    return redirect(onward or "desk")


def _page(request: HttpRequest, *, status: int = 200, **said: object) -> HttpResponse:
    """The sign-in page. `guest`: whom a link names; `void`, `mailed`: what happened; `fault`: what was wrong."""
    facts = {"guest": None, "void": False, "mailed": False, "fault": "", "email": "", **said}
    return render(request, "desk/login.html", {"person": None, "next": fields.onward(request), **facts}, status=status)


_WRONG = (
    "Address and password do not belong together. If you never chose a password, or may send and have no second step,"
    " let us mail you a link."
)
