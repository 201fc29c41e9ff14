"""Asking SendGrid to forget an address, and what its answer means. Pure but for the request.

Recipients' Data Erasure API, https://www.twilio.com/docs/sendgrid/api-reference/recipients-data-erasure-api: POST
/v3/recipients/erasejob takes up to 5,000 addresses or 256 kB, 100 times a minute, and answers 202 with a job's id.
There is no way to ask how a job fares. Asking twice does no harm, so a lost answer is simply asked again. Accounts from
before 25 July 2023, and keys without the scope recipients.erasejob.create, get 401, 403 or 404.
"""

import json
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

from newsletter.transports.sendgrid_client import Answer, Lost, NotSent, SendGridClient
from newsletter.transports.wire import words

SECONDS = 30.0
NOT_ENABLED = (
    "SendGrid refuses to erase with this key: let it have the scope recipients.erasejob.create, or have support enable"
    " the Recipients' Data Erasure API for the account."
)


@dataclass(frozen=True)
class Taken:
    """SendGrid took the request as a job of its own."""

    job: str


@dataclass(frozen=True)
class NotTaken:
    """It did not. `final`: it never will, because it takes this for no address."""

    reason: str
    final: bool = False
    wait: timedelta | None = None


def ask(client: SendGridClient, address: str) -> Taken | NotTaken:
    """Ask once. Never raises for what the network or SendGrid does."""
    reply = client.forget([address], SECONDS)
    if isinstance(reply, NotSent | Lost):
        return NotTaken(words(f"SendGrid did not answer: {reply.reason}"))
    return _meaning(reply)


def _meaning(answer: Answer) -> Taken | NotTaken:
    if answer.status == HTTPStatus.ACCEPTED:
        return Taken(_job(answer.body))
    if answer.status == HTTPStatus.BAD_REQUEST:
        return NotTaken("SendGrid takes this for no valid address.", final=True)
    if answer.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND):
        return NotTaken(NOT_ENABLED)
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return NotTaken("SendGrid asked for a pause.", wait=timedelta(minutes=1))  # its window is one minute
    return NotTaken(f"SendGrid answered {answer.status}.")


def _job(body: bytes) -> str:
    try:
        return str(json.loads(body)["job_id"])[:100]
    except (ValueError, KeyError, TypeError):
        return ""
