"""newsletter retention."""

import sys
from collections import Counter
from dataclasses import asdict, replace

import click

from newsletter.cli.base import (
    DjangoCommand,
    confirm,
    counted,
    dry_run_option,
    json_option,
    print_json,
    print_table,
    say,
    yes_option,
)


@click.command(cls=DjangoCommand)
@dry_run_option
@yes_option
@json_option
def retention(dry_run: bool, yes: bool, as_json: bool) -> None:
    """Do away with what is older than it may be, as the workers do every night; copies and clicks become totals.

    It may be interrupted at any time, and goes on where it was.
    """
    from newsletter.tracking import retention as verbs

    rules = verbs.due()
    total = sum(rule.count for rule in rules)
    if not dry_run and total:
        confirm(f"Delete {counted(total, 'row')} for their age, for good?", yes=yes)
        done = _done(total)
        rules = [replace(rule, count=done[rule.name]) for rule in rules]
    if as_json:
        print_json({"dry_run": dry_run, "rules": [asdict(rule) for rule in rules]})
        return
    headers = ["what", "kept", "deleted" if not dry_run else "would go"]
    print_table(headers, [(rule.words, rule.kept, f"{rule.count:,}") for rule in rules], right=(2,))
    if not total:
        say("Nothing is older than it may be.")
    elif dry_run:
        say("Nothing was changed. Workers do this every night. Next: newsletter retention")


def _done(total: int) -> Counter[str]:
    """Do it, with a count on a terminal; how many by rule."""
    from newsletter.tracking import retention as verbs

    done = Counter[str]()
    for name, rows in verbs.keep_all():
        done[name] += rows
        if sys.stderr.isatty():
            click.echo(f"\r{done.total():,} of {total:,}", nl=False, err=True)
    if sys.stderr.isatty():
        click.echo(err=True)
    return done
