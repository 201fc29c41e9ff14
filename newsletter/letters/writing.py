"""Writing a letter: a row in the caller's transaction. Whoever needs one calls this and nothing else."""

from typing import Any

from django.db.models import Model

from newsletter.letters import kinds
from newsletter.letters.models import Letter
from newsletter.newsletters.models import Newsletter, Staff

WEBHOOK = "webhook"
"""The recipient of a letter that is posted to NEWSLETTER_WEBHOOK_URL."""


def write(kind: str, to: Model | str, dedupe: str, *, newsletter: Newsletter | None = None, **payload: Any) -> bool:
    """Write one letter; False if it was written before, by its `dedupe` key.

    `to` is a Staff, a Subscriber, WEBHOOK or a plain address, kept only until the letter is through. Whether a reader
    may be written to is for the caller to know. Raises KeyError or TypeError for a wrong kind or payload: a bug.
    """
    return _write(kind, dedupe, {**_recipient(to), "newsletter": newsletter, "payload": payload})


def write_alert(kind: str, to: Staff | str, dedupe: str, **payload: Any) -> bool:
    """The same by the alerts' own route."""
    recipient = _recipient(to)
    return _write(kind, dedupe, {"route": Letter.Route.ALERT, **recipient, "payload": payload})


def _write(kind: str, dedupe: str, columns: dict[str, Any]) -> bool:
    kinds.made(kind, columns["payload"])
    _, fresh = Letter.objects.get_or_create(dedupe_key=f"{kind}:{dedupe}", defaults={"kind": kind, **columns})
    return fresh


def _recipient(to: Model | str) -> dict[str, Any]:
    if to == WEBHOOK:
        return {"route": Letter.Route.WEBHOOK}
    if isinstance(to, str):
        return {"address": to}
    return {"staff" if isinstance(to, Staff) else "subscriber": to}
