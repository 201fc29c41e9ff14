"""What a form's fields say, read with care."""

from unicodedata import category

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from newsletter import config
from newsletter.errors import UsageError
from newsletter.subscribers import networks


def text(request: HttpRequest, name: str) -> str:
    """A field's text without control characters: PostgreSQL takes no NUL, and no headline needs the others."""
    return clean(request.POST.get(name, ""))


def asked(request: HttpRequest, name: str, most: int = 200) -> str:
    """The same of an address's query, cut."""
    return clean(request.GET.get(name, ""))[:most].strip()


def number(request: HttpRequest, name: str) -> int:
    """Raises UsageError for what is none."""
    found = text(request, name)
    if not found.isdecimal() or len(found) > 9:  # noqa: PLR2004 # what a 32-bit column holds
        raise UsageError(f"{name} has to be a whole number.")
    return int(found)


def ticked(request: HttpRequest, name: str) -> bool:
    return request.POST.get(name) in ("1", "on")


def onward(request: HttpRequest) -> str:
    """Where somebody wanted to go before they signed in: a page of the desk, or ""."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    inside = wanted.startswith("/desk/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if inside and len(wanted) < 500 else ""  # noqa: PLR2004 # no page of ours has a longer address


def network(request: HttpRequest) -> str:
    """The shortened network somebody comes from; empty where it is not known."""
    seen, said = request.META.get("REMOTE_ADDR", ""), request.META.get("HTTP_X_FORWARDED_FOR", "")
    return networks.shortened(networks.nearest_stranger(seen, said, config.current().proxies))


def clean(found: str) -> str:
    return "".join(char for char in found if char in "\n\t" or category(char) != "Cc")
