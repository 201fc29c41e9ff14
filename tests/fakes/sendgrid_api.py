"""What SendGrid's API tells when it is asked: suppression lists and Email Logs, as strict as its OpenAPI files.

Sources: tsg_suppressions_v3 (limit 1 to 500, offset, an array) and tsg_logs_v3 (a query of AND-ed conditions, limit up
to 1,000, no pages; a message has its arguments and events).
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

LISTS = ("bounces", "invalid_emails", "spam_reports", "unsubscribes", "blocks")
QUERY = re.compile(r'to_email="([^"]+)" AND sg_message_id_created_at > TIMESTAMP "(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)"')
Answer = tuple[int, Any]


@dataclass
class Asked:
    """The lists by name, and whether the log already knows what was accepted; it lags behind in truth."""

    lists: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    log_lags: bool = False
    status: int = 200
    paths: list[str] = field(default_factory=list)


def get(asked: Asked, target: str, copies: list[Any]) -> Answer:
    """The answer to a GET: status, and what its JSON holds."""
    url = urlsplit(target)
    asked.paths.append(url.path)
    if asked.status != 200:
        return asked.status, {"errors": [{"message": "access forbidden"}]}
    if url.path.startswith("/v3/suppression/") and url.path.rpartition("/")[2] in LISTS:
        return _page(asked.lists.get(url.path.rpartition("/")[2], []), parse_qs(url.query))
    match = re.fullmatch(r"/v3/logs/m(\d+)", url.path)
    if match and int(match[1]) < len(copies):
        return 200, _message(int(match[1]), copies[int(match[1])])
    return 404, {"errors": [{"message": "not found"}]}


def search_log(asked: Asked, request: Any, copies: list[Any]) -> Answer:
    """The answer to POST /v3/logs."""
    asked.paths.append("/v3/logs")
    match = QUERY.fullmatch(str(request.get("query"))) if isinstance(request, dict) else None
    if match is None or not 1 <= request.get("limit", 10) <= 1000:
        return 400, {"errors": [{"message": "invalid query"}]}
    found = [] if asked.log_lags else [at for at, copy in enumerate(copies) if copy.address == match[1]]
    return 200, {"messages": [{"sg_message_id": f"m{at}", "to_email": match[1]} for at in found]}


def _page(entries: list[dict[str, Any]], query: dict[str, list[str]]) -> Answer:
    limit, offset = int(query["limit"][0]), int(query["offset"][0])
    if not 1 <= limit <= 500:
        return 400, {"errors": [{"message": "limit must be between 1 and 500"}]}
    return 200, entries[offset : offset + limit]


def _message(at: int, copy: Any) -> dict[str, Any]:
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    events = [{"event": "received", "processed": now}, {"event": "processed", "processed": now}]
    return {"sg_message_id": f"m{at}", "to_email": copy.address, "custom_args": copy.custom_args, "events": events}
