"""Which mail server, and how it may be talked to: SMTP_URL read once."""

import ipaddress
from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit

from newsletter.errors import ConfigError
from newsletter.idn import ascii_domain

SUBMISSION, SUBMISSIONS = 587, 465  # RFC 6409, RFC 8314 §3.3

_EXAMPLE = "Use smtp://user:password@mail.example.org:587 or smtps://user:password@mail.example.org:465."


@dataclass(frozen=True)
class Server:
    """A mail server. `implicit_tls`: TLS from the first byte; otherwise STARTTLS."""

    host: str
    port: int
    implicit_tls: bool = False
    user: str = ""
    password: str = field(default="", repr=False)
    allow_private_hosts: bool = False

    def may_be_plain(self, peer: str) -> bool:
        """Whether a connection to this IP address may go without TLS: loopback, or private where that is allowed.

        The address that was really reached counts, not the name, which a resolver could point elsewhere.
        """
        address = ipaddress.ip_address(peer)
        return address.is_loopback or (self.allow_private_hosts and address.is_private)


def server_from(url: str, *, allow_private_hosts: bool = False) -> Server:
    """Read smtp[s]://[user:password@]host[:port]; user and password are percent-decoded.

    Without a port, smtp is 587 (submission) and smtps 465. Raises ConfigError, which never repeats the password.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ConfigError("SMTP_URL is not the address of a mail server.", hint=_EXAMPLE)
    implicit = parts.scheme == "smtps"
    port = _port(parts) or (SUBMISSIONS if implicit else SUBMISSION)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if not (user + password).isascii() or bool(user) != bool(password):
        raise ConfigError("SMTP_URL needs both a user and a password, in ASCII, or neither.", hint=_EXAMPLE)
    return Server(_host(parts.hostname), port, implicit, user, password, allow_private_hosts)


def _host(name: str) -> str:
    """An IP address as it is, a name as the resolver takes it: its A-label. Raises ConfigError for what is neither."""
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        # No mail domain has an underscore, but a machine of a private network may.
        host = ascii_domain(name.replace("_", "-"))
    if not host:
        raise ConfigError("SMTP_URL names a mail server that cannot exist.", hint=_EXAMPLE)
    return name if name.isascii() else host


def _port(parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError as error:
        raise ConfigError("SMTP_URL names a port that is not one.", hint=_EXAMPLE) from error
