"""newsletter delivery …, newsletter batch …"""

from typing import Any

import click

from newsletter.cli.base import (
    DjangoGroup,
    as_option,
    confirm,
    counted,
    dry_run_option,
    json_option,
    not_blank,
    print_json,
    print_table,
    rehearsed,
    say,
    yes_option,
)

BATCH = ("number", "mailbox", "wave", "status", "size", "accepted", "rejected", "skipped", "unknown")
DEEDS = {
    "accepted": ("Take {} as accepted?", "taken as accepted"),
    "resend": ("Send {} again? Whoever has one already gets a second.", "sent again"),
    "drop": ("Drop {}? Whoever has none gets none.", "dropped"),
}
edition_option = click.option("--edition", "edition_pk", type=int, required=True, metavar="ID")


@click.group(cls=DjangoGroup)
def delivery() -> None:
    """Every reader's copy."""


@delivery.command("list")
@edition_option
@click.option("--status", help="Only those, such as unknown or rejected.")
@json_option
def list_(edition_pk: int, status: str | None, as_json: bool) -> None:
    """The copies of an edition, one a line."""
    from newsletter.config_sources import nearest
    from newsletter.deliveries.models import Delivery
    from newsletter.errors import UsageError

    states = list(Delivery.Status.values)
    if status and status not in states:
        raise UsageError(f"No copy is ever {status}.{nearest(status, states)}", hint=f"--status {'|'.join(states)}")
    edition = _edition(edition_pk)
    if edition.rolled_up_at:
        say(f"Who got it is no longer kept; its totals are: Next: newsletter edition report {edition.pk}")
    listed = Delivery.objects.filter(edition=edition).order_by("pk")
    if status:
        listed = listed.filter(status=status)
    rows = listed.values_list("pk", "subscriber__email", "status", "batch", "reason")
    if as_json:
        for pk, address, state, batch, reason in rows.iterator(chunk_size=2000):
            facts = {"id": pk, "address": address, "status": state, "batch": batch, "reason": reason or None}
            print_json(facts)
        return
    shown = [
        (pk, address or "(erased)", state, batch or "", reason) for pk, address, state, batch, reason in rows[:200]
    ]
    print_table(["id", "address", "status", "batch", "reason"], shown, right=(0, 3))
    total = listed.count()
    if total > len(shown):
        say(f"{len(shown)} of {total:,} shown; --json lists all.")


@delivery.command()
@click.argument("pk", metavar="ID", type=int)
@json_option
def show(pk: int, as_json: bool) -> None:
    """One copy: its reader, its batch, and every attempt at it."""
    from newsletter.deliveries.models import Delivery
    from newsletter.errors import UsageError

    found = Delivery.objects.select_related("subscriber", "batch").filter(pk=pk).first()
    if found is None:
        raise UsageError(f"There is no delivery {pk}.", hint="newsletter delivery list --edition ID")
    facts = {
        "id": found.pk,
        "edition": found.edition_id,
        "address": found.subscriber.email,
        "status": found.status,
        "reason": found.reason or None,
        "batch": found.batch_id,
        "updated_at": found.updated_at.isoformat(),
    }
    attempts = _attempts(found.batch) if found.batch else []
    if as_json:
        print_json({**facts, "attempts": attempts})
        return
    print_table(["", ""], [(name, "" if value is None else value) for name, value in facts.items()])
    _print_attempts(attempts)


@click.group(cls=DjangoGroup)
def batch() -> None:
    """Batches of copies handed over together."""


@batch.command("list")
@edition_option
@json_option
def list_batches(edition_pk: int, as_json: bool) -> None:
    """The batches of an edition."""
    from newsletter.deliveries.models import Batch

    rows = list(Batch.objects.filter(edition=_edition(edition_pk)).order_by("number").values_list("pk", *BATCH))
    if as_json:
        for row in rows:
            print_json(dict(zip(("id", *BATCH), row, strict=True)))
        return
    print_table(["id", *BATCH], rows, right=(0, 1, 3, 5, 6, 7, 8, 9))


