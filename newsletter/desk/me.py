"""One's own page: password, second step, recovery codes, and where one is signed in."""

import segno
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from newsletter.desk import fields
from newsletter.desk.access import acts, person, shows
from newsletter.errors import Refused
from newsletter.newsletters import audit, passwords, second, sessions
from newsletter.newsletters.models import Right


@shows(Right.VIEW)
def show(request: HttpRequest) -> HttpResponse:
    me = person(request)
    known = me.sessions.order_by("-since", "-expire_date")
    facts = {"sessions": known, "here": request.session.session_key, "needed": second.is_needed(me)}
    return render(request, "desk/me.html", {**facts, "person": me})


@acts(Right.VIEW, back="desk-me")
def password(request: HttpRequest) -> HttpResponse:
    me = person(request)
    passwords.choose(me, request.POST.get("password", ""), request.POST.get("again", ""))
    update_session_auth_hash(request, me)
    sessions.end(me, besides=request.session.session_key)
    messages.success(request, "Your password is changed. Every other browser was signed out.")
    return redirect("desk-me")


@acts(Right.VIEW, back="desk-me")
def reports(request: HttpRequest) -> HttpResponse:
    """Begin or stop to mail this person the reports of editions."""
    me = person(request)
    me.gets_reports = fields.text(request, "reports") == "yes"
    me.save(update_fields=["gets_reports"])
    messages.success(request, f"Reports of editions are {'mailed to you' if me.gets_reports else 'not mailed to you'}.")
    return redirect("desk-me")


@shows(Right.VIEW)
def second_step(request: HttpRequest) -> HttpResponse:
    """The QR code of a secret that is this session's; it counts once a code proves that the app has it."""
    me = person(request)
    secret = second.candidate(me, request.session.session_key or "")
    picture = segno.make(second.address(me, secret), micro=False).svg_data_uri(scale=5, border=2, light="#ffffff")
    return render(request, "desk/second_step.html", {"person": me, "secret": secret, "picture": picture})


@acts(Right.VIEW, back="desk-second-step")
def set_second_step(request: HttpRequest) -> HttpResponse:
    me = person(request)
    secret = second.candidate(me, request.session.session_key or "")
    codes = second.set_up(me, secret, fields.text(request, "code").replace(" ", ""))
    update_session_auth_hash(request, me)
    sessions.end(me, besides=request.session.session_key)
    return render(request, "desk/codes.html", {"person": me, "codes": codes})


@acts(Right.VIEW, back="desk-me")
def new_codes(request: HttpRequest) -> HttpResponse:
    me = person(request)
    if not me.totp_secret:
        raise Refused("Recovery codes stand in for the second step; set that up first.")
    return render(request, "desk/codes.html", {"person": me, "codes": second.renew_codes(me)})


@acts(Right.VIEW, back="desk-me")
def end_sessions(request: HttpRequest) -> HttpResponse:
    """End one session by its key, or all but this one."""
    me, key = person(request), fields.text(request, "session")
    count = sessions.end(me, besides=request.session.session_key, only=key or None)
    audit.record(me, "end-sessions", f"staff {me.pk}", count=count)
    messages.success(request, f"{count} other {'browser was' if count == 1 else 'browsers were'} signed out.")
    return redirect("desk-me")
