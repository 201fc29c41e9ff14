"""A reader's own page, by a fresh link from their mailbox: name, address, data, erasure."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from newsletter.errors import UsageError
from newsletter.pages import forms
from newsletter.pages.answer import behind_token, page, speaking
from newsletter.pages.confirm import unknown
from newsletter.pages.stranger import network
from newsletter.subscribers import addresses, choices, names, signup, tokens
from newsletter.subscribers.models import SignUp, Subscription
from newsletter.tracking import erase
from newsletter.tracking import person as persons


@behind_token("GET", "HEAD", "POST")
def person(request: HttpRequest, token: str) -> HttpResponse:
    """The page, with a form for each change."""
    found = _reader(token)
    if found is None:
        return unknown(request)
    deed = DEEDS.get(request.POST.get("do", "")) if request.method == "POST" else None
    with speaking(found.newsletter.language):
        said, faults = deed(request, found) if deed else ("", {})
    if said == "erased":
        return page(request, "pages/erased.html", found.newsletter)
    found.subscriber.refresh_from_db()
    name = forms.shown_again(request.POST.get("name", "")) if "name" in faults else found.subscriber.name
    typed = forms.shown_again(request.POST.get("address", "")) if faults else ""
    filled = forms.Filled({"name": name, "address": typed}, (), (), faults)
    facts = {"token": token, "email": found.subscriber.email, "said": said, "filled": filled}
    return page(request, "pages/personal.html", found.newsletter, **facts)


@behind_token("GET", "HEAD")
def data(request: HttpRequest, token: str) -> HttpResponse:
    """Everything we know of the reader, as a file."""
    found = _reader(token)
    if found is None:
        return unknown(request)
    response = JsonResponse(
        persons.everything(found.subscriber), json_dumps_params={"ensure_ascii": False, "indent": 2}
    )
    response["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return response


def _reader(token: str) -> Subscription | None:
    found = tokens.person_for(token, timezone.now())
    return found if found and found.subscriber.email else None


Said = tuple[str, dict[str, str]]


def _rename(request: HttpRequest, found: Subscription) -> Said:
    name = request.POST.get("name", "")
    if len(name) > forms.LONGEST_NAME:
        return "", {"name": _("Please use at most %(count)s characters.") % {"count": forms.LONGEST_NAME}}
    choices.rename(found, names.clean(name))
    return "name", {}


def _move(request: HttpRequest, found: Subscription) -> Said:
    """Ask for a letter to the new address; a bell decides, as about every request, and nobody learns how."""
    try:
        address = addresses.clean(request.POST.get("address", ""))
    except UsageError:
        return "", {"address": _("Please write an address such as ada@example.org.")}
    asked = signup.Asked(
        address=address, newsletters=[found.newsletter], source=SignUp.Source.MOVE, network=network(request)
    )
    signup.ask(asked, found.subscriber)
    return "address", {}


def _erase(request: HttpRequest, found: Subscription) -> Said:
    if request.POST.get("sure") != "1":
        return "", {"sure": _("Please tick this first: it cannot be undone.")}
    erase.erase(found.subscriber)
    return "erased", {}


DEEDS: dict[str, Callable[[HttpRequest, Subscription], Said]] = {"name": _rename, "address": _move, "erase": _erase}