@batch.command()
@click.argument("pk", metavar="ID", type=int)
@click.argument("decision", type=click.Choice(["accepted", "resend", "drop"]))
@click.option("--reason", required=True, callback=not_blank, help="What you know; it is kept.")
@dry_run_option
@yes_option
@json_option
@as_option
def resolve(pk: int, decision: str, reason: str, as_email: str | None, **wishes: bool) -> None:
    """Decide on the unknown copies of a batch: they arrived, send them again, or drop them."""
    from newsletter.deliveries import resolve as verbs
    from newsletter.newsletters import audit
    from newsletter.newsletters.models import Right

    staff = audit.acting(as_email, Right.SEND)
    found = _batch(pk)
    question, done = DEEDS[decision]

    def deed() -> int:
        return verbs.resolve(found, verbs.Decision(decision), staff, reason)

    count = rehearsed(deed)
    if not wishes["dry_run"]:
        copies = counted(count, "unknown copy", "unknown copies")
        if decision == "resend" and verbs.was_taken(found):
            say("The provider told that it took a request of this batch: look at batch show first.")
        edition = f"{found.edition.newsletter.name} No. {found.edition.number}, “{found.edition.subject}”"
        confirm(question.format(f"{copies} of batch {pk} ({edition})"), yes=wishes["yes"])
        count = deed()
    if wishes["as_json"]:
        facts = {"batch": pk, "edition": found.edition_id, "decision": decision, "copies": count}
        print_json({**facts, "dry_run": wishes["dry_run"]})
        return
    are = ("would be", "would be") if wishes["dry_run"] else ("is", "are")
    resolved = counted(count, f"copy of batch {pk} {are[0]}", f"copies of batch {pk} {are[1]}")
    say(f"{resolved} {done}. Next: newsletter edition audit {found.edition_id}")


@batch.command("show")
@click.argument("pk", metavar="ID", type=int)
@json_option
def show_batch(pk: int, as_json: bool) -> None:
    """One batch: its counts and every attempt to hand it over."""
    found = _batch(pk)
    facts = {"id": found.pk, "edition": found.edition_id, **{name: getattr(found, name) for name in (*BATCH, "fence")}}
    attempts = _attempts(found)
    if as_json:
        print_json({**facts, "attempts": attempts})
        return
    print_table(["", ""], list(facts.items()))
    _print_attempts(attempts)


def _batch(pk: int) -> Any:
    from newsletter.deliveries.models import Batch
    from newsletter.errors import UsageError

    found = Batch.objects.filter(pk=pk).first()
    if found is None:
        raise UsageError(f"There is no batch {pk}.", hint="newsletter batch list --edition ID")
    return found


def _edition(pk: int) -> Any:
    from newsletter.editions.models import Edition
    from newsletter.errors import UsageError

    found = Edition.objects.filter(pk=pk).first()
    if found is None:
        raise UsageError(f"There is no edition {pk}.", hint="newsletter edition list")
    return found


def _attempts(batch: Any) -> list[dict[str, Any]]:
    return [
        {
            "number": each.number,
            "transport": each.transport,
            "started_at": each.started_at.isoformat(),
            "finished_at": each.finished_at.isoformat() if each.finished_at else None,
            "outcome": each.outcome or None,
            "proven_at": each.proven_at.isoformat() if each.proven_at else None,
            "provider_id": each.provider_id or None,
            "detail": each.detail or None,
        }
        for each in batch.attempts.order_by("number")
    ]


def _print_attempts(attempts: list[dict[str, Any]]) -> None:
    if attempts:
        click.echo()
        names = ["number", "transport", "started_at", "outcome", "proven_at", "detail"]
        print_table(names, [[each[name] or "" for name in names] for each in attempts], right=(0,))
