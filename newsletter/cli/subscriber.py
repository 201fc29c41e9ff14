"""newsletter subscriber …"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

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
    say,
    yes_option,
)

if TYPE_CHECKING:
    from newsletter.subscribers.models import Subscriber

newsletter_option = click.option("--newsletter", "slug", metavar="SLUG", help="Which, where there are several.")


@click.group(cls=DjangoGroup)
def subscriber() -> None:
    """Readers: add, import, show, unsubscribe."""


@subscriber.command()
@click.argument("address")
@click.option("--name", default="")
@newsletter_option
@as_option
def add(address: str, name: str, slug: str | None, as_email: str | None) -> None:
    """Add one reader whose consent you have. Whoever left stays gone."""
    from newsletter.errors import Refused
    from newsletter.newsletters import audit, setup
    from newsletter.newsletters.models import Right
    from newsletter.subscribers import consent, importer

    staff, newsletter = audit.acting(as_email, Right.EDIT), setup.found(slug)
    result = consent.add(address, importer.clean_name(name), newsletter, staff, "newsletter subscriber add")
    if result == "left":
        raise Refused(f"{address} left {newsletter}; only that reader can come back.")
    if result == "suppressed":
        raise Refused(f"{address} must not be mailed.", hint=f"newsletter subscriber show {address}")
    say(f"{address} gets {newsletter}." if result == "added" else f"{address} gets {newsletter} already.")


@subscriber.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@newsletter_option
@dry_run_option
@as_option
@json_option
def import_(file: Path, slug: str | None, dry_run: bool, as_email: str | None, as_json: bool) -> None:
    """Take in a CSV file with the columns email and name. Broken lines are refused one by one; exit 6 if any were."""
    from newsletter.errors import Partly
    from newsletter.newsletters import audit, setup
    from newsletter.newsletters.models import Right
    from newsletter.subscribers import importer

    staff, newsletter = audit.acting(as_email, Right.EDIT), setup.found(slug)
    result = importer.Imported()
    with _progress(file) as advance:
        for result in importer.import_csv(file, newsletter, staff, dry_run=dry_run):
            advance(result.lines)
    refused = [{"line": each.line, "reason": each.reason} for each in result.refused]
    if as_json:
        print_json({**dict(result.counts), "refused": refused, "dry_run": dry_run})
    else:
        _print_import(result, dry_run=dry_run)
    if refused and dry_run:
        raise Partly(f"{len(refused)} of {counted(result.lines, 'line')} would be refused; nothing was changed.")
    if refused:
        raise Partly(f"{len(refused)} of {counted(result.lines, 'line')} refused; the others were taken in.")


def _progress(file: Path) -> Any:
    from contextlib import contextmanager

    @contextmanager
    def bar() -> Any:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        console = Console(stderr=True)
        with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
            task = progress.add_task("importing", total=None if progress.disable else _lines_in(file))
            yield lambda done: progress.update(task, completed=done)

    return bar()


def _lines_in(file: Path) -> int | None:
    """How many lines to expect; None for a pipe, which can be read only once."""
    if not file.is_file():
        return None
    with file.open("rb") as lines:
        return max(sum(1 for _ in lines) - 1, 0)


def _print_import(result: Any, *, dry_run: bool) -> None:
    for each in result.refused[:20]:
        say(f"line {each.line}: {each.reason}")
    if len(result.refused) > 20:  # noqa: PLR2004 # a screenful
        say(f"… and {counted(len(result.refused) - 20, 'more refused line')}; --json lists all")
    rows = [(name, f"{count:,}") for name, count in result.counts.items()]
    print_table(["", "lines"], [*rows, ("refused", f"{len(result.refused):,}")], right=(1,))
    if dry_run and not result.refused:
        say("Nothing was changed.")


@subscriber.command()
@click.argument("address")
@json_option
def show(address: str, as_json: bool) -> None:
    """One reader: their subscriptions, and whether the address is suppressed."""
    from newsletter.subscribers.models import Suppression

    found = _subscriber(address)
    barred = Suppression.objects.filter(address_key=found.address_key).first()
    subscriptions = [
        {"newsletter": each.newsletter.slug, "status": each.status}
        for each in found.subscriptions.select_related("newsletter").order_by("newsletter__slug")
    ]
    facts = {
        "address": found.email,
        "name": found.name,
        "subscriptions": subscriptions,
        "suppressed": barred.reason if barred else None,
    }
    if as_json:
        print_json(facts)
        return
    suppressed = f"  suppressed: {barred.reason}" if barred else ""
    click.echo(printable(f"{found.email}  {found.name}{suppressed}"))
    print_table(["newsletter", "status"], [tuple(each.values()) for each in subscriptions])


@subscriber.command()
@click.argument("address")
@newsletter_option
@as_option
def unsubscribe(address: str, slug: str | None, as_email: str | None) -> None:
    """End a reader's subscription at their wish."""
    from newsletter.errors import UsageError
    from newsletter.newsletters import audit, setup
    from newsletter.newsletters.models import Right
    from newsletter.subscribers import consent
    from newsletter.subscribers.models import Consent

    staff, newsletter = audit.acting(as_email, Right.EDIT), setup.found(slug)
    subscription = _subscriber(address).subscriptions.filter(newsletter=newsletter).first()
    if subscription is None:
        raise UsageError(f"{address} does not get {newsletter}.")
    ended = consent.unsubscribe(subscription, Consent.Source.STAFF, staff)
    say(f"{address} gets {newsletter} no longer." if ended else f"{address} had left {newsletter} before.")


@subscriber.command()
@click.argument("address")
def export(address: str) -> None:
    """Everything that is known of one reader, as JSON: for somebody who asks for their data."""
    from newsletter.tracking import person

    print_json(person.everything(_subscriber(address)))


@subscriber.command()
@click.argument("address")
@yes_option
@as_option
def erase(address: str, yes: bool, as_email: str | None) -> None:
    """Forget one reader, at their wish. The ledger keeps its counts, and no old file brings them back."""
    from newsletter.newsletters import audit
    from newsletter.newsletters.models import Right
    from newsletter.tracking import erase as erasing

    staff, found = audit.acting(as_email, Right.EDIT), _subscriber(address)
    confirm(f"This erases {address} in {counted(found.subscriptions.count(), 'newsletter')}, for good. Erase?", yes=yes)
    erasing.erase(found, staff)
    say(f"Subscriber {found.pk} is erased. Backups made before still hold them.")


@subscriber.command()
@click.argument("address")
@click.option("--edition", "edition_id", type=int, metavar="ID", help="Only this edition.")
@json_option
def why(address: str, edition_id: int | None, as_json: bool) -> None:
    """Why a reader got an edition, or did not; the newest first."""
    from newsletter.tracking import person

    found = person.reasons(_subscriber(address), edition_id)
    if as_json:
        for each in found:
            print_json(each)
    elif found:
        print_table(["edition", "newsletter", "No.", "copy", "why"], [tuple(each.values()) for each in found])
    else:
        say("No copy was ever meant for this reader. Next: newsletter subscriber show ADDRESS")


def _subscriber(address: str) -> "Subscriber":
    from newsletter.errors import UsageError
    from newsletter.subscribers import addresses
    from newsletter.subscribers.models import Subscriber

    found = Subscriber.objects.filter(address_key=addresses.key(addresses.clean(address))).first()
    if found is None:
        raise UsageError(f"Nobody is known by {address}.")
    return found
