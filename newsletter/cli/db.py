"""newsletter db …, and Django's own commands."""

from pathlib import Path

import click

from newsletter.cli.base import DjangoCommand, DjangoGroup, as_option, confirm, counted, not_blank, say, yes_option


@click.group(cls=DjangoGroup)
def db() -> None:
    """The database."""


@db.command()
def migrate() -> None:
    """Create or update the tables."""
    from newsletter.runtime import tables

    tables.migrate()
    say("The database is up to date.")
    _erase_again()


@db.command()
def check() -> None:
    """Say whether the tables fit this version; exit code 3 if not."""
    from newsletter.errors import ConfigError
    from newsletter.tracking import tables

    missing = tables.missing()
    if missing:
        raise ConfigError(
            f"{counted(len(missing), 'migration is', 'migrations are')} not applied: {', '.join(missing)}.",
            hint="newsletter db migrate",
        )
    say("The database is up to date.")


@db.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Copy the database into FILE, while everything runs."""
    from newsletter.runtime import backup as copies

    size = copies.backup(file)
    say(f"{size:,} bytes in {file}. The keys are not in it: keep the data directory's keys/ somewhere safe too.")


@db.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@yes_option
def restore(file: Path, yes: bool) -> None:
    """Put a backup in the database's place. Nothing is sent afterwards until `newsletter unlock`."""
    from newsletter.runtime import backup as copies
    from newsletter.tracking import tables

    confirm(f"Replace the whole database by {file}?", yes=yes)
    copies.restore(file)
    _lock(file)
    if not tables.missing():
        _erase_again()
    say("Restored. Next: newsletter db migrate, then newsletter status")


def _lock(file: Path) -> None:
    from django.db import DatabaseError

    from newsletter.deliveries import epoch

    try:
        epoch.lock(f"The database was restored from {file.name}.")
    except DatabaseError:  # it is older than this lock; then only the machines' own notes tell
        say("Stop every worker before you migrate it: this backup cannot be locked for all machines.")


def _erase_again() -> None:
    """Whoever was erased since a backup was made is erased in it too."""
    from newsletter.tracking import erased

    if count := erased.keep():
        say(f"{counted(count, 'reader')} erased since then {'was' if count == 1 else 'were'} erased again.")


@click.command(cls=DjangoCommand)
@click.option("--reason", required=True, callback=not_blank, help="Why it may send again; it is kept.")
@yes_option
@as_option
def unlock(reason: str, yes: bool, as_email: str | None) -> None:
    """Let a restored database send again. What may have gone out since the backup becomes unknown, not sent twice."""
    from newsletter.deliveries import epoch
    from newsletter.errors import Refused
    from newsletter.newsletters import audit
    from newsletter.newsletters.models import Right

    staff = audit.acting(as_email, Right.SEND)
    why = epoch.fault()
    if not why:
        raise Refused("Nothing is locked.")
    doubt = epoch.in_doubt()
    say(why)
    becomes = counted(doubt.unknown, "waiting copy becomes", "waiting copies become")
    confirm(f"Unlock? {becomes} unknown, {counted(doubt.held, 'edition is', 'editions are')} held.", yes=yes)
    done = epoch.unlock(staff, reason)
    _erase_again()
    unknown, held = counted(done.unknown, "copy is", "copies are"), counted(done.held, "edition is", "editions are")
    say(f"Unlocked: {unknown} unknown, {held} held. Next: newsletter status")


@click.command(
    cls=DjangoCommand, context_settings={"ignore_unknown_options": True, "help_option_names": []}, add_help_option=False
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: tuple[str, ...]) -> None:
    """Django's own commands, for the rare day they are needed."""
    from django.core.management import execute_from_command_line

    execute_from_command_line(["newsletter manage", *arguments])
