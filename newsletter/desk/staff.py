"""The staff: who they are and what they may do. For admins."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from newsletter.desk import fields
from newsletter.desk.access import acts, person, shows
from newsletter.errors import UsageError
from newsletter.letters import staff_links
from newsletter.newsletters import people, second
from newsletter.newsletters.models import RIGHTS, Right, Role, Staff


@shows(Right.ADMIN)
def index(request: HttpRequest) -> HttpResponse:
    roles = [(role, [right.value for right in Right if right in RIGHTS[role]]) for role in Role.values]
    everybody = Staff.objects.order_by("-is_active", "email")
    return render(request, "desk/staff.html", {"people": everybody, "roles": roles, "person": person(request)})


@acts(Right.ADMIN, back="desk-staff")
def invite(request: HttpRequest) -> HttpResponse:
    email = fields.text(request, "email").strip()
    guest = staff_links.invite(email, fields.text(request, "name"), _role(request), person(request))
    messages.success(request, f"{guest} is invited as {guest.role}; the letter is on its way.")
    return redirect("desk-staff")


@acts(Right.ADMIN, back="desk-staff")
def change_role(request: HttpRequest, member: int) -> HttpResponse:
    changed = people.change_role(_member(member).email, _role(request), person(request))
    messages.success(request, f"{changed} is {changed.role} now, and has to sign in again.")
    return redirect("desk-staff")


@acts(Right.ADMIN, back="desk-staff")
def set_active(request: HttpRequest, member: int) -> HttpResponse:
    changed, active = _member(member), fields.ticked(request, "active")
    people.set_active(changed, person(request), active=active)
    said = "may come in again" if active else "is deactivated and signed out everywhere"
    messages.success(request, f"{changed} {said}.")
    return redirect("desk-staff")


@acts(Right.ADMIN, back="desk-staff")
def take_second_step(request: HttpRequest, member: int) -> HttpResponse:
    changed = _member(member)
    second.take_away(changed, person(request))
    messages.success(request, f"{changed} signs in without a second step, by a link, and should set up a new one.")
    return redirect("desk-staff")


def _member(pk: int) -> Staff:
    return get_object_or_404(Staff, pk=pk)


def _role(request: HttpRequest) -> str:
    role = fields.text(request, "role")
    if role not in Role.values:
        raise UsageError("Choose a role.")
    return role
