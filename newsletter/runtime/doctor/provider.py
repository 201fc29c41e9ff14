"""SendGrid's side: what the key may do, and whether it knows the senders' domains."""

from collections.abc import Sequence
from typing import Any

import requests

from newsletter.config import Config
from newsletter.mail.alignment import is_within
from newsletter.runtime.doctor.verdicts import Verdict, bad, doubtful, good, skipped
from newsletter.tracking.reconcile import LISTS

SECONDS = 10.0
SEND = "mail.send"
TOO_MUCH = ("user.password", "api_keys.create", "billing", "subusers.create", "teammates.create")
LISTS_REMEDY = "Give the key Suppressions: read, and Email Logs: read, at SendGrid > Settings > API Keys."
KEY_REMEDY = "Make a key with Mail Send at SendGrid > Settings > API Keys, then set SENDGRID_API_KEY_FILE."


def key(config: Config) -> Verdict:
    """Whether the key is good, may send, and may not do everything."""
    if config.transport != "sendgrid":
        return skipped(f"the transport is {config.transport}")
    status, found = _get(config, "scopes")
    if status == 0:
        return bad(
            f"{config.sendgrid_api_url} could not be reached: {found}.", "newsletter config show sendgrid_api_url"
        )
    if status in (401, 403):
        return bad("SendGrid does not know this key, or it may not be used from here.", KEY_REMEDY)
    scopes = found.get("scopes", []) if isinstance(found, dict) else []
    if status != 200 or SEND not in scopes:  # noqa: PLR2004
        return bad(f"This key may not send mail (HTTP {status}).", KEY_REMEDY)
    powers = [scope for scope in scopes if scope.startswith(TOO_MUCH)]
    if powers:
        return doubtful(f"This key may do much more than send: {powers[0]}.", KEY_REMEDY)
    return good(f"it may send; {len(scopes)} permissions in all")


def lists(config: Config) -> Verdict:
    """Whether the key may read the lists of those whom SendGrid drops: else nobody hears of it."""
    if config.transport != "sendgrid":
        return skipped(f"the transport is {config.transport}")
    for name in LISTS:
        status, _ = _get(config, f"suppression/{name}?limit=1")
        if status in (401, 403):
            return doubtful(f"This key may not read SendGrid's list {name}.", LISTS_REMEDY)
        if status != 200:  # noqa: PLR2004
            return doubtful(f"SendGrid did not show its list {name} (HTTP {status}).", "Try again later.")
    return good("they can be read")


def identity(config: Config, senders: Sequence[str]) -> Verdict:
    """Whether SendGrid signs for the senders' domains: without that, mail from them fails DMARC."""
    if config.transport != "sendgrid":
        return skipped(f"the transport is {config.transport}")
    status, found = _get(config, "whitelabel/domains?limit=50")
    if status in (401, 403):
        return skipped("this key may not read the authenticated domains")
    if status != 200 or not isinstance(found, list):  # noqa: PLR2004
        return doubtful(f"SendGrid did not say which domains it signs for (HTTP {status}).", "Try again later.")
    signed = [str(each.get("domain", "")).lower() for each in found if isinstance(each, dict) and each.get("valid")]
    domains = sorted({sender.rpartition("@")[2].lower() for sender in senders})
    bare = [domain for domain in domains if not any(is_within(domain, each) for each in signed if each)]
    if bare:
        return bad(
            f"SendGrid does not sign for {bare[0]}.", "Authenticate it: SendGrid > Settings > Sender Authentication."
        )
    return good(f"SendGrid signs for {', '.join(domains)}" if domains else "no newsletter yet")


def _get(config: Config, path: str) -> tuple[int, Any]:
    """The status and the JSON of an answer; 0 and a word where none came."""
    try:
        answer = requests.get(
            f"{config.sendgrid_api_url}/v3/{path}",
            headers={"Authorization": f"Bearer {config.sendgrid_api_key}"},
            timeout=SECONDS,
            allow_redirects=False,  # a redirect could carry the key elsewhere
        )
        return answer.status_code, answer.json() if answer.content[:1] in (b"{", b"[") else {}
    except (requests.RequestException, ValueError) as error:
        return 0, type(error).__name__
