"""Django, set up at the moment that a command needs it."""

import os


def set_up_django() -> None:
    """Load the settings and the models. Raises ConfigError."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsletter.settings")
    import django

    django.setup()
