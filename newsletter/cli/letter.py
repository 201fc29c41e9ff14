"""newsletter letter …"""

from typing import TYPE_CHECKING, Any

import click

from newsletter.cli.base import DjangoGroup, json_option, print_json, print_table, printable, say

if TYPE_CHECKING:
    from newsletter.letters.models import Letter

SHOWN = 50


@click.group(cls=DjangoGroup)
def letter() -> None:
    """Mails outside an edition: notices and alerts."""


@letter.command("list")
@click.option("--failed", is_flag=True, help="Only those that did not arrive, or of which nobody can tell.")
@click.option("--waiting", is_flag=True, help="Only those that are still to go out.")
@json_option
def list_(failed: bool, waiting: bool, as_json: bool) -> None:
    """The letters, the newest first."""
    from newsletter.letters.models import Letter

    states = (["rejected", "unknown"] if failed else []) + (["pending", "sending"] if waiting else [])
    listed = Letter.objects.select_related("newsletter", "staff", "subscriber").order_by("-pk")
    found = list((listed.filter(status__in=states) if states else listed)[: None if as_json else SHOWN])
    if as_json:
        for each in found:
            print_json(_as_json(each))
    elif found:
        rows = [
            [each.pk, f"{each.created_at:%d %b %H:%M}", each.kind, _to(each), each.status, each.reason]
            for each in found
        ]
        print_table(["id", "written (UTC)", "kind", "to", "state", "why"], rows)
    else:
        say("There is no such letter." if states else "There are no letters yet.")


@letter.command()
@click.argument("pk", metavar="ID", type=int)
@json_option
def show(pk: int, as_json: bool) -> None:
    """One letter: what it says, to whom, and what became of it."""
    from newsletter.errors import Refused, UsageError
    from newsletter.letters import render
    from newsletter.letters.models import Letter

    found = Letter.objects.select_related("newsletter", "staff", "subscriber").filter(pk=pk).first()
    if found is None:
        raise UsageError(f"There is no letter {pk}.", hint="newsletter letter list")
    if as_json:
        print_json({**_as_json(found), "facts": found.payload})
        return
    try:
        mail = render.content_of(found)
    except (KeyError, TypeError) as error:
        raise Refused(f"Letter {pk} was written by another version and cannot be shown.") from error
    click.secho(f"{printable(mail.subject)}", bold=True)
    click.echo(f"to {printable(_to(found))}, {found.status}, tries: {found.tries}. {printable(found.reason)}".strip())
    click.echo(f"\n{printable(mail.text)}")


def _to(found: "Letter") -> str:
    """Whom it goes to. A reader is named by id: their address is in `subscriber show`."""
    if found.staff:
        return found.staff.email
    if found.subscriber_id:
        return f"subscriber {found.subscriber_id}"
    return found.address or (found.route if found.route == "webhook" else "an address that was erased")


def _as_json(found: "Letter") -> dict[str, Any]:
    return {
        "id": found.pk,
        "kind": found.kind,
        "route": found.route,
        "newsletter": found.newsletter.slug if found.newsletter else None,
        "to": _to(found),
        "status": found.status,
        "tries": found.tries,
        "reason": found.reason or None,
        "created_at": found.created_at.isoformat(),
        "finished_at": found.finished_at.isoformat() if found.finished_at else None,
    }
