"""Opening a session: connect, encrypt, log in. TLS is verified and never given up for plain text (CVE-2026-7666)."""

import smtplib
import socket
import ssl
from dataclasses import replace
from datetime import timedelta

from newsletter.transports.base import Rejected
from newsletter.transports.smtp_server import Server
from newsletter.transports.smtp_session import PERMANENT, Limits, Session, later
from newsletter.transports.wire import said, words

UNREACHABLE = timedelta(seconds=5)  # for all workers; each batch waits longer the more often it was in vain


class NoSessionError(Exception):
    """The server cannot be used now; `refusal` is what becomes of every reader."""

    def __init__(self, refusal: Rejected) -> None:
        super().__init__(refusal.reason)
        self.refusal = refusal


class NoEncryptionError(smtplib.SMTPException):
    """The server offers no STARTTLS."""


def open_session(server: Server, limits: Limits, tls: ssl.SSLContext, local_name: str) -> Session:
    """A session that is ready for mail. Raises NoSessionError, and leaves no connection open then."""
    smtp: smtplib.SMTP | None = None
    try:
        smtp = _connected(server, limits.connect, tls, local_name)
        _encrypt(smtp, server, tls)
        if server.user:
            smtp.login(server.user, server.password)
        _send_at_once(smtp)
    except (OSError, UnicodeError) as error:
        if smtp is not None:
            smtp.close()
        raise NoSessionError(_refusal(server, error)) from error
    return Session(smtp, limits)


def _connected(server: Server, seconds: float, tls: ssl.SSLContext, local_name: str) -> smtplib.SMTP:
    # Without a name of ours smtplib asks the resolver for one, which may take seconds.
    if server.implicit_tls:
        return smtplib.SMTP_SSL(server.host, server.port, local_name, timeout=seconds, context=tls)
    return smtplib.SMTP(server.host, server.port, local_name, timeout=seconds)


def _encrypt(smtp: smtplib.SMTP, server: Server, tls: ssl.SSLContext) -> None:
    smtp.ehlo_or_helo_if_needed()
    if server.implicit_tls:
        return
    if smtp.has_extn("starttls"):
        smtp.starttls(context=tls)
        smtp.ehlo_or_helo_if_needed()
    elif not server.may_be_plain(_socket(smtp).getpeername()[0]):
        raise NoEncryptionError


def _send_at_once(smtp: smtplib.SMTP) -> None:
    # The dot is written by itself; Nagle's algorithm would hold it back for up to 40 ms a message.
    _socket(smtp).setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _socket(smtp: smtplib.SMTP) -> socket.socket:
    if smtp.sock is None:
        raise smtplib.SMTPServerDisconnected("the connection is closed")
    return smtp.sock


def _refusal(server: Server, error: OSError | UnicodeError) -> Rejected:
    if reason := _our_fault(server, error):
        return replace(later(reason), stop=True)
    if isinstance(error, smtplib.SMTPResponseException):
        return later(words(f"The mail server said {error.smtp_code} {_text(error.smtp_error)}"))
    unreachable = later(words(f"The mail server {server.host} could not be reached: {said(error)}."), UNREACHABLE)
    return replace(unreachable, all_wait=True)


def _our_fault(server: Server, error: OSError | UnicodeError) -> str:
    """What a person must mend, or "" for what may mend itself."""
    if isinstance(error, UnicodeError):
        # Python's resolver encodes the name itself (RFC 3490) and raises this for a label that is empty or too long.
        return f"{server.host} is no name of a mail server."
    if isinstance(error, NoEncryptionError):
        return f"The mail server {server.host} offers no encryption (STARTTLS); mail is not sent without."
    if isinstance(error, ssl.SSLCertVerificationError):
        fault = error.verify_message
        return f"The certificate of {server.host} is not valid: {fault}. A private authority goes into SSL_CERT_FILE."
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return "The mail server refused the user or password." if error.smtp_code // 100 == PERMANENT else ""
    if isinstance(error, smtplib.SMTPNotSupportedError) or type(error) is smtplib.SMTPException:
        return "The mail server offers no way to log in that we know."
    return ""


def _text(reply: bytes | str) -> str:
    return reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
