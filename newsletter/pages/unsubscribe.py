"""Leaving: GET asks, POST acts (mail scanners follow every link), and RFC 8058 clients post here without a cookie."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from newsletter.pages import rehearsal
from newsletter.pages.answer import UNREADABLE, behind_token, page
from newsletter.pages.confirm import unknown
from newsletter.subscribers import addresses, choices, consent, names, tokens
from newsletter.subscribers.models import Consent, Subscription

REASONS = {
    "often": _("Too many letters"),
    "interest": _("Not what I am interested in"),
    "never": _("I never signed up"),
    "reading": _("I read it elsewhere"),
    "other": _("Something else"),
}
LONGEST_WORDS = 200


@behind_token("GET", "HEAD", "POST")
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """A page with a button; pressing it, or a mail client's one click, ends the subscription. Repeating is harmless."""
    subscription = tokens.subscription_for(token)
    if subscription is None:
        return rehearsal.left(request, token) or unknown(request)
    if request.method != "POST":
        if subscription.status == Subscription.Status.UNSUBSCRIBED:
            return goodbye(request, subscription, token)
        address = addresses.masked(subscription.subscriber.email or "")
        facts = {"address": address, "is_test": False}
        return page(request, "pages/unsubscribe.html", subscription.newsletter, **facts)
    consent.unsubscribe(subscription, Consent.Source.ONE_CLICK if _is_one_click(request) else Consent.Source.PAGE)
    return goodbye(request, subscription, token)


def _is_one_click(request: HttpRequest) -> bool:
    """Whether a mail client pressed. Whoever presses leaves, also by a body that nobody can read."""
    try:
        return request.POST.get("List-Unsubscribe") == "One-Click"
    except UNREADABLE:
        return False


@behind_token("GET", "HEAD", "POST")
def undo(request: HttpRequest, token: str) -> HttpResponse:
    """Take it back, within a day."""
    subscription = tokens.subscription_for(token)
    if subscription is None:
        return unknown(request)
    if request.method != "POST":
        return redirect("unsubscribe", token)
    choices.undo(subscription, timezone.now())
    subscription.refresh_from_db(fields=["status"])
    if subscription.status == Subscription.Status.UNSUBSCRIBED:
        return goodbye(request, subscription, token)
    return page(request, "pages/back.html", subscription.newsletter, token=token)


@behind_token("GET", "HEAD", "POST")
def why(request: HttpRequest, token: str) -> HttpResponse:
    """Keep a reason that the reader gives after leaving; nobody has to."""
    subscription = tokens.subscription_for(token)
    if subscription is None:
        return unknown(request)
    if request.method != "POST":
        return redirect("unsubscribe", token)
    reason, typed = request.POST.get("reason", ""), request.POST.get("words", "")
    if len(typed) > LONGEST_WORDS:
        return goodbye(request, subscription, token, chosen=reason, typed=names.clean(typed[:1000]))
    words = names.clean(typed)
    if reason in REASONS or words:
        choices.tell_why(subscription, reason if reason in REASONS else "", words)
    return goodbye(request, subscription, token, thanked=True)


def goodbye(request: HttpRequest, subscription: Subscription, token: str, **said: Any) -> HttpResponse:
    """The page after leaving: whoever may take it back is offered that. `chooser`: the token of a page to go to."""
    subscription.refresh_from_db(fields=["status", "unsubscribed_at"])
    undoable = choices.may_undo(subscription, timezone.now())
    facts = {"token": token, "undoable": undoable, "reasons": REASONS, "thanked": False, "is_test": False}
    facts |= {"asks": subscription.subscriber.email is not None, **said}
    return page(request, "pages/goodbye.html", subscription.newsletter, **facts)
