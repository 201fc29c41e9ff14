"""Who keeps a mailbox, told by the address's domain.

Mailbox providers judge senders, each by rules of its own, so batches, limits and figures are kept apart by provider.
The table names domains that only that provider serves; a company's own domain at Google or Microsoft counts as other,
because telling would take a DNS query per domain.
"""

from django.db import models


class Mailbox(models.TextChoices):
    """The big ones, and everybody else."""

    GMAIL = "gmail", "Gmail"
    OUTLOOK = "outlook", "Outlook.com"
    YAHOO = "yahoo", "Yahoo and AOL"
    APPLE = "apple", "iCloud"
    OTHER = "other", "others"


# Yahoo and Microsoft give addresses under one name in many countries: yahoo.fr, hotmail.co.uk.
_BY_NAME = {"yahoo": Mailbox.YAHOO, "hotmail": Mailbox.OUTLOOK, "live": Mailbox.OUTLOOK, "outlook": Mailbox.OUTLOOK}
_NATIONAL = 2  # letters in a country's own top-level domain
_BY_DOMAIN = {
    "gmail.com": Mailbox.GMAIL,
    "googlemail.com": Mailbox.GMAIL,
    "msn.com": Mailbox.OUTLOOK,
    "passport.com": Mailbox.OUTLOOK,
    "windowslive.com": Mailbox.OUTLOOK,
    "aim.com": Mailbox.YAHOO,
    "aol.com": Mailbox.YAHOO,
    "myyahoo.com": Mailbox.YAHOO,
    "rocketmail.com": Mailbox.YAHOO,
    "ymail.com": Mailbox.YAHOO,
    "icloud.com": Mailbox.APPLE,
    "mac.com": Mailbox.APPLE,
    "me.com": Mailbox.APPLE,
}
_SECOND_LEVEL = {"com", "co"}


def of(address: str) -> Mailbox:
    """The provider of an address.

    >>> of("ada@hotmail.co.uk"), of("ada@yahoo.fr"), of("ada@yahoo.example.org")
    (Mailbox.OUTLOOK, Mailbox.YAHOO, Mailbox.OTHER)
    """
    domain = address.rpartition("@")[2].lower()
    name, *suffix = domain.split(".")
    if name in _BY_NAME and _is_public_suffix(suffix):
        return _BY_NAME[name]
    return _BY_DOMAIN.get(domain, Mailbox.OTHER)


def _is_public_suffix(labels: list[str]) -> bool:
    """com, fr or co.uk, as far as these providers use them."""
    if len(labels) == 1:
        return labels[0] == "com" or len(labels[0]) == _NATIONAL
    return len(labels) == _NATIONAL and labels[0] in _SECOND_LEVEL and len(labels[1]) == _NATIONAL
