"""Collected stories beside the edition: taken into it, pinned, held; added by their address; collected now."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from newsletter.desk import fields
from newsletter.desk.access import acts, person, shows
from newsletter.desk.editions import edition_or_404
from newsletter.desk.items import back
from newsletter.editions import edit, history, pins, pool
from newsletter.editions.models import Edition
from newsletter.errands import board
from newsletter.errors import UsageError
from newsletter.feeds import manage, store, urls
from newsletter.feeds.models import Article
from newsletter.newsletters.models import Right, Section

STOP_POLLING = 286  # htmx's own code


@shows(Right.VIEW)
def listed(request: HttpRequest, pk: int) -> HttpResponse:
    """The list alone, for a search, and to see what was collected just now."""
    edition = edition_or_404(pk)
    skip = fields.asked(request, "skip", 6)
    found = listing(edition, fields.asked(request, "words"), int(skip) if skip.isdecimal() else 0)
    facts = {"edition": edition, "person": person(request), **found}
    code = 200 if facts["asking"] or request.GET else STOP_POLLING
    return render(request, "desk/stories.html", facts, status=code)


@acts(Right.EDIT)
def take(request: HttpRequest, pk: int, article: int) -> HttpResponse:
    """Into the edition; what another edition had is taken once more where the form says so."""
    edition, story = edition_or_404(pk), get_object_or_404(Article, pk=article)
    section = (
        Section.objects.filter(pk=fields.number(request, "section")).first() if request.POST.get("section") else None
    )
    position = fields.number(request, "position") if request.POST.get("position") else 99
    with history.step(edition, person(request), f"Added “{story}”"):
        made = edit.add_article(edition, story, section, position, again=fields.ticked(request, "again"))
    return redirect(back(pk, made.pk))


@acts(Right.EDIT)
def pin(request: HttpRequest, pk: int, article: int) -> HttpResponse:
    """The newsletter's next edition has it, whatever the caps say; or no longer."""
    edition, story = edition_or_404(pk), get_object_or_404(Article, pk=article)
    if fields.ticked(request, "pinned"):
        pins.pin(edition.newsletter, story, None, person(request))
    else:
        pins.unpin(edition.newsletter, story, person(request))
    return redirect(back(pk))


@acts(Right.EDIT)
def hold(request: HttpRequest, pk: int, article: int) -> HttpResponse:
    """No draft takes it by itself; or one may again."""
    edition, story = edition_or_404(pk), get_object_or_404(Article, pk=article)
    if not fields.ticked(request, "held"):
        manage.release(story.pk, person(request))
        return redirect(back(pk))
    manage.hold(story.pk, person(request))
    if item := edition.items.filter(article=story, dropped=False).select_related("section", "edition").first():
        with history.step(edition, person(request), f"Held “{story}”"):
            edit.drop_item(item)
    return redirect(back(pk))


@acts(Right.EDIT)
def by_address(request: HttpRequest, pk: int) -> HttpResponse:
    """A worker reads the page and puts its story into the edition; what is known already goes in at once."""
    edition, url = edition_or_404(pk), fields.text(request, "url").strip()
    if not url:
        raise UsageError("Paste the address of a story.")
    story = store.find(urls.canonical(urls.web_address(url)) or "")
    if story is None:
        board.ask("story", f"edition {pk}", person(request), edition=pk, url=urls.web_address(url))
        return redirect(back(pk))
    with history.step(edition, person(request), f"Added “{story}”"):
        made = edit.add_article(edition, story)
    messages.success(request, f"“{story}” is in {made.section}.")
    return redirect(back(pk, made.pk))


@acts(Right.EDIT)
def collect(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask every feed at the next tick instead of at its time."""
    edition = edition_or_404(pk)
    count = manage.collect_soon()
    said = (
        f"{count} {'feed is' if count == 1 else 'feeds are'} asked now; new stories appear in the list by themselves."
    )
    messages.success(request, said if count else "There is no feed to ask. Add one first.")
    return redirect(back(edition.pk))


def listing(edition: Edition, words: str = "", skip: int = 0) -> dict[str, object]:
    """What the list of stories wants to know."""
    return {
        "pool": pool.stories(edition, words, skip),
        "words": words,
        "asking": manage.being_asked(),
        "editable": edition.status == Edition.Status.DRAFT,
    }
