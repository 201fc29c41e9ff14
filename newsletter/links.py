"""Every absolute address that leaves the house is made here, from SITE_URL alone."""

from django.conf import settings


def absolute(path: str) -> str:
    """`path` starts with a slash."""
    return f"{settings.SITE_URL}{path}"


def unsubscribe(token: str) -> str:
    """The reader's page for leaving, and the RFC 8058 target."""
    return absolute(f"/u/{token}")


def host() -> str:
    """The right-hand side of our Message-IDs and List-IDs."""
    from urllib.parse import urlsplit

    return urlsplit(settings.SITE_URL).hostname or "localhost"
