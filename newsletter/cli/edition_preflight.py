"""newsletter edition preflight: what is wrong with an edition, before anybody approves it."""

from typing import TYPE_CHECKING

import click

from newsletter.cli import found
from newsletter.cli.base import DjangoCommand, as_option, counted, json_option, print_json, print_table, printable, say

if TYPE_CHECKING:
    from newsletter.editions.models import Edition
    from newsletter.editions.preflight_findings import Finding, Report


@click.command(cls=DjangoCommand)
@click.argument("pk", metavar="ID", type=int)
@click.option("--local", is_flag=True, help="Ask no link and no SpamAssassin; what links answered before still counts.")
@click.option("--waive", metavar="KEY", help="Wave one warning through, with --reason.")
@click.option("--reason", metavar="TEXT", default="", help="Why; it is kept.")
@click.option("--take-back", metavar="KEY", help="Take a waiver back.")
@as_option
@json_option
@click.pass_context
def preflight(ctx: click.Context, /, pk: int, as_email: str | None, as_json: bool, **wishes: str) -> None:
    """Everything that blocks an edition, and what somebody should look at. Exit 1 if it cannot go out like this.

    A warning may be waived: newsletter edition preflight 1 --waive no-credit:12 --reason "Handout, no name known"
    """
    from newsletter.editions import preflight as verbs

    edition = found.edition(pk)
    if wishes["waive"] or wishes["take_back"]:
        staff = found.editor(as_email)
        if wishes["waive"]:
            verbs.waive(edition, wishes["waive"], wishes["reason"], staff)
        if wishes["take_back"]:
            verbs.take_back(edition, wishes["take_back"], staff)
    elif not wishes["local"]:
        verbs.ask(edition)
    report = verbs.look(edition, spam=not wishes["local"])
    if as_json:
        print_json({"id": pk, **report.as_json()})
    else:
        _print(pk, report)
    if report.blocking:
        ctx.exit(1)


def _print(pk: int, report: "Report") -> None:
    _print_findings("Must be mended", report.blocking)
    _print_findings("Worth a look", report.warnings)
    _print_findings("Waived", report.waived)
    print_variants(report)
    if not report.asked:
        say(f"Not every link was asked. Next: newsletter edition preflight {pk}")
    elif report.blocking:
        say(f"Edition {pk} cannot go out like this: {counted(len(report.blocking), 'thing')} to mend.")
    elif report.warnings:
        say(f"Nothing blocks edition {pk}. Next: newsletter edition approve {pk}, or --waive KEY --reason TEXT")
    else:
        say(f"Edition {pk} is ready. Next: newsletter edition approve {pk}")


def _print_findings(heading: str, findings: "tuple[Finding, ...]") -> None:
    if not findings:
        return
    click.echo(click.style(heading, bold=True))
    for each in findings:
        mark = click.style("✕", fg="red") if each.blocks else "·"
        reason = f" — waived: {each.waived}" if each.waived else ""
        click.echo(printable(f"  {mark} {each.told}{reason}"))
        click.echo(click.style(f"    {each.key}", dim=True))
    click.echo()


def print_variants(report: "Report") -> None:
    """A line for each copy: whose it is, how large, and what it begins with."""
    rows = [
        (each.name[:40], f"{each.readers:,}", each.stories, f"{each.size:,}" if each.size else "–", each.headline[:60])
        for each in report.variants
    ]
    print_table(["copy for", "readers", "stories", "bytes", "begins with"], rows, right=(1, 2, 3))


def before_approval(edition: "Edition") -> None:
    """What blocks is for approval itself to refuse; here the warnings are counted and the copies listed."""
    from newsletter.editions import preflight as verbs

    verbs.ask(edition)
    report = verbs.look(edition)
    if report.warnings:
        number = counted(len(report.warnings), "warning")
        say(f"Preflight has {number}. To read: newsletter edition preflight {edition.pk}")
    print_variants(report)
