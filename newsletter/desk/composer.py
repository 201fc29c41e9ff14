"""The page of one edition: its composer while it is a draft, then what became of it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from newsletter.deliveries import status
from newsletter.desk import errands, stories
from newsletter.desk.access import person, shows
from newsletter.desk.editions import edition_or_404, placed
from newsletter.editions import history
from newsletter.editions.models import Edition
from newsletter.newsletters.models import Right


@shows(Right.VIEW)
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One edition: where it stands, its stories, and how it looks."""
    edition, me = edition_or_404(pk), person(request)
    facts = {"edition": edition, "person": me, **placed(edition)}
    if edition.status != Edition.Status.DRAFT:
        progress = status.progress([edition])[0]
        facts |= {"progress": progress, "mailboxes": status.by_mailbox(edition), "waiting": progress.counts.pending}
        facts |= {"unknown": progress.counts.unknown}
        return render(request, "desk/edition.html", facts)
    facts |= {**stories.listing(edition), **errands.at(f"edition {pk}")}
    facts |= {"last": history.last(edition, me), "digest": history.digest}
    return render(request, "desk/composer.html", facts)
