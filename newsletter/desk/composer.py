"""The page of one edition: its composer while it is a draft, then what became of it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from newsletter.deliveries import status
from newsletter.desk import errands, stories
from newsletter.desk.access import person, shows
from newsletter.desk.editions import edition_or_404, idle, placed
from newsletter.editions import history
from newsletter.editions.models import Edition
from newsletter.newsletters.models import Right


@shows(Right.VIEW)
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One edition: where it stands, its stories, and how it looks."""
    edition = edition_or_404(pk)
    if edition.status == Edition.Status.DRAFT:
        return page(request, edition)
    if request.headers.get("HX-Target") == "work":  # a composer that stood open; here is none to put into its place
        return HttpResponse(status=204, headers={"HX-Redirect": request.path})
    progress = status.progress([edition])[0]
    facts = {"edition": edition, "person": person(request), **placed(edition), "progress": progress}
    facts |= {"mailboxes": status.by_mailbox(edition), "waiting": progress.counts.pending}
    facts |= {"unknown": progress.counts.unknown, "idle": idle(edition, progress)}
    return render(request, "desk/edition.html", facts)


def page(request: HttpRequest, edition: Edition, fault: str = "") -> HttpResponse:
    """The composer. `fault` is why an entry that was written is not taken; its form is filled with what was typed."""
    me = person(request)
    facts = {"edition": edition, "person": me, **placed(edition), **stories.listing(edition)}
    facts |= {**errands.at(f"edition {edition.pk}"), "last": history.last(edition, me), "digest": history.digest}
    facts |= {"fault": fault, "typed": request.POST if fault else {}}
    return render(request, "desk/composer.html", facts, status=422 if fault else 200)
