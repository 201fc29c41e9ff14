"""Addresses as they go out, and a provider's words as they come in."""

import ipaddress
import re

from newsletter.idn import ascii_domain

MAX_ADDRESS = 254  # octets, RFC 5321 §4.5.3.1.3 less the angle brackets
MAX_LOCAL = 64  # octets, §4.5.3.1.1
IPV6 = 6
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
    host = ascii_domain(domain)
    if not host:
        raise UnmailableError("The address has no valid domain.")
    wired = f"{local}@{host}"
    if len(wired.encode()) > MAX_ADDRESS or len(local.encode()) > MAX_LOCAL:
        raise UnmailableError("The address is too long.")
    return wired


def sender_fault(address: str) -> str:
    """Why mail cannot come from this address, or "". No transport of ours takes a sender beyond ASCII."""
    try:
        return "" if wire_address(address).isascii() else f"{address} cannot send mail: it is not ASCII before the @."
    except UnmailableError as reason:
        return f"The newsletter's own address cannot send mail. {reason}"


def greeting_name(host: str) -> str:
    """How a host introduces itself in EHLO: its A-label, or its IP address in brackets (RFC 5321 §4.1.3)."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return ascii_domain(host) or "localhost"
    return f"[IPv6:{address}]" if address.version == IPV6 else f"[{address}]"


def needs_smtputf8(address: str) -> bool:
    """Whether only a server that offers SMTPUTF8 (RFC 6531) can take it."""
    return not address.isascii()


def words(text: str) -> str:
    """A provider's text fit for the ledger: one line of 200 characters at most, without addresses."""
    shown = text if text.isprintable() else "".join(char if char.isprintable() else " " for char in text)
    line = " ".join(shown.split())
    return _ADDRESS_IN_TEXT.sub("(address)", line)[:MAX_WORDS]


def said(error: object) -> str:
    """The system's words for what went wrong on the network: "Connection refused"."""
    return words(str(getattr(error, "strerror", None) or error or type(error).__name__)).rstrip(".")
