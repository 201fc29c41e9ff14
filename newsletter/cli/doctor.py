"""newsletter doctor."""

from typing import TYPE_CHECKING

import click

from newsletter import config as settings
from newsletter.cli.base import counted, json_option, print_json, print_table, printable, say, to_type
from newsletter.runtime import boot

if TYPE_CHECKING:
    from newsletter.runtime.doctor.verdicts import Verdict

# A state is told by its mark and its word; colour only repeats it.
MARKS = {"ok": ("█", "green"), "warn": ("▒", "yellow"), "bad": ("✕", "red"), "skipped": ("·", None)}
WIDTH = 16


@click.command()
@click.option("--offline", is_flag=True, help="Ask nobody: no resolver, no Redis, no mail server, no database server.")
@click.option("--only", multiple=True, metavar="CHECK", help="This check alone; may be repeated.")
@click.option("--list", "list_", is_flag=True, help="The checks there are.")
@json_option
@click.pass_context
def doctor(ctx: click.Context, offline: bool, only: tuple[str, ...], list_: bool, as_json: bool) -> None:
    """Look at everything that must be right for mail to go out; exit code 1 if something is wrong. Changes nothing."""
    boot.set_up_django()
    from newsletter.runtime.doctor import rounds

    if list_:
        print_table(["check", "looks whether"], [(name, check.words) for name, check in rounds.CHECKS.items()])
        return
    found = []
    for verdict in rounds.go_round(settings.current(), only=only, offline=offline):
        found.append(verdict)
        if as_json:
            print_json(verdict.as_json())
        else:
            _show(verdict)
    _sum_up(found)
    ctx.exit(1 if any(each.state == "bad" for each in found) else 0)


def _show(verdict: "Verdict") -> None:
    mark, colour = MARKS[verdict.state]
    click.echo(f"{click.style(mark, fg=colour)} {verdict.check:<{WIDTH}} {printable(verdict.evidence)}")
    if verdict.remedy:
        remedy = verdict.remedy
        shown = to_type(remedy.removeprefix("newsletter ")) if remedy.startswith("newsletter ") else remedy
        click.echo(f"{'':<{WIDTH + 2}} {click.style('→', fg=colour)} {printable(shown)}")


def _sum_up(found: "list[Verdict]") -> None:
    wrong, doubts = (sum(each.state == state for each in found) for state in ("bad", "warn"))
    if not wrong and not doubts:
        say("Nothing is wrong.")
    else:
        say(f"{counted(wrong, 'thing is', 'things are')} wrong, {counted(doubts, 'is', 'are')} doubtful.")
