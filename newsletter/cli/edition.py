"""newsletter edition …"""

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from newsletter.cli import (
    edition_items,
    edition_preflight,
    edition_preview,
    edition_report,
    edition_review,
    edition_versions,
    found,
)
from newsletter.cli.base import (
    DjangoGroup,
    as_option,
    confirm,
    counted,
    dry_run_option,
    json_option,
    print_json,
    print_table,
    printable,
    rehearsed,
    say,
    yes_option,
)
from newsletter.cli.edition_review import advise, local

if TYPE_CHECKING:
    from newsletter.editions.models import Edition

SCHEDULABLE = ("approved", "scheduled", "held")


@click.group(cls=DjangoGroup)
def edition() -> None:
    """Editions: compose, preview, approve, schedule, audit."""


newsletter_option = click.option("--newsletter", "slug", metavar="SLUG", help="Which, where there are several.")


@edition.command("list")
@newsletter_option
@json_option
def list_(slug: str | None, as_json: bool) -> None:
    """All editions, the newest first."""
    from newsletter.editions.models import Edition
    from newsletter.newsletters import setup

    listed = Edition.objects.select_related("newsletter").order_by("-pk")
    if slug:
        listed = listed.filter(newsletter=setup.found(slug))
    if as_json:
        for each in listed:
            print_json(_facts(each))
        return
    rows = [(each.pk, each.newsletter.slug, each.number, each.kind, each.status, each.subject) for each in listed]
    if rows:
        print_table(["id", "newsletter", "no.", "kind", "status", "subject"], rows, right=(0, 2))
    else:
        say("There is no edition yet. Next: newsletter edition compose")


@edition.command()
@newsletter_option
@click.option("--special", is_flag=True, help="An extra edition of the last days, beside the weekly one.")
@click.option(
    "--days",
    type=click.IntRange(1, 366),
    default=7,
    show_default=True,
    help="How many days a special edition looks back.",
)
@json_option
def compose(slug: str | None, special: bool, days: int, as_json: bool) -> None:
    """Make or refill the draft of the next run. Doing it again adds what is new, and nothing twice."""
    from newsletter.editions import draft
    from newsletter.newsletters import setup

    newsletter = setup.found(slug)
    composed = draft.compose_special(newsletter, days) if special else draft.compose_regular(newsletter)
    made = composed.edition
    if as_json:
        print_json({**_facts(made), "taken": composed.taken})
        return
    left_out = sum(choice.section_id is None for choice in composed.choices)
    say(f"Edition {made.pk} ({made}): {counted(composed.taken, 'story', 'stories')} taken, {left_out} left out.")
    say(f"Next: newsletter edition show {made.pk}")
    click.echo(made.pk)


@edition.command()
@click.argument("pk", metavar="ID", type=int)
@json_option
def show(pk: int, as_json: bool) -> None:
    """One edition: its stories, section by section, and why each is there."""
    from newsletter.deliveries import canary, ramp

    shown = found.edition(pk)
    items = list(shown.items.select_related("article", "section"))
    if as_json:
        print_json({**_facts(shown), "items": [_item_facts(item) for item in items]})
        return
    reason = f" ({shown.status_reason})" if shown.status_reason else ""
    click.echo(printable(f"{shown}: {shown.status}{reason}\nSubject: {shown.subject}\nPreheader: {shown.preheader}\n"))
    rows = [
        (item.pk, item.section.name, "dropped" if item.dropped else item.position, item.title[:60], item.reason)
        for item in items
    ]
    print_table(["entry", "section", "no.", "headline", "why"], rows, right=(0,))
    for told in filter(None, (canary.told(shown), ramp.told(shown))):
        click.echo(told)
    for line in shown.findings:
        click.echo(printable(f"Last look: {line}"))
    for mark in shown.marks:
        click.echo(printable(f"Correction of {mark['at'][:10]}: {mark['text']}"))


@edition.command("set")
@click.argument("pk", metavar="ID", type=int)
@click.option("--subject")
@click.option("--preheader")
@click.option("--note", help="The editor's note, Markdown.")
def set_(pk: int, subject: str | None, preheader: str | None, note: str | None) -> None:
    """Change a draft's subject, preheader or note."""
    from newsletter.editions import edit

    changed = found.edition(pk)
    wanted = {"subject": subject, "preheader": preheader, "note": note}
    words = {name: getattr(changed, name) if text is None else text for name, text in wanted.items()}
    edit.edit_words(changed, **words)
    say(f"Changed edition {pk}.")
    advise(changed)


