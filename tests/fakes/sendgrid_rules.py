"""What SendGrid documents about the body of POST /v3/mail/send, as checks. Written from its documentation alone.

Sources: the OpenAPI file tsg_mail_v3 and the pages "Limitations" and "Errors" of the Mail Send API.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

RESERVED = {
    "x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "content-transfer-encoding", "to", "from",
    "subject", "reply-to", "cc", "bcc",
}  # fmt: skip
KNOWN = {
    "personalizations", "from", "reply_to", "reply_to_list", "subject", "content", "attachments", "template_id",
    "headers", "categories", "custom_args", "send_at", "batch_id", "asm", "ip_pool_name", "mail_settings",
    "tracking_settings",
}  # fmt: skip
KNOWN_IN_PERSONALIZATION = {
    "to", "cc", "bcc", "from", "subject", "headers", "substitutions", "dynamic_template_data", "custom_args", "send_at",
}  # fmt: skip
ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?\Z")

Fault = tuple[str | None, str]  # field, message


def faults(request: Any) -> list[Fault]:
    """Everything that SendGrid would refuse with a 400; empty for a good request."""
    if not isinstance(request, dict):
        return [(None, "Bad Request")]
    return [*_unknown_keys(request, KNOWN, ""), *_top(request), *_content(request), *_personalizations(request)]


def _top(request: dict[str, Any]) -> Iterator[Fault]:
    yield from _mailbox(request.get("from"), "from")
    if "reply_to" in request:
        yield from _mailbox(request["reply_to"], "reply_to")
    if not isinstance(request.get("subject"), str) or not request["subject"]:
        yield "subject", "The subject is required."
    if "headers" in request:
        yield from _headers(request["headers"], "headers")
    for name, setting in request.get("tracking_settings", {}).items():
        if not isinstance(setting, dict) or not isinstance(setting.get("enable"), bool):
            yield f"tracking_settings.{name}.enable", "The enable setting must be a boolean."


def _content(request: dict[str, Any]) -> Iterator[Fault]:
    content = request.get("content")
    if not isinstance(content, list) or not content:
        yield "content", "The content is required."
        return
    types = [part.get("type") for part in content]
    if "text/plain" in types[1:]:
        yield "content", "If present, text/plain must be first, followed by text/html."
    for number, part in enumerate(content):
        if not isinstance(part.get("value"), str) or not part["value"]:
            yield f"content.{number}.value", "The content value must be a string at least one character in length."


def _personalizations(request: dict[str, Any]) -> Iterator[Fault]:
    parts = request.get("personalizations")
    if not isinstance(parts, list) or not parts:
        yield "personalizations", "The personalizations field is required and must have at least one."
        return
    if len(parts) > 1000:
        yield "personalizations", "The personalizations may not exceed 1000."
    seen: set[str] = set()
    for number, part in enumerate(parts):
        yield from _personalization(part, f"personalizations.{number}")
        for recipient in part.get("to") or []:
            address = str(recipient.get("email", "")).casefold()
            if address in seen:
                yield (
                    f"personalizations.{number}.to",
                    ("Each email address in the personalization block should be unique between to, cc, and bcc."),
                )
            seen.add(address)


def _personalization(part: dict[str, Any], at: str) -> Iterator[Fault]:
    yield from _unknown_keys(part, KNOWN_IN_PERSONALIZATION, f"{at}.")
    if not part.get("to"):
        yield f"{at}.to", "The to array is required for all personalization objects, and must have at least one."
    for number, recipient in enumerate(part.get("to") or []):
        yield from _mailbox(recipient, f"{at}.to.{number}")
        if set(";,") & set(recipient.get("name", "")):
            yield f"{at}.to.{number}.name", "The name may not contain a semicolon or a comma."
    if "headers" in part:
        yield from _headers(part["headers"], f"{at}.headers")
    yield from _strings(part, "substitutions", at)
    yield from _strings(part, "custom_args", at)


def _strings(part: dict[str, Any], key: str, at: str) -> Iterator[Fault]:
    if key not in part:
        return
    values = part[key]
    if not isinstance(values, dict) or not values:
        yield f"{at}.{key}", f"The {key} must be an object with at least one key."
    elif not all(isinstance(value, str) for value in values.values()):
        yield f"{at}.{key}", f"The {key} must be strings."
    elif sum(len(name.encode()) + len(value.encode()) for name, value in values.items()) > 10_000:
        yield f"{at}.{key}", f"The combined size of {key} may not exceed 10000 bytes per personalization."


def _headers(headers: Any, at: str) -> Iterator[Fault]:
    if not isinstance(headers, dict) or not headers:
        yield at, "The headers must be an object with at least one key."
        return
    for name, value in headers.items():
        if name.lower() in RESERVED:
            yield f"{at}.{name}", "The header name is reserved."
        if not name.isascii() or not isinstance(value, str) or re.search(r"[\r\n]", value):
            yield f"{at}.{name}", "Header names must be ASCII, values one line of text."


def _mailbox(value: Any, at: str) -> Iterator[Fault]:
    if not isinstance(value, dict) or not ADDRESS.match(str(value.get("email"))) or len(value["email"]) > 320:
        yield f"{at}.email", "Does not contain a valid address."
    elif not isinstance(value.get("name", ""), str):
        yield f"{at}.name", "The name must be a string."


def _unknown_keys(values: dict[str, Any], known: set[str], at: str) -> Iterator[Fault]:
    for name in values.keys() - known:
        yield f"{at}{name}", "Additional property is not allowed."


def erasure_fault(body: bytes) -> str:
    """What SendGrid says about a request to erase that it does not take; "" for a good one."""
    try:
        request = json.loads(body)
        addresses = request["email_addresses"]
    except (ValueError, KeyError, TypeError):
        return "Bad Request"
    if len(body) > 256 * 1024 or set(request) != {"email_addresses"} or not 0 < len(addresses) <= 5000:
        return "Bad Request"
    wrong = [each for each in addresses if not isinstance(each, str) or each.count("@") != 1 or each.endswith("@")]
    return f"Email_address {wrong[0]} is not valid" if wrong else ""
