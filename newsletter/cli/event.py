"""newsletter event …"""

import sys
from pathlib import Path
from typing import Any

import click

from newsletter.cli import found
from newsletter.cli.base import (
    DjangoGroup,
    as_option,
    confirm,
    counted,
    json_option,
    print_json,
    print_table,
    say,
    yes_option,
)

SHOWN = 20  # addresses


@click.group(cls=DjangoGroup)
def event() -> None:
    """What providers reported: status, replay, held, reconcile."""


@event.command()
@json_option
def status(as_json: bool) -> None:
    """How many events wait, are parked or held, when the last one came, and what was refused at the door."""
    from newsletter.tracking import standing

    facts = standing.facts()
    if as_json:
        print_json(facts)
        return
    last = facts["last_received_at"]
    print_table(["", "events"], [(name, f"{facts[name]:,}") for name in ("waiting", "parked", "held")], right=(1,))
    say(f"The last one came {last:%Y-%m-%d %H:%M} UTC." if last else "None ever came.")
    if facts["lists"]:
        _tell_lists(facts["lists"])
    if facts["counts"]:
        click.echo()
        print_table(["at the door", "times"], [(name, f"{n:,}") for name, n in facts["counts"].items()], right=(1,))
    if facts["held"]:
        say("Too many addresses were said not to exist. Next: newsletter event held")


def _tell_lists(lists: dict[str, Any]) -> None:
    """What the last reading of SendGrid's lists found."""
    read_at = f"last read {lists['read_at']:%Y-%m-%d %H:%M} UTC" if lists["read_at"] else "never read"
    drift = f"released here and dropped there {lists['released']:,}, only here {lists['only_here']:,}"
    say(f"SendGrid's lists: {read_at}; new {lists['new']:,}, {drift}.")
    if lists["failing_since"]:
        say(f"Since {lists['failing_since']:%Y-%m-%d %H:%M} UTC they are not read: {lists['fault'] or 'cut off'}")


@event.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@json_option
def replay(file: Path, as_json: bool) -> None:
    """Take in events from a file, as the webhook would have; those that are known have no effect."""
    from newsletter.errors import Partly
    from newsletter.tracking import apply
    from newsletter.tracking import replay as files

    sums = files.Replayed()
    for sums in files.from_file(file):
        if sys.stderr.isatty():
            click.echo(f"\r{sums.new + sums.known:,} events", nl=False, err=True)
    facts = {**vars(sums), "applied": apply.apply_waiting()}
    if as_json:
        print_json(facts)
    else:
        print_table(["", "events"], [(name, f"{n:,}") for name, n in facts.items()], right=(1,))
    if sums.unreadable:
        left = counted(sums.unreadable, "line or element", "lines or elements")
        raise Partly(f"{left} of {file} could not be read; the others were taken in.")


@event.command()
@click.option("--believe", "verdict", flag_value="believe", help="They are true: suppress these addresses.")
@click.option("--disbelieve", "verdict", flag_value="disbelieve", help="They are not: nobody is suppressed for them.")
@click.option("--reason", default="", help="What you know; it is kept.")
@yes_option
@as_option
def held(verdict: str | None, reason: str, yes: bool, as_email: str | None) -> None:
    """Hard bounces that were too many at once to be true; without a verdict, how many and of which editions."""
    from newsletter.errors import UsageError
    from newsletter.tracking import held as verbs
    from newsletter.tracking import standing

    if verdict is None:
        rows = standing.held()
        print_table(["edition", "held", "what the servers said"], rows, right=(0, 1))
        say("Next: newsletter event held --believe --reason TEXT" if rows else "No events are held.")
        return
    staff = found.sender(as_email)
    if not reason.strip():
        raise UsageError("A verdict needs --reason: what do you know about them?")
    events = counted(verbs.count(), "held bounce")
    believe = verdict == "believe"
    confirm(f"{events}: {'suppress these addresses' if believe else 'forget them'}?", yes=yes)
    done = verbs.decide(staff, reason, believe=believe)
    say(f"{counted(done, 'bounce')} {'believed' if believe else 'disbelieved'}.")


@event.command()
@json_option
def reconcile(as_json: bool) -> None:
    """Read SendGrid's suppression lists, and its log about unknown copies; what we did not know is applied."""
    from newsletter.tracking import apply, sendgrid_log
    from newsletter.tracking import reconcile as verbs

    sums = verbs.Pulled()
    for sums in verbs.pull():
        if sys.stderr.isatty():
            click.echo(f"\r{sum(sums.theirs.values()):,} entries read", nl=False, err=True)
    logged = sendgrid_log.ask_log()
    applied = apply.apply_waiting()
    if as_json:
        print_json({**sums.as_json(), "logged": logged, "applied": applied})
        return
    rows = [(name, f"{count:,}", f"{sums.ours[name]:,}") for name, count in sums.theirs.items()]
    print_table(["list", "entries", "our readers"], rows, right=(1, 2))
    say(f"{counted(sums.new, 'entry', 'entries')} we did not know, {counted(logged, 'event')} from the log.")
    if sums.released:
        say(f"{counted(sums.released, 'address', 'addresses')} released here, and SendGrid still drops them: remove")
        say("them from its lists (Suppressions in its menu), or their copies will be dropped.")
        say("\n".join(f"  {address}" for address in sums.addresses[:SHOWN]))
        if sums.released > SHOWN:
            say(f"  and {sums.released - SHOWN:,} more: newsletter event reconcile --json")
    if sums.only_here:
        say(f"{counted(sums.only_here, 'address', 'addresses')} suppressed here, and on no list of SendGrid's.")