@edition.command()
@click.argument("pk", metavar="ID", type=int)
@click.option("--at", help="Such as 2026-11-26T07:00, in the newsletter's zone. Default: its weekly time.")
@click.option("--now", is_flag=True, help="As soon as the next tick.")
@yes_option
@as_option
def schedule(pk: int, at: str | None, now: bool, yes: bool, as_email: str | None) -> None:
    """Let an approved edition go out."""
    from newsletter.deliveries import plan
    from newsletter.editions import approve as verbs
    from newsletter.errors import Refused

    staff, chosen = found.sender(as_email), found.edition(pk)
    moment = _moment(chosen, at, now)
    if chosen.status not in SCHEDULABLE:  # said before anybody is asked to confirm it
        raise Refused(
            f"Edition {pk} is {chosen.status}; this needs one that is approved.",
            hint=f"newsletter edition {'approve' if chosen.status == 'draft' else 'show'} {pk}",
        )
    readers = plan.audience(chosen)
    if not readers:
        raise Refused(f"{chosen.newsletter} has no reader who can be mailed.", hint="newsletter subscriber import FILE")
    confirm(f"Send edition {pk} to {counted(readers, 'reader')} at {local(chosen, moment)}?", yes=yes)
    verbs.schedule(chosen, moment, staff)
    say(
        f"Edition {pk} goes out to about {counted(readers, 'reader')} at {local(chosen, moment)}."
        "\nNext: newsletter status --watch"
    )
    if why := _stands_still():
        say(why)


def _stands_still() -> str:
    """Why nothing goes out from here just now, whatever was scheduled; "" when it does."""
    from django.utils import timezone

    from newsletter.deliveries import epoch
    from newsletter.tracking import life

    if locked := epoch.fault():
        return f"But sending is locked. {locked} Next: newsletter unlock --reason …"
    if life.seen(timezone.now()):
        return ""
    return "But nobody works: no worker gives a sign of life. Next: newsletter up, or `run beat` and `run worker`"


@edition.command()
@click.argument("pk", metavar="ID", type=int)
@as_option
def reopen(pk: int, as_email: str | None) -> None:
    """Make an approved or scheduled edition a draft again; its approval is void."""
    from newsletter.editions import approve as verbs

    verbs.reopen(found.edition(pk), found.sender(as_email))
    say(f"Edition {pk} is a draft again.")


@edition.command()
@click.argument("pk", metavar="ID", type=int)
@click.option("--reason", default="paused by staff", show_default=True)
@as_option
def pause(pk: int, reason: str, as_email: str | None) -> None:
    """Stop handing over; what is on its way arrives."""
    from newsletter.editions import approve as verbs

    verbs.pause(found.edition(pk), found.sender(as_email), reason)
    say(f"Edition {pk} is paused. Next: newsletter edition resume {pk}")


@edition.command()
@click.argument("pk", metavar="ID", type=int)
@as_option
def resume(pk: int, as_email: str | None) -> None:
    """Go on with a paused edition where the ledger stands."""
    from newsletter.editions import approve as verbs

    verbs.resume(found.edition(pk), found.sender(as_email))
    say(f"Edition {pk} goes on.")


@edition.command()
@click.argument("pk", metavar="ID", type=int)
@yes_option
@as_option
def release(pk: int, yes: bool, as_email: str | None) -> None:
    """Let the rest follow the first share now, however long that was watched."""
    from newsletter.deliveries import canary

    chosen = found.edition(pk)
    confirm(f"{canary.told(chosen)} Let all others follow now?", yes=yes)
    canary.release(chosen, found.sender(as_email))
    say(f"Edition {pk} goes to everybody. Next: newsletter status --watch")


@edition.command()
@click.argument("pk", metavar="ID", type=int)
@yes_option
@as_option
def cancel(pk: int, yes: bool, as_email: str | None) -> None:
    """Give an edition up, also in the middle of its send: what waits is skipped."""
    from newsletter.deliveries import resolve, status

    chosen = found.edition(pk)
    waiting = status.progress([chosen])[0].counts.pending
    left = f"? {counted(waiting, 'copy has', 'copies have')} not gone out" if waiting else ""
    confirm(f"Cancel edition {pk} for good{left}?", yes=yes)
    skipped = resolve.cancel(chosen, found.sender(as_email))
    say(f"Edition {pk} is cancelled; {counted(skipped, 'copy was', 'copies were')} skipped.")


