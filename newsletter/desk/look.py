"""How the mail looks: by width, scheme, variant and reader, in frames that nothing gets out of; links for guests."""

import html
import re
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from newsletter.desk import counted, fields
from newsletter.desk.access import acts, person, shows
from newsletter.desk.editions import edition_or_404
from newsletter.desk.login import private
from newsletter.editions import freeze, glimpse, memo, variants
from newsletter.editions.models import Edition
from newsletter.editions.render import Rendered
from newsletter.errors import NewsletterError, UsageError
from newsletter.mail import slots
from newsletter.newsletters.models import Right
from newsletter.subscribers import addresses, topics
from newsletter.subscribers.models import Subscription

WIDTHS = {"desktop": 720, "phone": 375}
SCHEMES = ("light", "dark")
_BLANK = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
_FOREIGN = re.compile(rf"""(<img\b[^>]*?\ssrc=["'])(?!{re.escape(settings.SITE_URL)}/|data:)[^"']*(["'])""")
_NIGHT = re.compile(r"\(prefers-color-scheme:\s*dark\)")
_NOBODY = "preview"  # in the place of a token: no page knows it


def policy() -> str:
    """The mail is shown as it will arrive, but loads pictures from this site alone, runs nothing and leads nowhere.

    A picture at an address that a feed chose would tell its owner who looks at the draft, and when.
    """
    return (
        "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline';"
        f" img-src 'self' {settings.SITE_URL} data:; frame-ancestors 'self'"
    )


@shows(Right.VIEW)
def look(request: HttpRequest, pk: int) -> HttpResponse:
    """The mail beside its controls."""
    edition, asked = edition_or_404(pk), _asked(request)
    reader = _reader(edition, asked["reader"])
    facts = {
        "asked": asked,
        "reader": reader,
        "widths": WIDTHS,
        "links": _links(edition),
        "variants": _variants(edition),
    }
    return render(request, "desk/look.html", {"edition": edition, "person": person(request), **facts})


@shows(Right.VIEW)
def preview(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    """The mail itself, `form` html or text, for a sandboxed frame."""
    if form not in ("html", "text"):
        raise Http404
    return _mail(edition_or_404(pk), form, _asked(request))


@acts(Right.VIEW)
def as_reader(request: HttpRequest, pk: int) -> HttpResponse:
    """As one reader gets it. By POST, because an address has no place in an address."""
    edition, address_key = edition_or_404(pk), addresses.key(addresses.clean(fields.text(request, "email")))
    found = Subscription.objects.filter(newsletter=edition.newsletter_id, subscriber__address_key=address_key).first()
    if found is None:
        raise UsageError(f"Nobody with this address gets {edition.newsletter}.")
    return redirect(f"{reverse('desk-look', args=[pk])}?reader={found.pk}")


@acts(Right.EDIT)
def share(request: HttpRequest, pk: int) -> HttpResponse:
    """A link for somebody without an account."""
    link = glimpse.make(edition_or_404(pk), person(request))
    messages.success(request, f"The link works until {link.expires_at:%A %d %B, %H:%M} UTC: {glimpse.address(link)}")
    return redirect("desk-look", pk=pk)


@acts(Right.EDIT)
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    glimpse.revoke(edition_or_404(pk), person(request))
    messages.success(request, "The links show nothing any more.")
    return redirect("desk-look", pk=pk)


@private
@require_safe
def guest(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind such a link."""
    edition = _opened(token)
    response = render(request, "desk/guest.html", {"edition": edition, "token": token, "person": None})
    response["X-Robots-Tag"] = "noindex"
    return response


@private
@require_safe
def guest_mail(_request: HttpRequest, token: str, form: str) -> HttpResponse:
    """The mail in it, its HTML or its text: the full edition, of no reader."""
    return _mail(_opened(token), form, {"variant": "", "scheme": "", "reader": ""})


def _opened(token: str) -> Edition:
    found = glimpse.opened(token)
    if found is None:
        raise Http404
    return found


def _asked(request: HttpRequest) -> dict[str, str]:
    asked = {name: fields.asked(request, name, 80) for name in ("width", "scheme", "variant", "reader", "form")}
    asked["width"] = asked["width"] if asked["width"] in WIDTHS else "desktop"
    return asked


def _mail(edition: Edition, form: str, asked: dict[str, str]) -> HttpResponse:
    reader = _reader(edition, asked["reader"])
    try:
        made = _made(edition, reader.topic_set if reader else asked["variant"])
    except NewsletterError as error:
        return HttpResponse(str(error), content_type="text/plain; charset=utf-8", status=409)
    if reader:
        made = _for(made, reader.subscriber.name)
    if form == "text":
        return HttpResponse(made.text, content_type="text/plain; charset=utf-8")
    response = HttpResponse(_our_pictures(_in_scheme(made.html, asked["scheme"])))
    response["Content-Security-Policy"] = policy()
    return response


def _made(edition: Edition, variant: str) -> Rendered:
    """Of an unknown or small variant it is the full edition, as its readers would get."""
    if variant == variants.FULL:
        return freeze.preview(edition)
    if edition.content_hash:
        frozen = edition.renderings.filter(topic_set=variant).first()
        return Rendered(frozen.subject, frozen.html, frozen.text) if frozen else freeze.preview(edition)
    found = variants.of(freeze.snapshot_of(edition), topics.of_keys([variant]), edition.newsletter.min_items)
    return memo.rendered(found[-1][1])


def _for(made: Rendered, name: str) -> Rendered:
    """With a reader's name in its places, and no token: a preview can be forwarded without harm."""
    kept = {
        slots.NAME: name,
        slots.NAME_HTML: html.escape(name),
        slots.TOKEN: _NOBODY,
        slots.CLICK: "0",
        slots.PIXEL: "",
    }
    parts = [made.subject, made.html, made.text]
    for slot, words in kept.items():
        parts = [part.replace(slot, words) for part in parts]
    return Rendered(*parts)


def _in_scheme(page: str, scheme: str) -> str:
    """As by day or by night, whatever the reader of the preview has."""
    if scheme not in SCHEMES:
        return page
    return _NIGHT.sub("all" if scheme == "dark" else "not all", page)


def _our_pictures(page: str) -> str:
    """Pictures that were not made fit yet stay blank: the policy would refuse them, with a torn page for a mark."""
    return _FOREIGN.sub(rf"\1{_BLANK}\2", page)


def _reader(edition: Edition, asked: str) -> Subscription | None:
    if not asked.isdecimal():
        return None
    found = Subscription.objects.filter(newsletter=edition.newsletter_id, pk=int(asked[:18]))
    return found.select_related("subscriber").first()


def _links(edition: Edition) -> list[tuple[str, Any]]:
    return [(glimpse.address(link), link) for link in glimpse.standing(edition)]


def _variants(edition: Edition) -> list[tuple[str, str]]:
    """(key, its topics) of those that get a copy of their own."""
    if edition.content_hash:
        keys = list(edition.renderings.values_list("topic_set", flat=True))
    else:
        keys = variants.wanted_for(edition, counted.by_topics(edition))
    return [(key, ", ".join(named)) for key, named in topics.of_keys(keys).items()]
