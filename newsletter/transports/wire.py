"""Addresses as they go out, and a provider's words as they come in."""

import re

import idna

MAX_ADDRESS = 254  # octets, RFC 5321 §4.5.3.1.3 less the angle brackets
MAX_LOCAL = 64  # octets, §4.5.3.1.1
MAX_WORDS = 200  # characters: what Delivery.reason holds

# One addr-spec and nothing that SMTP, JSON or a mail program's command line could take for something else (RFC 5321
# §4.1.2 without its quoted strings, §3.3 of RFC 6531 for what lies beyond ASCII).
_LOCAL = re.compile(r"[^\s\x00-\x20\x7f-\x9f()<>@,;:\\\"\[\].-][^\s\x00-\x20\x7f-\x9f()<>@,;:\\\"\[\]]*\Z")
_ADDRESS_IN_TEXT = re.compile(r"\S+@\S+")


class UnmailableError(ValueError):
    """No transport could mail this reader; the message is the reason."""


def wire_address(address: str) -> str:
    """The address with its domain as an A-label (RFC 5891). Raises UnmailableError for what is not one addr-spec.

    A local part beyond ASCII is left as it is: `needs_smtputf8` tells.
    """
    local, _, domain = address.rpartition("@")
    if not _LOCAL.match(local):
        raise UnmailableError("This is not a mail address.")
    try:
        wired = f"{local}@{idna.encode(domain, uts46=True).decode('ascii')}"
    except idna.IDNAError as error:
        raise UnmailableError("The address has no valid domain.") from error
    if len(wired.encode()) > MAX_ADDRESS or len(local.encode()) > MAX_LOCAL:
        raise UnmailableError("The address is too long.")
    return wired


def needs_smtputf8(address: str) -> bool:
    """Whether only a server that offers SMTPUTF8 (RFC 6531) can take it."""
    return not address.isascii()


def words(text: str) -> str:
    """A provider's text fit for the ledger: one line of 200 characters at most, without addresses."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return _ADDRESS_IN_TEXT.sub("(address)", line)[:MAX_WORDS]
