"""What Amazon SES says by way of SNS: JSON in the body of a mail.

https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html
"""

import json
from email.message import Message
from typing import Any

from newsletter.tracking.bounces.classify import Said, code_in
from newsletter.tracking.bounces.dsn import Failure, status_field
from newsletter.tracking.bounces.message import header
from newsletter.tracking.bounces.reading import NOTHING, Kind, Reading


def notice(message: Message, text: str) -> Reading | Failure | None:
    """A bounce as a Failure, a complaint as a Reading, NOTHING for a delivery; None for what is no such notice."""
    if not message.get("x-amz-sns-message-id") and "sns.amazonaws.com" not in header(message, "From"):
        return None
    try:
        # Long lines arrive cut by "!", an old habit of mail servers.
        told, _ = json.JSONDecoder().raw_decode(text.replace("!\n ", "").lstrip())
        return _of(told.get("notificationType") or told.get("eventType"), told)
    except (ValueError, AttributeError, TypeError, LookupError, RecursionError):
        return None


def _of(kind: str | None, told: dict[str, Any]) -> Reading | Failure | None:
    if kind == "Complaint":
        return Reading(
            Kind.COMPLAINT, str(told["complaint"]["complainedRecipients"][0]["emailAddress"]), words="complaint"
        )
    if kind != "Bounce":
        return NOTHING if kind else None
    one = told["bounce"]["bouncedRecipients"][0]
    permanent = told["bounce"].get("bounceType") == "Permanent"
    words = str(one.get("diagnosticCode") or "")
    status = status_field(str(one.get("status") or "")) or ("5.0.0" if permanent else "4.0.0")
    return Failure(str(one["emailAddress"]), Said(words, status, code_in(words)))
