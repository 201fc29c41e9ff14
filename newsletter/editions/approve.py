"""From draft to scheduled and back, each step by a named person, each refused in the wrong state."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import cast

from django.db import transaction
from django.utils import timezone

from newsletter import config
from newsletter.editions import freeze, history, memory, preflight, variants
from newsletter.editions.models import Edition, Rendering
from newsletter.editions.render import render
from newsletter.editions.snapshot import Snapshot
from newsletter.errors import Refused
from newsletter.letters import notices
from newsletter.newsletters import audit
from newsletter.newsletters.models import Newsletter, Staff
from newsletter.subscribers import topics
from newsletter.transports import choose

Status = Edition.Status
UNDO_WINDOW = timedelta(minutes=1)
"""How long what is sent "now" can be taken back: it is due only then."""
ON_ITS_WAY = (Status.SCHEDULED, Status.PLANNING)


@transaction.atomic
def approve(edition: Edition, staff: Staff | None, *, seen: str = "") -> Edition:
    """Freeze the draft's content and render it. Raises Refused when it is no draft or cannot be sent as it is.

    `seen` is freeze.draft_hash of what the person had before them: what changed meanwhile is not approved unseen.
    """
    edition = _in(edition, Status.DRAFT)
    _check_ready(edition)
    _check_second_person(edition, staff)
    if seen and seen != freeze.draft_hash(edition):
        raise Refused("The edition changed while you looked at it. Nothing was approved: please look again.")
    _freeze(edition, freeze.snapshot_of(edition), variants.wanted_for(edition))
    _check_preflight(edition)
    edition.approved_by, edition.approved_at = staff, timezone.now()
    edition.looked_at = edition.looking_until = None  # the titles of what was put in since are not noted yet
    return _become(edition, Status.APPROVED, staff, "approve", hash=edition.content_hash)


def approve_for_its_run(edition: Edition, staff: Staff | None, *, seen: str = "") -> Edition:
    """Approve, and let a regular edition go out at its own time if that lies ahead: what an editor means by it.

    Raises Refused as `approve` does; where only scheduling fails (ConfigError), it stays approved.
    """
    approved = approve(edition, staff, seen=seen)
    if approved.kind == Edition.Kind.REGULAR and approved.send_at and approved.send_at > timezone.now():
        return schedule(approved, approved.send_at, staff)
    return approved


@transaction.atomic
def schedule(edition: Edition, at: datetime, staff: Staff | None) -> Edition:
    """Let it go out at `at`. Raises Refused unless it is approved, scheduled already, or held.

    The mail carries its date: on another day than was planned it is dated anew, and nothing else of it changes.
    Raises ConfigError when the transport cannot be used.
    """
    choose.check(config.current())
    edition = _in(edition, Status.APPROVED, Status.SCHEDULED, Status.HELD)
    if not edition.content_hash:
        reopen_it = f"newsletter edition reopen {edition.pk}, then approve {edition.pk}"
        raise Refused("Nobody approved this edition.", hint=reopen_it)
    if timezone.now() - at > edition.newsletter.max_lateness:
        raise Refused(
            f"{at:%d %B %Y %H:%M} UTC has passed.",
            hint=f"newsletter edition schedule {edition.pk} --now, or --at with a later time",
        )
    edition.send_at, edition.status_reason = at, ""
    _date_anew(edition, staff)
    return _become(edition, Status.SCHEDULED, staff, "schedule", send_at=at)


@transaction.atomic
def reopen(edition: Edition, staff: Staff | None) -> Edition:
    """Make it a draft again: approval and hash are void, the week's slot stays. Raises Refused once planning began."""
    edition = _in(edition, Status.APPROVED, Status.SCHEDULED, Status.HELD)
    if edition.audience_until is not None:
        raise Refused(f"Edition {edition.pk} has been planned; its content can no longer change.")
    void, edition.void_snapshot = edition.content_hash, edition.snapshot or edition.void_snapshot
    edition.renderings.all().delete()
    edition.snapshot, edition.content_hash, edition.status_reason = None, "", ""
    edition.approved_by = edition.approved_at = edition.looked_at = edition.looking_until = None
    edition.page_titles, edition.findings, edition.by_hand = {}, [], True
    if edition.send_at and edition.send_at <= timezone.now():
        edition.send_at = None  # its time is over; a person names another
    return _become(edition, Status.DRAFT, staff, "reopen", void_hash=void)


@transaction.atomic
def take_back(edition: Edition, staff: Staff | None) -> Edition:
    """Let it wait, approved as it is, until somebody names another time. Raises Refused once planning began."""
    edition = _in(edition, Status.SCHEDULED)
    edition.status_reason = f"taken back by {staff or 'the system'}"
    return _become(edition, Status.HELD, staff, "take-back")


@transaction.atomic
def pause(edition: Edition, staff: Staff | None, reason: str = "") -> Edition:
    """Stop handing over; what is on its way arrives. Without a `reason` the page says who; the record does anyway."""
    edition = _in(edition, Status.SENDING)
    edition.status_reason = reason or f"paused by {staff or 'the system'}"
    return _become(edition, Status.PAUSED, staff, "pause", **({"reason": reason} if reason else {}))


@transaction.atomic
def resume(edition: Edition, staff: Staff | None) -> Edition:
    """Go on where the ledger stands."""
    edition = _in(edition, Status.PAUSED)
    edition.status_reason, edition.resumed_at = "", timezone.now()
    return _become(edition, Status.SENDING, staff, "resume")


