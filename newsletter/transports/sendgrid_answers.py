"""What SendGrid's refusals mean. Pure.

Codes: https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/responses; a 500 is "valid, but
an error occurred when SendGrid attempted to process it", a 502 to 504 comes from the edge: both leave it open.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from newsletter.transports.base import Rejected
from newsletter.transports.sendgrid_client import Answer
from newsletter.transports.wire import words

RETRY = timedelta(minutes=1)  # after a refusal that says nothing about when
UNREACHABLE = timedelta(seconds=5)  # for all workers; each batch waits longer the more often it was in vain
SHORTEST_WAIT, LONGEST_WAIT = timedelta(seconds=1), timedelta(hours=1)  # bounds on what a 429 may ask

_NAMED_READER = re.compile(r"personalizations[.\[](\d+)\b")

# Our fault, not a reader's: nobody else would fare better, so the edition stops.
_STOPS = {
    200: "SendGrid only tested this request (sandbox mode) and mailed nobody. Switch sandbox mode off.",
    401: "SendGrid refused the API key. Check SENDGRID_API_KEY.",
    403: "SendGrid refused the sender or the key's rights. Verify the sender and let the key send mail.",
    404: "SendGrid does not know this address of its API. Check SENDGRID_API_URL.",
    405: "SendGrid does not take mail at this address. Check SENDGRID_API_URL.",
    413: "The edition is larger than SendGrid takes.",
}


def later(reason: str, wait: timedelta = RETRY) -> Rejected:
    """A refusal of nobody in particular that may be tried again after `wait`."""
    return Rejected(0, reason, datetime.now(UTC) + wait)


def refusal_in(answer: Answer) -> Rejected | None:
    """For an answer that surely took nobody, what becomes of its readers; None for one that leaves it open."""
    status = answer.status
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or HTTPStatus.OK < status < HTTPStatus.MULTIPLE_CHOICES:
        return None
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return replace(later("SendGrid asked for a pause.", _asked_wait(answer.headers)), all_wait=True)
    if status == HTTPStatus.REQUEST_TIMEOUT:
        return later("SendGrid did not get the whole request.")
    said = "; ".join(message for _, message in errors_in(answer.body))
    if status == HTTPStatus.UNSUPPORTED_MEDIA_TYPE:
        return Rejected(0, words(f"SendGrid cannot read the edition. {said}"), stop=True)
    reason = _STOPS.get(status, f"SendGrid refused with {status}.")
    return replace(later(words(f"{reason} {said}")), stop=True)


def errors_in(body: bytes) -> list[tuple[str, str]]:
    """The (field, message) pairs of an error body; field "" where none is named, no pairs for what is not JSON."""
    try:
        errors = json.loads(body)["errors"]
        return [(str(error.get("field") or ""), str(error.get("message") or "no reason given")) for error in errors]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return []


def blamed_readers(errors: Sequence[tuple[str, str]], size: int) -> dict[int, str]:
    """Index within a request of `size` readers to the reason, for every reader that is named."""
    blamed = {}
    for name, message in errors:
        match = _NAMED_READER.match(name)
        if match and int(match[1]) < size:
            blamed[int(match[1])] = words(f"SendGrid refused: {message}")
    return blamed


def full_until(headers: Mapping[str, str]) -> datetime | None:
    """Until when the window of X-RateLimit-Limit is used up by this very request; None while there is room."""
    if headers.get("X-RateLimit-Remaining", "").strip() != "0" or not headers.get("X-RateLimit-Reset"):
        return None
    return datetime.now(UTC) + _asked_wait(headers)


def _asked_wait(headers: Mapping[str, str]) -> timedelta:
    """X-RateLimit-Reset (Unix seconds), else Retry-After (seconds or a date, RFC 9110 §10.2.3), within bounds."""
    now = datetime.now(UTC)
    try:
        if reset := headers.get("X-RateLimit-Reset"):
            wait = datetime.fromtimestamp(float(reset), UTC) - now
        elif after := headers.get("Retry-After", ""):
            wait = timedelta(seconds=int(after)) if after.isdigit() else parsedate_to_datetime(after) - now
        else:
            wait = RETRY
    except (ValueError, OverflowError, OSError, TypeError):
        wait = RETRY
    return min(max(wait, SHORTEST_WAIT), LONGEST_WAIT)