@edition.command()
@click.argument("pk", metavar="ID", type=int)
@dry_run_option
@yes_option
@as_option
def retry(pk: int, dry_run: bool, yes: bool, as_email: str | None) -> None:
    """Offer the rejected copies once more, and no others."""
    from newsletter.deliveries import resolve

    chosen, staff = found.edition(pk), found.sender(as_email)
    count = rehearsed(lambda: resolve.retry(chosen, staff))
    if dry_run:
        say(f"{counted(count, 'rejected copy', 'rejected copies')} of edition {pk} would go out again.")
        return
    confirm(f"Offer {counted(count, 'rejected copy', 'rejected copies')} of edition {pk} again?", yes=yes)
    count = resolve.retry(chosen, staff)
    say(f"{counted(count, 'copy goes', 'copies go')} out again. Next: newsletter status --watch")


@edition.command()
@click.argument("pk", metavar="ID", type=int)
@json_option
@click.pass_context
def audit(ctx: click.Context, pk: int, as_json: bool) -> None:
    """Recount every copy: does candidates = planned + excluded hold, and planned = the sum of states? Exit 1 if not."""
    from newsletter.deliveries import status

    recounted = status.audit(found.edition(pk))
    if as_json:
        print_json(recounted.as_json())
    else:
        _print_audit(recounted)
    if not recounted.balanced:
        ctx.exit(1)


def _print_audit(found: Any) -> None:
    counts = found.counts
    excluded = ", ".join(f"{count} {reason}" for reason, count in sorted(found.excluded.items()))
    click.echo(
        f"{counted(found.candidates, 'candidate')} = {counts.planned:,} planned"
        f" + {sum(found.excluded.values()):,} excluded{f' ({excluded})' if excluded else ''}"
    )
    names = ("pending", "sending", "accepted", "rejected", "skipped", "unknown")
    click.echo(f"{counts.planned:,} planned = " + " + ".join(f"{getattr(counts, name):,} {name}" for name in names))
    if len(found.mailboxes) > 1:
        columns = ("planned", "pending", "accepted", "rejected", "bounced", "complained", "blocked")
        rows = [(mailbox, *(figures[name] for name in columns)) for mailbox, figures in found.mailboxes.items()]
        print_table(["mailboxes at", *columns], rows, right=tuple(range(1, 8)))
    for told in filter(None, (found.canary, found.ramp)):
        click.echo(told)
    for fault in found.faults:
        click.secho(f"✕ {fault}", fg="red")
    click.echo("Balanced." if found.balanced else "It does not balance.")


def _moment(chosen: "Edition", at: str | None, now: bool) -> datetime:
    from django.utils import timezone

    from newsletter.errors import UsageError
    from newsletter.newsletters import setup

    if now and at:
        raise UsageError("Say --at or --now, not both.")
    if at is not None:
        return setup.moment(at, chosen.newsletter.zone)
    return timezone.now() if now else chosen.send_at or timezone.now()


def _facts(each: "Edition") -> dict[str, Any]:
    return {
        "id": each.pk,
        "newsletter": each.newsletter.slug,
        "number": each.number,
        "kind": each.kind,
        "status": each.status,
        "reason": each.status_reason or None,
        "subject": each.subject,
        "preheader": each.preheader,
        "send_at": each.send_at.isoformat() if each.send_at else None,
        "content_hash": each.content_hash or None,
        "public_id": each.public,
    }


def _item_facts(item: Any) -> dict[str, Any]:
    return {
        "id": item.pk,
        "section": item.section.slug,
        "position": item.position,
        "dropped": item.dropped,
        "type": item.type,
        "title": item.title,
        "url": item.article.url if item.article else item.details.get("url"),
        "article": item.article_id,
        "details": item.details,
        "reason": item.reason,
    }


for _command in (
    edition_preflight.preflight,
    edition_items.add,
    edition_items.frame,
    edition_items.item,
    edition_report.report,
    edition_review.approve,
    edition_preview.preview,
    edition_preview.test,
    edition_versions.correct,
    edition_versions.diff,
    edition_versions.mark_,
    edition_versions.repoint,
):
    edition.add_command(_command)
