"""Creating and updating the tables."""

from django.core.management import call_command

from newsletter import config
from newsletter.runtime.server import unusable


def migrate() -> None:
    """Bring the tables to this version, in a data directory that is made if need be. Raises ConfigError."""
    folder = config.current().data_dir
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise unusable(folder, error) from error
    call_command("migrate", verbosity=0, interactive=False)
