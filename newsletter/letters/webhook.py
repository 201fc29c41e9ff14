"""The webhook: each notice and alert as one signed JSON POST, over the guarded connection that feeds use.

It may come twice, since a call whose answer was lost is made again; the id in it tells. The signature is that of
https://docs.stripe.com/webhooks#verify-manually: HMAC-SHA256 over "<Unix seconds>.<body>", in hexadecimal.
"""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from urllib3.exceptions import HTTPError

from newsletter import __version__, config
from newsletter.config import Config
from newsletter.feeds.guard import FetchError, Leash, pool_manager
from newsletter.letters.models import Letter
from newsletter.letters.render import words_of
from newsletter.transports.base import Accepted, Outcome, Rejected
from newsletter.transports.wire import said, words

SECONDS = 10.0  # for the whole call
RETRY = timedelta(minutes=1)
NAME = "webhook"


def body_of(letter: Letter) -> bytes:
    """What is posted: the letter's words, and its facts with stable keys."""
    what = words_of(letter)
    return json.dumps(
        {
            "id": letter.public,
            "kind": letter.kind,
            "newsletter": letter.newsletter.slug if letter.newsletter else None,
            "at": letter.created_at.isoformat(),
            "subject": what.subject,
            "text": what.happened,
            "link": what.link[1] if what.link else None,
            "command": what.command or None,
            "facts": letter.payload,
        },
        ensure_ascii=False,
    ).encode()


def signature(secret: str, body: bytes, at: int) -> str:
    """The value of Newsletter-Signature for a body posted at this Unix second."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def post(body: bytes, letter_id: int) -> Outcome:
    """Make the call. No redirect is followed; whatever is not 2xx may be tried again."""
    settings = config.current()
    try:
        status = _status(settings, body)
    except (FetchError, HTTPError, OSError) as error:
        return _later(letter_id, f"The webhook did not answer: {said(error)}.")
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Accepted(letter_id)
    return _later(letter_id, f"The webhook answered {status}.")


def _status(settings: Config, body: bytes) -> int:
    with Leash(SECONDS) as leash:
        manager = pool_manager(leash, private=settings.allow_private_hosts)
        try:
            answer = manager.request(
                "POST",
                settings.webhook_url,
                body=body,
                headers=_headers(settings, body),
                redirect=False,
                preload_content=False,
                timeout=leash.left,
            )
            answer.close()
            return answer.status
        finally:
            manager.clear()


def _headers(settings: Config, body: bytes) -> dict[str, str]:
    secret = settings.webhook_secret or config.key_file(settings, "webhook_secret")
    return {
        "Content-Type": "application/json",
        "Newsletter-Signature": signature(secret, body, int(datetime.now(UTC).timestamp())),
        "User-Agent": f"newsletter/{__version__}",
    }


def _later(letter_id: int, reason: str) -> Rejected:
    return Rejected(letter_id, words(reason), datetime.now(UTC) + RETRY)