@transaction.atomic
def cancel(edition: Edition, staff: Staff | None) -> Edition:
    """Give an edition up before its send began. Raises Refused afterwards: pause it instead."""
    edition = _in(edition, Status.DRAFT, Status.APPROVED, Status.SCHEDULED, Status.HELD)
    return _become(edition, Status.CANCELLED, staff, "cancel")


@transaction.atomic
def hold(
    edition: Edition,
    reason: str,
    *,
    within: Collection[Status] = ON_ITS_WAY,
    tell: bool = True,
    remarks: tuple[str, ...] = (),
) -> bool:
    """The system itself stops an edition before its send, says why and tells staff.

    False if it is in none of the states `within`: somebody was faster. `tell` False: the caller tells them more.
    """
    held = Edition.objects.filter(pk=edition.pk, status__in=within)
    if not held.update(status=Status.HELD, status_reason=reason[:300]):
        return False
    entry = audit.record(None, "hold", f"edition {edition.pk}", reason=reason)
    if tell:
        notices.tell(
            edition.newsletter,
            "edition-held",
            f"edition-{edition.pk}-{entry.pk}",
            edition=edition.pk,
            number=edition.number,
            subject=edition.subject,
            send_at=edition.send_at,
            reason=reason,
            approved=bool(edition.content_hash),
            remarks=remarks,
        )
    return True


def _in(edition: Edition, *statuses: Status) -> Edition:
    """The edition, locked for this transaction, if it is in one of these states. Raises Refused."""
    locked = Edition.objects.select_for_update(of=("self",)).select_related("newsletter").get(pk=edition.pk)
    if locked.status not in statuses:
        raise Refused(f"Edition {edition.pk} is {locked.status}; this needs one that is {' or '.join(statuses)}.")
    return locked


def _become(edition: Edition, status: Status, staff: Staff | None, verb: str, **detail: object) -> Edition:
    before, edition.status = edition.status, status
    edition.save()
    audit.record(staff, verb, f"edition {edition.pk}", before=before, after=status, **detail)
    return edition


def _freeze(edition: Edition, snapshot: Snapshot, topic_sets: Sequence[str]) -> None:
    found = variants.of(snapshot, topics.of_keys(topic_sets), edition.newsletter.min_items)
    made = [(topic_set, render(content)) for topic_set, content in found]
    edition.renderings.all().delete()
    Rendering.objects.bulk_create(
        Rendering(edition=edition, topic_set=topic_set, subject=each.subject, html=each.html, text=each.text)
        for topic_set, each in made
    )
    edition.snapshot = snapshot
    frozen = [(topic_set, each.subject, each.html, each.text) for topic_set, each in made]
    edition.content_hash = freeze.content_hash(snapshot, frozen)


def _date_anew(edition: Edition, staff: Staff | None) -> None:
    """Render the approved content once more with the date it goes out on; on the record, with both hashes.

    Raises Refused where more than the date would change: templates, brand or settings are not what they were.
    """
    snapshot, date = cast("Snapshot", edition.snapshot), freeze.local_date(edition)
    if edition.audience_until is not None or snapshot["edition"]["date"] == date:
        return
    before = edition.content_hash
    approved = edition.renderings.exclude(topic_set=variants.FULL).order_by("pk")
    topic_sets = list(approved.values_list("topic_set", flat=True))
    _freeze(edition, snapshot, topic_sets)
    if edition.content_hash != before:
        raise Refused(
            "It would go out on another day than was approved, so it has to be made anew, and since the approval the"
            " templates or settings have changed: it would not be the mail that was approved.",
            hint=f"newsletter edition reopen {edition.pk}, then approve {edition.pk}",
        )
    _freeze(edition, {**snapshot, "edition": {**snapshot["edition"], "date": date}}, topic_sets)
    audit.record(staff, "date", f"edition {edition.pk}", date=date, before=before, after=edition.content_hash)


def _check_ready(edition: Edition) -> None:
    if not edition.note and not edition.items.filter(dropped=False).exists():
        raise Refused("The edition has no stories.", hint="newsletter edition compose")
    if not edition.subject.strip():
        raise Refused("The edition has no subject.", hint=f"newsletter edition set {edition.pk} --subject …")
    if elsewhere := _in_another_edition(edition):
        raise Refused(
            f"{elsewhere} is in another edition already; drop it here first.",
            hint="newsletter edition add … --again insists on it",
        )
    if not edition.newsletter.postal_address.strip():
        raise Refused(
            "The newsletter has no postal address, which every mail must carry.",
            hint=f"newsletter set {edition.newsletter.slug} --postal-address …",
        )


def _check_preflight(edition: Edition) -> None:
    """What blocks is refused; links count as they answered when preflight last asked them."""
    blocking = preflight.look(edition).blocking
    if not blocking:
        return
    more = len(blocking) - 1
    raise Refused(
        f"{blocking[0].words}{f' And {more} more.' if more else ''} Nothing was approved.",
        hint=f"newsletter edition preflight {edition.pk}",
    )


def _check_second_person(edition: Edition, staff: Staff | None) -> None:
    """Where the newsletter asks for it, nobody approves what they changed last themselves."""
    if not edition.newsletter.second_person or edition.newsletter.review == Newsletter.Review.AUTO:
        return
    if staff is None:
        raise Refused("This newsletter asks for two people: say who approves it.", hint="--as EMAIL")
    if history.editor(edition) == staff:
        raise Refused("You changed it last; this newsletter asks for somebody else to approve it.")


def _in_another_edition(edition: Edition) -> str:
    """The first story that another regular edition of this newsletter approved before, or ""."""
    repeated = edition.items.filter(dropped=False, again=False, article__in=memory.taken(edition).values("article_id"))
    twice = repeated.select_related("article").first()
    return f"“{twice.title}”" if twice else ""
