"""SendGrid's words about a copy, as ours. Pure.

Sources: its OpenAPI file (tsg_logs_v3, the Event Webhook's schemas), the page "Event Webhook Reference", and payloads
that people published. What its pages promise is not always so: `status` may be absent, `email` empty, `category` a
string or a list, and an event comes again under another `sg_event_id`, so that id means nothing here.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from newsletter.tracking import codes
from newsletter.tracking.bounces.classify import Said, code_in, verdict
from newsletter.tracking.events import Cause, Kind, ProviderEvent, Source

MOST = 10_000  # events in a request; SendGrid sends some 1,500 (768 KB)
_REFERENCE = re.compile(r"([0-9a-f]{16})\.([0-9]{1,19})")
_BATCH = re.compile(r"[0-9a-f]{16}")
_REQUEST = re.compile(r"[0-9.]{1,12}")
_EARLIEST = datetime(2009, 1, 1, tzinfo=UTC)  # SendGrid's first year
_AHEAD = timedelta(days=1)
_LONGEST = 2_000  # characters of a text that are looked at

KINDS: Mapping[str, Kind] = {
    "processed": Kind.ACCEPTED,
    "deferred": Kind.DEFERRED,
    "delivered": Kind.DELIVERED,
    "bounce": Kind.BOUNCE,
    "blocked": Kind.BOUNCE,
    "dropped": Kind.DROPPED,
    "cancel_drop": Kind.DROPPED,
    "spamreport": Kind.COMPLAINT,
    "unsubscribe": Kind.UNSUBSCRIBE,
    "group_unsubscribe": Kind.UNSUBSCRIBE,
    "open": Kind.OPEN,
    "click": Kind.CLICK,
}
# Its own judgement, with which it is right more often than the code is. "Technical" in events, "Technical Failure" in
# the suppression lists.
CLASSES: Mapping[str, Cause] = {
    "invalid address": Cause.HARD,
    "mailbox unavailable": Cause.SOFT,
    "technical": Cause.SOFT,
    "technical failure": Cause.SOFT,
    "content": Cause.BLOCK,
    "reputation": Cause.BLOCK,
    "frequency or volume too high": Cause.BLOCK,
}
# The beginnings of the reasons for which it drops a copy that it had taken; the first that fits.
DROPS: tuple[tuple[str, Cause], ...] = (
    ("invalid smtpapi", Cause.BLOCK),
    ("spam content", Cause.BLOCK),
    ("recipient list over", Cause.BLOCK),
    ("unsubscribed address", Cause.UNSUBSCRIBE),
    ("spam reporting address", Cause.COMPLAINT),
    ("bounced address", Cause.HARD),
    ("invalid", Cause.HARD),
)


_OF_CODE = {"hard": Cause.HARD, "soft": Cause.SOFT, "block": Cause.BLOCK, "none": Cause.NONE}


class MalformedError(ValueError):
    """The whole body is nothing that SendGrid sends; the message says why."""


@dataclass(frozen=True)
class Read:
    """What a body held: events, and how many elements were no events."""

    events: list[ProviderEvent] = field(default_factory=list)
    unreadable: int = 0


def read(body: bytes) -> Read:
    """The events of a request's body. Raises MalformedError; an element that cannot be read spoils no other."""
    try:
        listed = json.loads(body.decode())
    except (ValueError, RecursionError) as error:
        raise MalformedError("the body is not JSON") from error
    if not isinstance(listed, list):
        raise MalformedError("the body is not a list")
    if len(listed) > MOST:
        raise MalformedError(f"the body holds more than {MOST:,} events")
    found = [event_of(each) for each in listed]
    events = [event for event in found if event]
    return Read(events, len(found) - len(events))


def event_of(said: Any, source: Source = Source.SENDGRID) -> ProviderEvent | None:
    """One event; None for what is none."""
    if not isinstance(said, dict):
        return None
    word, at = _text(said, "event").casefold(), _moment(said.get("timestamp"))
    if not word or at is None:
        return None
    kind = KINDS.get(word, Kind.OTHER)
    reference = _REFERENCE.fullmatch(_text(said, "nl_delivery"))
    words = _words(said, kind, word)
    return ProviderEvent(
        kind=kind,
        source=source,
        at=at,
        identity=_identity(said, word, at),
        edition=reference[1] if reference else "",
        delivery_id=int(reference[2]) if reference else None,
        batch=_matching(_BATCH, said, "nl_batch"),
        request=_matching(_REQUEST, said, "nl_attempt"),
        cause=_cause(said, kind, word),
        status=_status(said),
        provider_class=_text(said, "bounce_classification")[:40],
        words=words,
        # Apple's mail program fetches every picture, whoever reads. Absent means no.
        machine="sg_machine_open" if said.get("sg_machine_open") is True else "",
    )


