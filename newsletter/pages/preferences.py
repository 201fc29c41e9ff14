"""Choosing what one gets, by the link in every mail. It may have been forwarded, so it shows and gives little:

the address is masked, and whatever is personal takes a fresh link, mailed to the reader.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from newsletter.editions import topics as offers
from newsletter.newsletters.models import Newsletter
from newsletter.pages import rehearsal
from newsletter.pages.answer import behind_token, page
from newsletter.pages.confirm import unknown
from newsletter.pages.unsubscribe import goodbye
from newsletter.subscribers import addresses, choices, consent, tokens, topics
from newsletter.subscribers.models import Consent, Subscription

Status = Subscription.Status
WEEKS = (1, 2, 4, 8, 12)


@behind_token("GET", "HEAD", "POST")
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    """One page: what one gets, with a form for each change."""
    found = tokens.subscription_for(token)
    if found is None or found.subscriber.email is None:
        return rehearsal.chosen(request, token) or unknown(request)
    if request.method == "POST" and request.POST.get("do") == "leave" and (other := _left(request, found)):
        return goodbye(request, other, tokens.token_for(other.public_id), chooser=token)
    said = _done(request, found) if request.method == "POST" else ""
    found.refresh_from_db()
    return page(request, "pages/preferences.html", found.newsletter, said=said, **_facts(found, token))


def _done(request: HttpRequest, found: Subscription) -> str:
    """Do what was pressed; which sentence says so. What is not offered changes nothing."""
    now, deed = timezone.now(), request.POST.get("do", "")
    if deed == "topics":
        offered = offers.offered(found.newsletter)
        chosen = [each for each in request.POST.getlist("topics") if each in offered]
        return "topics" if choices.choose_topics(found, chosen, now) else ""
    if deed == "pause":
        weeks = {str(weeks): weeks for weeks in (0, *WEEKS)}.get(request.POST.get("weeks", ""))
        return "weeks" if weeks is None else "pause" if choices.pause(found, weeks, now) else ""
    if deed in ("count", "do-not-count"):
        return _count(found, deed == "count")
    if deed == "link":
        choices.ask_for_link(found, now)
        return "link"
    return ""


def _count(found: Subscription, agrees: bool) -> str:
    """Agreeing is offered only where somebody counts by reader; taking it back always."""
    offered = not agrees or found.newsletter.links == Newsletter.Links.PERSONAL
    return "counting" if offered and choices.agree_to_counting(found, agrees, timezone.now()) else ""


def _left(request: HttpRequest, found: Subscription) -> Subscription | None:
    """Leave the newsletter that was pressed; None for what is none of theirs."""
    slug = request.POST.get("newsletter", "")
    theirs = Subscription.objects.filter(subscriber_id=found.subscriber_id).select_related("newsletter", "subscriber")
    other = next((each for each in theirs if each.newsletter.slug == slug), None)  # PostgreSQL takes no NUL, we do
    if other is not None:
        consent.unsubscribe(other, Consent.Source.PAGE)
    return other


def _facts(found: Subscription, token: str) -> dict[str, Any]:
    chosen, offered = topics.of_key(found.topic_set), offers.offered(found.newsletter)
    theirs = Subscription.objects.filter(subscriber_id=found.subscriber_id).exclude(status=Status.PENDING)
    return {
        "token": token,
        "here": found,
        "address": addresses.masked(found.subscriber.email or ""),
        "subscriptions": theirs.select_related("newsletter").order_by("newsletter__name"),
        "others": Newsletter.objects.exclude(privacy_url="")
        .exclude(pk__in=theirs.values("newsletter"))
        .order_by("name"),
        "offered": sorted({*offered, *chosen}),
        "chosen": chosen,
        "coming": offers.coming(found.newsletter, found.topic_set, chosen, timezone.now()),
        "weeks": WEEKS,
        "may_count": found.newsletter.links == Newsletter.Links.PERSONAL or found.counted_since is not None,
        "states": {"active": _("You get it"), "paused": _("Paused"), "unsubscribed": _("You have left")},
    }
