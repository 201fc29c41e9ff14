"""Signing in by a link that works once. GET shows a button, because mail scanners and chat previews follow links."""

from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from newsletter.newsletters import audit, people

BACKEND = "django.contrib.auth.backends.ModelBackend"


@require_safe
def ask(request: HttpRequest) -> HttpResponse:
    """Where somebody lands who is not signed in."""
    return render(request, "desk/login.html", {"person": None})


@require_http_methods(["GET", "HEAD", "POST"])
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """POST signs the link's person in and voids the link."""
    acting = request.method == "POST"
    person = people.redeem(token) if acting else people.person_for(token)
    if person is None:
        response = render(request, "desk/login.html", {"person": None, "void": True}, status=404)
    elif acting:
        login(request, person, backend=BACKEND)
        audit.record(person, "login", f"staff {person.pk}")
        response = redirect("desk")
    else:
        response = render(request, "desk/login.html", {"person": None, "guest": person})
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "same-origin"
    return response


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Sign out."""
    logout(request)
    return redirect("desk-login")
