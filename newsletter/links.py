"""Every absolute address that leaves the house is made here, from SITE_URL alone."""

from functools import cache
from hashlib import sha256
from urllib.parse import urlsplit

from django.conf import settings

SITE_HEADER = "X-Newsletter-Site"
"""Stands in every answer of our web and holds `sender_id`: an address that answers with it leads to this very site."""
PROXIES_HEADER = "X-Newsletter-Proxies"
"""What /livez answers with: how many proxies say in X-Forwarded-For that they passed the question on."""


def absolute(path: str) -> str:
    """`path` starts with a slash."""
    return f"{settings.SITE_URL}{path}"


def unsubscribe(token: str) -> str:
    """The reader's page for leaving, and the RFC 8058 target."""
    return absolute(f"/u/{token}")


def preferences(token: str) -> str:
    """The reader's page for choosing what they get; the token is the mail's."""
    return absolute(f"/p/{token}")


def personal(token: str) -> str:
    """The reader's own page, by a fresh link."""
    return absolute(f"/me/{token}")


def confirm(token: str) -> str:
    """The page with the button that confirms a sign-up."""
    return absolute(f"/c/{token}")


def change_of_address(token: str) -> str:
    """The page with the button that confirms a new address."""
    return absolute(f"/a/{token}")


def sign_up(slug: str) -> str:
    """The page with a newsletter's form."""
    return absolute(f"/subscribe/{slug}")


def picture(name: str) -> str:
    """A photo that we serve; the name is made from its content."""
    return absolute(f"/i/{name}")


def desk() -> str:
    """Where staff begin."""
    return absolute("/desk/")


def desk_login(token: str) -> str:
    """The page with the button that signs a staff member in."""
    return absolute(f"/desk/login/{token}")


def desk_edition(edition: int) -> str:
    """An edition's page for staff."""
    return absolute(f"/desk/editions/{edition}")


def desk_report(edition: int) -> str:
    """What became of an edition, for staff."""
    return absolute(f"/desk/editions/{edition}/report")


def desk_me() -> str:
    """A staff member's own page."""
    return absolute("/desk/me")


def look(token: str) -> str:
    """An edition before it goes out, for people without an account."""
    return absolute(f"/desk/look/{token}")


def archive(slug: str) -> str:
    """The list of a newsletter's past editions."""
    return absolute(f"/archive/{slug}/")


def archived(slug: str, number: int) -> str:
    """An edition in the archive."""
    return absolute(f"/archive/{slug}/{number}")


def in_browser(public: str) -> str:
    """The mail's "view in browser": an edition by its public id."""
    return absolute(f"/e/{public}")


def counted(link: str, click: str = "") -> str:
    """Where a counted link leads: `link` stands for an edition's entry, `click` for a reader who agreed, or "0"."""
    return absolute(f"/r/{link}/{click}" if click else f"/r/{link}")


def opened(link: str, token: str) -> str:
    """The picture that tells that a reader who agreed to it opened an edition."""
    return absolute(f"/o/{link}/{token}")


def host() -> str:
    """The right-hand side of our Message-IDs and List-IDs."""
    return _host_of(settings.SITE_URL)


def sender_id() -> str:
    """This site's name in Feedback-ID: 12 characters of the 5 to 15 that Google asks for, the same for ever."""
    return f"nl{sha256(host().encode()).hexdigest()[:10]}"


@cache  # it stands in every message
def _host_of(url: str) -> str:
    return urlsplit(url).hostname or "localhost"


def message_id(reference: str) -> str:
    """The Message-ID of a copy, the same for every attempt at it, so that a mailbox that gets two may tell."""
    return f"<{reference}@{host()}>"
