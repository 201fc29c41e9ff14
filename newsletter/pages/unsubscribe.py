"""Leaving: GET asks, POST acts (mail scanners follow every link), and RFC 8058 clients post here without a cookie."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from newsletter.pages.answer import page, private
from newsletter.subscribers import consent, tokens
from newsletter.subscribers.models import Consent, Subscription


@csrf_exempt  # the token in the address is the proof; mail clients have no cookie to be forged
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """A page with a button; pressing it, or a mail client's one click, ends the subscription. Repeating is harmless."""
    subscription = tokens.subscription_for(token)
    if subscription is None:
        return private(render(request, "pages/unknown_link.html", status=404))
    if request.method != "POST":
        gone = subscription.status == Subscription.Status.UNSUBSCRIBED
        template = "pages/goodbye.html" if gone else "pages/unsubscribe.html"
        return private(page(request, template, subscription.newsletter))
    one_click = request.POST.get("List-Unsubscribe") == "One-Click"
    consent.unsubscribe(subscription, Consent.Source.ONE_CLICK if one_click else Consent.Source.PAGE)
    return private(page(request, "pages/goodbye.html", subscription.newsletter))
