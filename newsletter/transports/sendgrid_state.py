"""Reading back what SendGrid knows: its suppression lists, and its Email Logs. Pure of tables.

Sources: its OpenAPI files tsg_suppressions_v3 (lists: limit up to 500, offset) and tsg_logs_v3 (POST /v3/logs with a
query, up to 1,000 answers without pages, kept 30 days; GET /v3/logs/{id} has a message's own arguments and events).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from newsletter.config import Config
from newsletter.errors import ConfigError, Unreachable
from newsletter.transports.sendgrid_client import Answer, Reply, SendGridClient, client_for
from newsletter.transports.wire import words

LISTS = ("bounces", "invalid_emails", "spam_reports", "unsubscribes", "blocks")
PAGE = 500
MOST = 2_000_000  # entries of one list: a guard, not a limit that anybody meets
SECONDS = 30.0
FOUND = 20  # messages to one address that are looked at
Entry = Mapping[str, Any]


@dataclass(frozen=True)
class SendGridState:
    """What an account's API tells; every verb raises Unreachable or ConfigError."""

    client: SendGridClient

    def entries(self, name: str) -> Iterator[Sequence[Entry]]:
        """One of LISTS in pages, as SendGrid has them: email, created, and reason or status where it says so."""
        for offset in range(0, MOST, PAGE):
            params = {"limit": PAGE, "offset": offset}
            page = _json(self.client.get(f"suppression/{name}", params, SECONDS), "read its suppression lists")
            listed = [each for each in page if isinstance(each, dict)] if isinstance(page, list) else []
            yield listed
            if len(listed) < PAGE:
                return

    def messages(self, address: str, since: datetime) -> list[Entry]:
        """The messages to one address since a moment, each with its own arguments and events."""
        query = f'to_email="{address}" AND sg_message_id_created_at > TIMESTAMP "{since:%Y-%m-%dT%H:%M:%SZ}"'
        said = _json(self.client.ask("logs", {"query": query, "limit": FOUND}, SECONDS), "read its logs")
        listed = said.get("messages", []) if isinstance(said, dict) else []
        ids = [str(each.get("sg_message_id", "")) for each in listed if isinstance(each, dict)]
        found = (_json(self.client.get(f"logs/{each}", {}, SECONDS), "read its logs") for each in ids if _is_id(each))
        return [each for each in found if isinstance(each, dict)]


def state_for(settings: Config) -> SendGridState:
    """Raises ConfigError without a key."""
    if not settings.sendgrid_api_key:
        raise ConfigError("There is no API key for SendGrid.", hint="Set SENDGRID_API_KEY.")
    return SendGridState(client_for(settings.sendgrid_api_key, settings.sendgrid_api_url))


def _is_id(text: str) -> bool:
    """It becomes a part of an address."""
    return bool(text) and all(char.isalnum() or char in "._-" for char in text)


def _json(reply: Reply, what: str) -> Any:
    if not isinstance(reply, Answer):
        raise Unreachable(f"SendGrid could not be reached: {reply.reason}.")
    if reply.status in (401, 403):
        raise ConfigError(f"SendGrid does not let this key {what}.", hint="Give the key that right, or use another.")
    if reply.status != 200:  # noqa: PLR2004 # OK
        raise Unreachable(words(f"SendGrid answered {reply.status}."), hint="Try it again in a few minutes.")
    try:
        return json.loads(reply.body)
    except (ValueError, RecursionError) as error:
        raise Unreachable("SendGrid's answer cannot be read.") from error
