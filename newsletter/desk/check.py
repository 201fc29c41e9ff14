"""Check and send: what is wrong, how it looks in an inbox, what differs from last time; then approving and its time."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from newsletter import clock
from newsletter.deliveries import rehearse as rehearsals
from newsletter.deliveries import resolve
from newsletter.desk import counted, errands, fields
from newsletter.desk.access import acts, is_bare, person, shows
from newsletter.desk.editions import edition_or_404
from newsletter.editions import against, freeze, history, preflight
from newsletter.editions import approve as steps
from newsletter.editions.models import Edition, Item
from newsletter.editions.preflight_findings import Finding
from newsletter.editions.snapshot import Snapshot
from newsletter.errands import board
from newsletter.errors import UsageError
from newsletter.newsletters import setup
from newsletter.newsletters.models import Right
from newsletter.numbers import counted as counted_words

Status = Edition.Status
DECIDED = (Status.DRAFT, Status.APPROVED, Status.SCHEDULED, Status.HELD, Status.CANCELLED)
MOST_TESTS = 10
MOST_AT_ONCE = 100  # warnings
_DECIDED = {"accepted": "taken as accepted", "resend": "sent again", "drop": "given up"}
INBOXES = ((36, "iPhone"), (48, "Apple Mail"), (60, "Outlook"), (77, "Gmail on a wide screen"))
"""Characters of a subject that about fit into a list of mails; measured widths differ with fonts and windows."""


@shows(Right.VIEW)
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """While it can still be decided on; what is on its way is watched on its own page."""
    edition, me = edition_or_404(pk), person(request)
    if edition.status not in DECIDED:
        return redirect("desk-edition", pk=pk)
    given = preflight.given(edition, counted.by_topics(edition))
    readers = counted.audience(edition)
    report = preflight.look(edition, given)
    facts = {"edition": edition, "person": me, "report": report, "inboxes": INBOXES, "groups": _groups(report.warnings)}
    facts |= {"compared": _compared(edition, given.snapshot, readers), "readers": readers}
    facts |= {
        **errands.at(f"edition {pk}"),
        "seen": _seen(edition, given.items),
        "content": preflight.content(edition, given),
        "waiting": 0,
        "other": needs_another(edition, me),
        "bare": is_bare(me),
    }
    return render(request, "desk/check.html", facts)


@acts(Right.EDIT)
def ask_links(request: HttpRequest, pk: int) -> HttpResponse:
    """A worker asks every link and picture whether it is there."""
    edition = edition_or_404(pk)
    board.ask("links", f"edition {pk}", person(request), edition=edition.pk)
    return redirect(_back(edition))


@acts(Right.EDIT)
def rehearse(request: HttpRequest, pk: int) -> HttpResponse:
    """The mail with its real headers, to one's own address or a few others."""
    edition = edition_or_404(pk)
    wanted = [each.strip() for each in fields.text(request, "to").replace("\n", ",").split(",") if each.strip()]
    if not 0 < len(wanted) <= MOST_TESTS:
        raise UsageError(f"Name one to {MOST_TESTS} addresses, with commas between them.")
    with transaction.atomic():  # one bad address, and none gets a test
        sent = [rehearsals.rehearse(edition, each, person(request)) for each in wanted]
    messages.success(request, f"A test goes to {', '.join(sent)}.")
    return redirect(_back(edition))


@acts(Right.SEND)
def waive(request: HttpRequest, pk: int) -> HttpResponse:
    """Wave warnings through, with one reason; or let one count again."""
    edition, keys, me = edition_or_404(pk), request.POST.getlist("key")[:MOST_AT_ONCE], person(request)
    with transaction.atomic():
        for key in map(fields.clean, keys):
            if "again" in request.POST:
                preflight.take_back(edition, key, me)
            else:
                preflight.waive(edition, key, fields.text(request, "reason"), me)
    return redirect(_back(edition))


