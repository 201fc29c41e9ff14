"""Past editions, for everybody: a list, a page for each, a feed of them, and what search engines ask for."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.views.decorators.cache import cache_page
from django.views.decorators.http import require_safe

from newsletter import ids, links
from newsletter.editions import archive
from newsletter.editions.models import Edition
from newsletter.editions.webpage import linked_data, page_of, stories_in
from newsletter.newsletters.models import Newsletter
from newsletter.pages.answer import page, public
from newsletter.pages.sitemap import sitemap_of
from newsletter.pages.wording import box_of

FRESH = 60  # seconds that we keep a page, and that others may: a correction is seen after twice that at the latest
A_PAGE = 50  # editions
IN_FEED = 20

View = Callable[..., HttpResponse]


def _kept(view: View) -> View:
    """The same for everybody: no cookie, made once a minute, and caches may keep it."""
    made = cache_page(FRESH)(view)

    @wraps(view)
    def answer(request: HttpRequest, **parts: Any) -> HttpResponse:
        return public(made(request, **parts), FRESH)

    return require_safe(answer)


@_kept
def index(request: HttpRequest) -> HttpResponse:
    """The newsletters whose past editions are public; of a single one, its list."""
    newsletters = list(archive.newsletters())
    if len(newsletters) == 1:
        return redirect("archive", slug=newsletters[0].slug)
    return page(request, "pages/newsletters.html", newsletters=newsletters)


@_kept
def past(request: HttpRequest, slug: str) -> HttpResponse:
    """A newsletter's past editions."""
    newsletter = _public(slug)
    editions = Paginator(archive.listed(newsletter), A_PAGE).get_page(request.GET.get("page"))
    return page(
        request, "pages/archive.html", newsletter, editions=editions, stories_in=stories_in,
        address=links.archive(slug), box=box_of(newsletter),
    )  # fmt: skip


@_kept
def edition(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """An edition, as everybody may read it."""
    return _edition(request, archive.by_number(slug, number))


@_kept
def copy(request: HttpRequest, public_id: str) -> HttpResponse:
    """The mail's "view in browser"; in a public archive the edition has an address of its own."""
    found = archive.by_public_id(ids.from_text(public_id))
    if found and found.kind != Edition.Kind.CORRECTION and found.newsletter.archive == Newsletter.Archive.PUBLIC:
        return redirect("archived", slug=found.newsletter.slug, number=found.number)
    response = _edition(request, found)
    response["X-Robots-Tag"] = "noindex"
    return response


@_kept
def feed(request: HttpRequest, slug: str) -> HttpResponse:  # noqa: ARG001
    """The latest editions as an Atom feed (RFC 4287)."""
    newsletter = _public(slug)
    made = Atom1Feed(
        newsletter.name, links.archive(slug), newsletter.tagline, newsletter.language,
        feed_url=links.absolute(f"/archive/{slug}/feed"), feed_guid=links.archive(slug),
        author_name=newsletter.name,  # RFC 4287 §4.1.1: a feed whose entries name none must
    )  # fmt: skip
    for each in archive.listed(newsletter)[:IN_FEED]:
        made.add_item(
            each.subject, links.archived(slug, each.number), escape(each.preheader),  # Django calls a summary HTML
            pubdate=each.started_at, updateddate=_changed(each),
        )  # fmt: skip
    return HttpResponse(made.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")


@_kept
def sitemap(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Every public page (sitemaps.org)."""
    pages: list[tuple[str, datetime | None]] = []
    for newsletter in archive.newsletters():
        pages.append((links.archive(newsletter.slug), None))
        pages += [(links.archived(newsletter.slug, each.number), _changed(each)) for each in archive.listed(newsletter)]
    return HttpResponse(sitemap_of(pages), content_type="application/xml")


@_kept
def robots(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """What search engines may read: the archive, and nothing that belongs to one reader or to staff."""
    lines = ["User-agent: *", "Disallow: /desk/", "Disallow: /u/", f"Sitemap: {links.absolute('/sitemap.xml')}"]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain")


def _public(slug: str) -> Newsletter:
    return get_object_or_404(archive.newsletters(), slug=slug)


def _edition(request: HttpRequest, found: Edition | None) -> HttpResponse:
    if found is None:
        raise Http404
    newsletter, printed = found.newsletter, page_of(found)
    before, after = archive.neighbours(found)
    is_public = newsletter.archive == Newsletter.Archive.PUBLIC and found.kind != Edition.Kind.CORRECTION
    address = links.archived(newsletter.slug, found.number) if is_public else links.in_browser(found.public)
    return page(
        request, "pages/edition.html", newsletter, printed=printed, address=address, is_public=is_public,
        before=before, after=after, corrections=archive.corrections(found), parent=found.parent,
        linked_data=linked_data(found, printed, address), number=found.number, box=box_of(newsletter),
        description=printed["edition"]["preheader"],
    )  # fmt: skip


def _changed(edition: Edition) -> datetime | None:
    """When its page last changed: at its last correction, or when it went out."""
    marked = [datetime.fromisoformat(mark["at"]).astimezone(UTC) for mark in edition.marks]
    return max(marked, default=edition.started_at)
