"""SendGrid's Event Webhook: signs what became of copies, as it does, and posts it.

Signed: the timestamp's digits and the raw body, which ends with CRLF. Each time a body is sent anew its events have
other ids, as people have seen (sendgrid-nodejs#1435).
"""

import base64
import json
import secrets
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SIGNATURE = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP = "X-Twilio-Email-Event-Webhook-Timestamp"


class EventSender:
    """One webhook of an account, with a key of its own."""

    def __init__(self) -> None:
        self._key = generate_private_key(SECP256R1())
        raw = self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.public_key = base64.b64encode(raw).decode()

    def body(self, events: Sequence[Mapping[str, Any]]) -> bytes:
        """One event a line, CRLF at the end, and ids that hold for this time only."""
        lines = [json.dumps({**event, "sg_event_id": secrets.token_urlsafe(16)}) for event in events]
        return ("[" + ",\r\n".join(lines) + "]\r\n").encode()

    def headers(self, body: bytes, at: float | None = None) -> dict[str, str]:
        timestamp = str(int(time.time() if at is None else at))
        signature = self._key.sign(timestamp.encode() + body, ECDSA(SHA256()))
        return {SIGNATURE: base64.b64encode(signature).decode(), TIMESTAMP: timestamp}

    def post(self, url: str, events: Sequence[Mapping[str, Any]]) -> int:
        """Send a body to a real server; returns its status."""
        body = self.body(events)
        headers = {**self.headers(body), "Content-Type": "application/json", "User-Agent": "SendGrid Event API"}
        try:
            with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=20) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code


SENDER = EventSender()


def event(
    custom_args: Mapping[str, str], word: str, address: str = "reader@example.org", **more: Any
) -> dict[str, Any]:
    """What became of a copy, in SendGrid's form; `custom_args` are those of the request that carried it."""
    at = more.pop("timestamp", int(time.time()))
    return {
        "email": address,
        "timestamp": at,
        "smtp-id": "<14c5d75ce93.dfd.64b469@ismtpd-555>",
        "event": word,
        "category": ["cat facts"],
        "sg_message_id": "14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0",
        **custom_args,
        **more,
    }
