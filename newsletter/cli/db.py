"""newsletter db …, and Django's own commands."""

import click

from newsletter.cli.base import DjangoCommand, DjangoGroup, say


@click.group(cls=DjangoGroup)
def db() -> None:
    """The database."""


@db.command()
def migrate() -> None:
    """Create or update the tables."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    say("The database is up to date.")


@db.command()
def check() -> None:
    """Say whether the tables fit this version; exit code 3 if not."""
    from newsletter.errors import ConfigError
    from newsletter.runtime.database import missing_migrations

    missing = missing_migrations()
    if missing:
        raise ConfigError(
            f"{len(missing)} migrations are not applied: {', '.join(missing)}.", hint="newsletter db migrate"
        )
    say("The database is up to date.")


@click.command(
    cls=DjangoCommand, context_settings={"ignore_unknown_options": True, "help_option_names": []}, add_help_option=False
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: tuple[str, ...]) -> None:
    """Django's own commands, for the rare day they are needed."""
    from django.core.management import execute_from_command_line

    execute_from_command_line(["newsletter manage", *arguments])
