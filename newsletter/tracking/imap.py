"""A mailbox by IMAP (RFC 3501): what came since the last look, and a flag on what was dealt with. No tables here.

TLS is verified, always: imaps, or imap with STARTTLS; without only to this machine. Nothing is ever deleted or moved,
and what people wrote is not even marked as read.
"""

import imaplib
import ipaddress
import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from newsletter.errors import ConfigError, Unreachable
from newsletter.tracking.bounces.message import MOST_BYTES
from newsletter.transports.tls import default_trust

SEEN, FLAGGED = "\\Seen", "\\Flagged"
_WINDOW = 20_000  # UIDs asked for at once
TIMEOUT = 30.0  # seconds for each answer
_PORTS = {"imaps": 993, "imap": 143}
_EXAMPLE = "Use imaps://user:password@mail.example.org/INBOX; write @ : / in a password as %40 %3A %2F."
_UID = re.compile(rb"UID (\d+)")


@dataclass(frozen=True)
class Place:
    """Which mailbox, and how it is reached."""

    host: str
    port: int
    tls: bool
    user: str
    folder: str
    password: str = field(repr=False)


def place_from(url: str) -> Place:
    """Read imap[s]://user:password@host[:port][/folder]. Raises ConfigError, which never repeats the password."""
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname or not parts.username or not parts.password or parts.query:
        raise ConfigError("BOUNCE_MAILBOX_URL is not the address of a mailbox.", hint=_EXAMPLE)
    folder = unquote(parts.path.strip("/")) or "INBOX"
    words = [unquote(parts.username), unquote(parts.password), folder]
    if not all(word.isascii() and word.isprintable() for word in words):
        raise ConfigError("BOUNCE_MAILBOX_URL has to be ASCII.", hint=_EXAMPLE)
    port = parts.port or _PORTS[parts.scheme]
    return Place(parts.hostname, port, parts.scheme == "imaps", words[0], folder, words[1])


@dataclass(frozen=True)
class Mailbox:
    """A mailbox that is open."""

    connection: imaplib.IMAP4
    uid_validity: int
    uid_next: int

    def uids(self, after: int) -> list[int]:
        """The messages that came after one, in order, or the first of them: imaplib takes a megabyte a line."""
        for first in range(after + 1, self.uid_next, _WINDOW):
            found = _ok(self.connection.uid("SEARCH", "UID", f"{first}:{first + _WINDOW - 1}"))
            uids = sorted(int(uid) for line in found if line for uid in line.split() if uid.isdigit())
            if new := [uid for uid in uids if uid > after]:
                return new
        return []

    def content(self, uid: int) -> bytes | None:
        """The first part of a message; None when it has gone. It stays unread."""
        for each in _ok(self.connection.uid("FETCH", str(uid), f"(UID BODY.PEEK[]<0.{MOST_BYTES}>)")):
            if isinstance(each, tuple) and (found := _UID.search(each[0])) and int(found[1]) == uid:
                return bytes(each[1])
        return None

    def mark(self, uid: int, flag: str) -> None:
        """A server that keeps no flags is no reason to stop."""
        self.connection.uid("STORE", str(uid), "+FLAGS.SILENT", f"({flag})")


@contextmanager
def opened(place: Place, trust: ssl.SSLContext | None = None) -> Iterator[Mailbox]:
    """Log in and open the folder. Raises Unreachable for whatever goes wrong, also within."""
    connection = None
    try:
        connection = _connected(place, trust or default_trust())
        connection.login(place.user, place.password)
        _ok(connection.select(f'"{place.folder}"'))
        yield Mailbox(connection, _number(connection, "UIDVALIDITY"), _number(connection, "UIDNEXT"))
    except (imaplib.IMAP4.error, OSError, ValueError, UnicodeError) as error:
        raise Unreachable(
            f"The bounce mailbox cannot be read: {_said(error, place)}", hint="newsletter bounce check"
        ) from None
    finally:
        _close(connection)


def _connected(place: Place, trust: ssl.SSLContext) -> imaplib.IMAP4:
    if place.tls:
        return imaplib.IMAP4_SSL(place.host, place.port, ssl_context=trust, timeout=TIMEOUT)
    connection = imaplib.IMAP4(place.host, place.port, timeout=TIMEOUT)
    if "STARTTLS" in connection.capabilities:
        connection.starttls(trust)
    elif not ipaddress.ip_address(connection.sock.getpeername()[0]).is_loopback:
        _close(connection)
        raise OSError("the server offers no TLS, and a password is not sent without")
    return connection


def _number(connection: imaplib.IMAP4, name: str) -> int:
    """What the server said about the folder (RFC 3501 §6.3.1)."""
    told = connection.response(name)[1]
    if not told or not told[0]:
        raise imaplib.IMAP4.error(f"the server did not tell {name}")
    return int(told[0])


def _ok(answer: tuple[str, Sequence[Any]]) -> list[Any]:
    if answer[0] != "OK":
        raise imaplib.IMAP4.error(str(answer[1][:1]))
    return [each for each in answer[1] if each]


def _said(error: Exception, place: Place) -> str:
    """What the server or the system said, without the password, should it be quoted."""
    said = str(error) or type(error).__name__
    return said.replace(place.password, "•••")[:200] if place.password else said[:200]


def _close(connection: imaplib.IMAP4 | None) -> None:
    try:
        if connection is not None:
            connection.logout()
    except (imaplib.IMAP4.error, OSError):
        pass