@acts(Right.SEND, proven=True)
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Freeze it; a regular edition goes out at its own time from then on."""
    done = steps.approve_for_its_run(edition_or_404(pk), person(request), seen=fields.text(request, "seen"))
    _tell_of_readers(request, done)
    if done.status == Status.SCHEDULED and done.send_at:
        messages.success(request, f"It goes out on {clock.local(done.send_at, done.newsletter.zone)}.")
    else:
        messages.success(request, "Approved. Nothing goes out before you name its time.")
    return redirect(_back(done))


@acts(Right.SEND, proven=True)
def schedule(request: HttpRequest, pk: int) -> HttpResponse:
    """At a time of the newsletter's zone, or now: then it can be taken back for a minute."""
    edition, at = edition_or_404(pk), fields.text(request, "at")
    now = "now" in request.POST
    moment = timezone.now() + steps.UNDO_WINDOW if now else setup.moment(at, edition.newsletter.zone)
    done = steps.schedule(edition, moment, person(request))
    _tell_of_readers(request, done)
    said = (
        "in a minute; until then you can take it back" if now else f"on {clock.local(moment, edition.newsletter.zone)}"
    )
    messages.success(request, f"It goes out {said}.")
    return redirect(_back(done))


@acts(Right.SEND)
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Not yet: it stays approved, and goes out when somebody names another time."""
    return redirect(_back(steps.take_back(edition_or_404(pk), person(request))))


@acts(Right.SEND)
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    return redirect("desk-edition", pk=steps.reopen(edition_or_404(pk), person(request)).pk)


@acts(Right.SEND)
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    me = person(request)
    return redirect("desk-edition", pk=steps.pause(edition_or_404(pk), me).pk)


@acts(Right.SEND, proven=True)
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    return redirect("desk-edition", pk=steps.resume(edition_or_404(pk), person(request)).pk)


@acts(Right.SEND)
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    edition = edition_or_404(pk)
    resolve.cancel(edition, person(request))
    return redirect("desk-edition", pk=edition.pk)


@acts(Right.SEND, proven=True)
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """About the copies of which nobody knows whether they went out: as many as the person was shown, or none."""
    edition, decision, reason = edition_or_404(pk), fields.text(request, "decision"), fields.text(request, "reason")
    if decision not in list(resolve.Decision) or not reason.strip():
        raise UsageError("Choose what is to become of them, and say why; it is kept.")
    wanted = fields.number(request, "copies")
    count = resolve.resolve_all(edition, resolve.Decision(decision), person(request), reason.strip()[:200], wanted)
    messages.success(request, f"{counted_words(count, 'copy is', 'copies are')} {_DECIDED[decision]}.")
    return redirect("desk-edition", pk=pk)


def needs_another(edition: Edition, me: Any) -> bool:
    """Whether somebody else than this person has to approve it."""
    return edition.newsletter.second_person and history.editor(edition) == me


def _tell_of_readers(request: HttpRequest, edition: Edition) -> None:
    """The page's count may be a minute old, or as old as the page: if it is another by now, that is said."""
    shown, now = fields.text(request, "readers"), counted.afresh(edition)
    if shown.isdecimal() and int(shown) != now:
        messages.warning(request, f"It goes to {counted_words(now, 'reader')}; the page said {int(shown):,}.")


def _groups(warnings: Iterable[Finding]) -> list[tuple[str, list[Finding]]]:
    """By kind, each where its first one stood: a warning about twenty stories is one thing to decide."""
    found: dict[str, list[Finding]] = {}
    for each in warnings:
        found.setdefault(each.code, []).append(each)
    return [(code.replace("-", " "), each) for code, each in found.items()]


def _seen(edition: Edition, items: list[Item]) -> str:
    return freeze.draft_hash(edition, items) if edition.status == Status.DRAFT else edition.content_hash


def _compared(edition: Edition, now: Snapshot, readers: int) -> list[against.Row]:
    last = against.before(edition)
    return [against.readers(last.planned, readers), *against.rows(last.snapshot, now)] if last else []


def _back(edition: Edition) -> str:
    """To the check page while it is there to be decided on."""
    return reverse("desk-check", args=[edition.pk])
