"""newsletter edition approve: what a person says yes to."""

from datetime import datetime
from typing import TYPE_CHECKING

import click

from newsletter import clock
from newsletter.cli import edition_preflight, edition_preview, found
from newsletter.cli.base import DjangoCommand, as_option, say

if TYPE_CHECKING:
    from newsletter.editions.models import Edition


@click.command(cls=DjangoCommand)
@click.argument("pk", metavar="ID", type=int)
@click.option("--no-schedule", is_flag=True, help="Only approve; somebody schedules it later.")
@as_option
def approve(pk: int, no_schedule: bool, as_email: str | None) -> None:
    """Freeze content and rendering: what is approved is what is sent, at the edition's own time if that lies ahead."""
    from newsletter.editions import approve as verbs
    from newsletter.editions import mark

    chosen, staff = found.edition(pk), found.sender(as_email)
    if chosen.status == "draft":
        edition_preview.make_pictures(chosen)
        edition_preflight.before_approval(chosen)
        if chosen.void_snapshot:
            _say_differences(mark.differences(chosen))
    done = (verbs.approve if no_schedule else verbs.approve_for_its_run)(chosen, staff)
    say(f"Approved edition {pk}, content {done.content_hash[:12]}.")
    if done.status == "scheduled" and done.send_at:
        say(f"It goes out on {local(done, done.send_at)}. To change that: newsletter edition schedule {pk} --at …")
    else:
        say(f"Next: newsletter edition schedule {pk}")


def advise(chosen: "Edition") -> None:
    """Say what an editor may want to know about the inbox line."""
    from newsletter.editions import words

    for line in words.advice(chosen.subject, chosen.preheader):
        say(f"Note: {line}")


def _say_differences(found_: list[str]) -> None:
    say("Since the approval before:" if found_ else "Nothing changed since the approval before.")
    for line in found_:
        say(f"  {line}")


def local(chosen: "Edition", moment: datetime) -> str:
    """The moment on the newsletter's wall, with its zone."""
    return clock.local(moment, chosen.newsletter.zone)
