"""How the text of a setting becomes its value. Each raises ValueError with what to write instead.

A parser never quotes what it was given: it may be a secret.
"""

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

TRANSPORTS = ("outbox", "smtp", "sendgrid")
MAILBOXES = ("gmail", "outlook", "yahoo", "apple", "other")
LONGEST_DOMAIN = 253
LONGEST_SECONDS = 24 * 60 * 60
ESCAPES = "write @ : / # in a password as %40 %3A %2F %23"
MOST_KEYS = 2  # the one in use and the next
P256_BYTES, P256_BEGINS = 91, bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")

_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?")


def switch(text: str) -> bool:
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    if text.strip().lower() not in words:
        raise ValueError("use 1 or 0")
    return words[text.strip().lower()]


def transport(text: str) -> str:
    if text not in TRANSPORTS:
        raise ValueError(f"use one of {', '.join(TRANSPORTS)}")
    return text


def log_format(text: str) -> str:
    if text not in ("line", "json"):
        raise ValueError("use line or json")
    return text


def site_url(text: str) -> str:
    # It stands in headers and links as it is: nothing that urlsplit would overlook may be in it.
    url = _parts(text, ("http", "https"), "use an address such as https://news.example.org")
    if not url.hostname or url.username is not None or url.query or url.fragment or not text.isascii():
        raise ValueError("use an address such as https://news.example.org, in ASCII, without user or query")
    return text.rstrip("/")


def address_of(*beginnings: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        schemes = [beginning.partition(":")[0] for beginning in beginnings]
        url = _parts(text, schemes, f"begin it with {' or '.join(beginnings)}")
        if not text.startswith(beginnings):
            raise ValueError(f"begin it with {' or '.join(beginnings)}")
        if url.netloc.count("@") > 1 or "#" in text:
            raise ValueError(ESCAPES)
        return text

    return parse


def origins(text: str) -> str:
    """Origins of sites, comma-separated, as browsers send them: https://example.org, without a path."""
    found = [site_url(each.strip()) for each in text.split(",") if each.strip()]
    if any(urlsplit(each).path for each in found):
        raise ValueError("use origins such as https://example.org, https://www.example.org, without a path")
    return ", ".join(found)


def addresses(text: str) -> str:
    """Mail addresses, comma-separated; only their shape is looked at."""
    found = [each.strip() for each in text.split(",") if each.strip()]
    if not text.isprintable() or not all(re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", each) for each in found):
        raise ValueError("use addresses such as ada@example.org, bo@example.org")
    return ", ".join(found)


def domain(text: str) -> str:
    """A domain name in ASCII, lower case, or a part of one. https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4"""
    labels = text.lower().split(".")
    if len(text) > LONGEST_DOMAIN or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError("use a name such as example.org, in ASCII")
    return text.lower()


def bounce_address(text: str) -> str:
    """An address that bounces+…@ can be made of: its part before the @ is short and plain."""
    local, _, host = text.lower().rpartition("@")
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,15}", local):
        raise ValueError("use an address such as bounces@mail.example.org, at most 16 letters before the @ and no +")
    return f"{local}@{domain(host)}"


def webhook_keys(text: str) -> str:
    """One or two P-256 public keys as SendGrid shows them: base64 of a SubjectPublicKeyInfo (RFC 5480)."""
    keys = text.replace(",", " ").split()
    if not 1 <= len(keys) <= MOST_KEYS or not all(_is_p256(key) for key in keys):
        raise ValueError("use the key that SendGrid shows (it begins with MFkwEwYH), or two with a comma between")
    return ", ".join(keys)


def _is_p256(key: str) -> bool:
    try:
        raw = base64.b64decode(key, validate=True)
    except (ValueError, binascii.Error):
        return False
    return len(raw) == P256_BYTES and raw.startswith(P256_BEGINS)


def mailbox(text: str) -> str:
    """A mailbox to read: by IMAP, or a Maildir on this machine."""
    if text.startswith("maildir:/"):
        return text
    return address_of("imaps://", "imap://")(text)


def _parts(text: str, schemes: Sequence[str], remedy: str) -> SplitResult:
    """The parts of an address. What is wrong with one is told without quoting it: it may hold a password."""
    try:
        url = urlsplit(text)
        _ = url.port
    except ValueError:
        raise ValueError(f"its port is no number; {ESCAPES}") from None
    if url.scheme not in schemes or not text.isprintable() or " " in text:
        raise ValueError(remedy)
    return url


def whole(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.isascii() or not text.isdecimal() or len(text) > len(str(most)) or not least <= int(text) <= most:
            raise ValueError(f"use a whole number from {least} to {most:,}")
        return int(text)

    return parse


class Rates(dict[str, int]):
    """Copies a second by mailbox provider; as text it reads as it was written."""

    def __str__(self) -> str:
        return ", ".join(f"{mailbox}={rate}" for mailbox, rate in self.items())


def rates(text: str) -> Rates:
    found = Rates()
    for part in filter(None, (part.strip() for part in text.split(","))):
        mailbox, _, rate = (word.strip() for word in part.partition("="))
        if mailbox not in MAILBOXES or mailbox in found:
            raise ValueError(f'write it as "gmail=20, yahoo=10", each of {", ".join(MAILBOXES)} at most once')
        found[mailbox] = whole(1, 1_000_000_000)(rate)
    return found


def seconds(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0
    if not 0 < number <= LONGEST_SECONDS:
        raise ValueError(f"use a number of seconds, above 0 and up to {LONGEST_SECONDS:,}")
    return number


def path(text: str) -> Path:
    return Path(text).expanduser().resolve()


def folder(text: str) -> str:
    found = path(text)
    if not found.is_dir():
        raise ValueError("there is no such folder")
    return str(found)
