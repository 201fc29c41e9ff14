"""The pages that letters lead to: GET shows a button, POST acts, and pressing twice is harmless."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from newsletter.pages.answer import asked_for, behind_token, page
from newsletter.pages.stranger import network
from newsletter.signing import Purpose
from newsletter.subscribers import addresses, confirm
from newsletter.subscribers.models import SignUp

takes_a_press = behind_token("GET", "HEAD", "POST")
DONE = SignUp.Status.CONFIRMED


@takes_a_press
def sign_up(request: HttpRequest, token: str) -> HttpResponse:
    """The press that makes somebody a reader."""
    found = confirm.asked(token, timezone.now())
    if found is None:
        return unknown(request)
    newsletters = list(found.newsletters.all())
    about = newsletters[0] if newsletters else None
    done = found.status == DONE
    if request.method == "POST" and not done:
        done = confirm.confirm(found, network(request), timezone.now()) or _was_pressed(found)
        if not done:
            return page(request, "pages/barred.html", about)
    if not done:
        return page(request, "pages/confirm.html", about, newsletters=newsletters)
    # A letter may be pressed again long afterwards.
    return page(request, "pages/confirmed.html", about, newsletters=newsletters, kept=confirm.kept(found))


@takes_a_press
def address(request: HttpRequest, token: str) -> HttpResponse:
    """The press that moves a reader to their new address."""
    found = confirm.asked(token, timezone.now(), Purpose.ADDRESS)
    if found is None:
        return unknown(request)
    about, done = found.newsletters.first(), found.status == DONE
    facts = {"address": addresses.masked(found.address) if found.address else ""}
    if request.method == "POST" and not done:
        done = confirm.move(found, timezone.now()) or _was_pressed(found)
        if not done:
            return page(request, "pages/barred.html", about)
    return page(request, "pages/moved.html" if done else "pages/move.html", about, **facts)


def _was_pressed(found: SignUp) -> bool:
    """Whether the other press of a double click came first."""
    found.refresh_from_db(fields=["status"])
    return found.status == DONE


def unknown(request: HttpRequest) -> HttpResponse:
    """A link that was cut off, forged or is too old: all look alike."""
    response = page(request, "pages/unknown_link.html", language=asked_for(request))
    response.status_code = 404
    return response