def bounce_cause(kind: str, classification: str, status: str) -> Cause:
    """Whose fault a bounce is. `kind` is SendGrid's type: only "bounce" can mean that nobody is there.

    "blocked" is what the receiver thought of us today, whatever else is said; no address dies of it.
    """
    by_class = CLASSES.get(classification.casefold(), Cause.NONE)
    by_code = _OF_CODE[codes.kind_of(status)]
    if Cause.BLOCK in (by_class, by_code) and by_class != Cause.HARD:
        return Cause.BLOCK
    if kind == "blocked":
        return Cause.SOFT if Cause.SOFT in (by_class, by_code) or Cause.HARD in (by_class, by_code) else Cause.BLOCK
    if Cause.HARD in (by_class, by_code):
        return Cause.HARD
    if Cause.SOFT in (by_class, by_code):
        return Cause.SOFT
    return Cause.HARD if kind == "bounce" else Cause.SOFT


def drop_cause(reason: str) -> Cause:
    """Why a copy was dropped, by the beginning of SendGrid's reason."""
    return next((cause for words, cause in DROPS if reason.casefold().startswith(words)), Cause.NONE)


def _cause(said: Mapping[str, Any], kind: Kind, word: str) -> Cause:
    if kind == Kind.BOUNCE:
        named = "blocked" if word == "blocked" else _text(said, "type").casefold()
        classification, status = _text(said, "bounce_classification"), _status(said)
        cause = bounce_cause(named, classification, status)
        unexplained = classification.casefold() not in CLASSES and codes.kind_of(status) == "none"
        return _by_words(said, status) if unexplained and cause == Cause.HARD else cause
    if kind == Kind.DROPPED:
        return drop_cause(_text(said, "reason"))
    return Cause.EVERYTHING if word == "unsubscribe" else Cause.NONE


def _by_words(said: Mapping[str, Any], status: str) -> Cause:
    """Where neither a class nor a code says why: dead, unless the server's words tell of a full mailbox or of us."""
    words = _text(said, "reason")
    kind, reason = verdict(Said(words, status, code_in(words)))
    return _OF_CODE[kind] if reason else Cause.HARD


def _words(said: Mapping[str, Any], kind: Kind, word: str) -> str:
    if kind in (Kind.DELIVERED, Kind.OPEN, Kind.CLICK, Kind.ACCEPTED):
        return ""  # nobody asks, and there are millions
    return word if kind == Kind.OTHER else _text(said, "reason") or _text(said, "response")


def _status(said: Mapping[str, Any]) -> str:
    """Its own field, else the first code in the words."""
    given = codes.found_in(_text(said, "status"))
    return given or codes.found_in(_text(said, "reason") or _text(said, "response"))


def _identity(said: Mapping[str, Any], word: str, at: datetime) -> str:
    """The same for every report of one event, by webhook or log, and different for any two events of ours.

    Clicks and opens of one copy in one second count once; `attempt` tells deferrals apart.
    """
    named = ("nl_delivery", "nl_batch", "nl_attempt", "type", "url", "attempt", "asm_group_id")
    parts = [_text(said, name) for name in named]
    if not parts[0]:
        parts.append(_text(said, "sg_message_id"))
    return json.dumps(["sendgrid", word, int(at.timestamp()), *parts])


def _text(said: Mapping[str, Any], name: str) -> str:
    """A field as text, whatever it came as; "" for what has no text."""
    value = said.get(name)
    if type(value) is str:  # nearly always, and asked sixteen times an event
        return value[:_LONGEST].strip()
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    return str(value)[:_LONGEST]


def _matching(form: re.Pattern[str], said: Mapping[str, Any], name: str) -> str:
    text = _text(said, name)
    return text if form.fullmatch(text) else ""


def _moment(value: Any) -> datetime | None:
    """Unix seconds, as a number or a text; None for what cannot be when it happened."""
    if isinstance(value, bool):
        return None
    try:
        at = datetime.fromtimestamp(float(value), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
    return at if _EARLIEST < at < datetime.now(UTC) + _AHEAD else None
