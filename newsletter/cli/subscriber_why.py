"""newsletter subscriber why."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from newsletter.cli import found
from newsletter.cli.base import DjangoCommand, json_option, print_json, print_table, printable, say

if TYPE_CHECKING:
    from newsletter.tracking.why import Answer


@click.command("why", cls=DjangoCommand)
@click.argument("address")
@click.argument("edition_pk", metavar="[EDITION]", type=int, required=False)
@click.option("--edition", "edition_id", type=int, metavar="ID", help="The same, as an option.")
@json_option
def why(address: str, edition_pk: int | None, edition_id: int | None, as_json: bool) -> None:
    """Why a reader got an edition, or did not; without an edition, every one, the newest first."""
    from newsletter.tracking import address as known
    from newsletter.tracking import why as reasons

    facts = known.of(address)
    if not facts["known"]:
        for words in known.sentences(facts):
            say(words)
        return
    reader, wanted = found.subscriber(address), edition_pk or edition_id
    answers = reasons.answers(reader, found.edition(wanted) if wanted else None)
    barred, released = reasons.barred(reader), reasons.released(reader)
    if as_json:
        for each in answers:
            print_json({**each.as_json(), "suppressed": asdict(barred) if barred else None, "released": released})
        return
    if barred:
        click.echo(printable(f"Suppressed since {barred.since:%Y-%m-%d}: {barred.reason}. {barred.note}".strip()))
    for entry in released:
        click.echo(printable("Released {at:%Y-%m-%d} by {by} (was {was}): {reason}".format(**entry)))
    _print(answers, with_events=bool(wanted))


def _print(answers: "list[Answer]", *, with_events: bool) -> None:
    if not answers:
        say("No copy was ever meant for this reader. Next: newsletter subscriber show ADDRESS")
        return
    rows = [(each.edition, each.newsletter, each.number, each.status or "none", each.reason) for each in answers]
    print_table(["edition", "newsletter", "No.", "copy", "why"], rows, right=(0, 2))
    events = [event for each in answers for event in each.events] if with_events else []
    if events:
        click.echo()
        told = [(f"{event.at:%Y-%m-%d %H:%M:%S}", event.what, event.source, event.words) for event in events]
        print_table(["reported, UTC", "what", "by", "in its words"], told)
