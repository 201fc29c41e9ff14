"""The body of POST /v3/mail/send, as plain dicts. Pure.

Limits: https://www.twilio.com/docs/sendgrid/api-reference/mail-send/limitations and SendGrid's OpenAPI file
(tsg_mail_v3). The package's own Mail helper reverses the order of personalizations and drops duplicates silently.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from newsletter import links
from newsletter.transports.base import Mailing, Reader
from newsletter.transports.merge import one_line
from newsletter.transports.wire import UnmailableError, needs_smtputf8, wire_address

MAX_READERS = 1000
MAX_SUBSTITUTIONS = 10_000  # bytes per personalization

_SLOT = re.compile(r"@@([A-Z_]+)@@")
_LINE_END = re.compile(r"[\r\n\0]")
_HEADERS_ONLY = "LEAVE"
_ALL_TRACKING_OFF = {
    "click_tracking": {"enable": False, "enable_text": False},
    "open_tracking": {"enable": False},
    "subscription_tracking": {"enable": False},
    "ganalytics": {"enable": False},
}


class Personalizer:
    """Makes the readers' parts of a body; what they share is looked up once, not once for each of them."""

    def __init__(self, mailing: Mailing) -> None:
        self._args = {"nl_batch": mailing.batch, "nl_attempt": str(mailing.attempt)}
        # Substitutions do not reach headers, so those that hold slots are filled here.
        self._headers = {name: value for name, value in mailing.headers.items() if _SLOT.search(value)}

    def part(self, reader: Reader) -> dict[str, Any]:
        """One reader's part. Raises UnmailableError with the reason."""
        slots = {f"@@{name}@@": value for name, value in reader.slots.items() if name != _HEADERS_ONLY}
        if _bytes_of(slots) > MAX_SUBSTITUTIONS:
            raise UnmailableError("The reader's own words are longer than SendGrid takes.")
        return {
            "to": [_recipient(reader)],
            "headers": self._own_headers(reader),
            **({"substitutions": slots} if slots else {}),  # SendGrid refuses none
            "custom_args": {"nl_delivery": reader.reference, **self._args},
        }

    def _own_headers(self, reader: Reader) -> dict[str, str]:
        headers = {"Message-ID": links.message_id(reader.reference)}
        for name, value in self._headers.items():
            headers[name] = _SLOT.sub(lambda match: reader.slots[match[1]], value)
        if _LINE_END.search("".join(headers.values())):
            raise UnmailableError("The reader's own words would break a header.")
        return headers


def named(parts: Sequence[Mapping[str, Any]], attempt: int, request: int) -> Sequence[Mapping[str, Any]]:
    """The parts as they go out in one of an attempt's requests, counted from 1.

    The first holds the whole batch and is called as the attempt, "2". Those after it are called "2.2", "2.3" and so on:
    an event out of such a one proves nothing about the rest of the batch.
    """
    if request == 1:
        return parts
    name = f"{attempt}.{request}"
    return [{**part, "custom_args": {**part["custom_args"], "nl_attempt": name}} for part in parts]


def body(mailing: Mailing, personalizations: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The whole request for at most 1,000 readers. Raises ValueError for more: the batch was cut wrongly."""
    if len(personalizations) > MAX_READERS:
        raise ValueError(f"SendGrid takes {MAX_READERS} readers in a request, not {len(personalizations)}")
    request = {
        "from": _mailbox(mailing.sender[0], wire_address(mailing.sender[1])),
        "subject": mailing.subject,
        "personalizations": list(personalizations),
        "content": [{"type": "text/plain", "value": mailing.text}, {"type": "text/html", "value": mailing.html}],
        "tracking_settings": _ALL_TRACKING_OFF,
    }
    shared = {name: value for name, value in mailing.headers.items() if not _SLOT.search(value)}
    if shared:
        request["headers"] = shared
    if mailing.reply_to:
        request["reply_to"] = {"email": wire_address(mailing.reply_to)}
    return request


def _recipient(reader: Reader) -> dict[str, str]:
    address = wire_address(reader.address)
    if needs_smtputf8(address):
        raise UnmailableError("SendGrid mails only addresses whose part before the @ is ASCII.")
    # SendGrid refuses a name that holds ; or , and a mail without a name is better than none.
    name = one_line(reader.name)
    return _mailbox("" if set(";,") & set(name) else name, address)


def _mailbox(name: str, address: str) -> dict[str, str]:
    return {"email": address, "name": name} if name else {"email": address}


def _bytes_of(slots: Mapping[str, str]) -> int:
    return len("".join(chain.from_iterable(slots.items())).encode())
