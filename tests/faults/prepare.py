"""Fills the database of the settings: `python -m tests.faults.prepare 2000` leaves an edition whose time has come."""

import os
import sys

import django

PAUSED = 20  # readers who are candidates and get no copy


def main(readers: int) -> None:
    """Migrate, then write a newsletter, its readers and one scheduled edition."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsletter.settings")
    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from tests import builders

    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)  # as `newsletter db migrate` does for SQLite
    call_command("migrate", verbosity=0)
    newsletter = builders.make_newsletter()
    builders.add_readers(newsletter, readers)
    builders.add_readers(newsletter, PAUSED, status="paused", first=readers)
    builders.scheduled_edition(newsletter)


if __name__ == "__main__":
    main(int(sys.argv[1]))
