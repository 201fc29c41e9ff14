"""The one verb: bytes of a message → what it is."""

from email.message import Message

from newsletter.tracking import codes
from newsletter.tracking.bounces import dsn, feedback, odd, replies, ses
from newsletter.tracking.bounces.classify import Said, is_wordless, status_in, verdict
from newsletter.tracking.bounces.message import clean, header, leaves, parse, salvaged, text_of
from newsletter.tracking.bounces.reading import NOTHING, Kind, Reading

_MOST_WORDS = 500


def read(raw: bytes) -> Reading:
    """What a message says happened to a copy. Raises Unreadable for what is built to break readers."""
    return read_clean(clean(raw))


def read_clean(cut: bytes) -> Reading:
    """The same, of a message that is clean."""
    message = parse(cut)
    parts = list(leaves(message))
    found = _complaint(message, parts, cut) or _report(parts) or _told(message, parts, cut)
    return found or _answer(message, parts)


def _complaint(message: Message, parts: list[Message], cut: bytes) -> Reading | None:
    for part in parts:
        if part.get_content_subtype() == "x-feedback-report":
            return feedback.complaint(text_of(part))
    return feedback.hotmail_complaint(message, cut)


def _report(parts: list[Message]) -> Reading | None:
    """By RFC 3464."""
    for part in parts:
        if part.get_content_subtype() == "x-delivery-status":
            found = _of_report(text_of(part), _words(parts))
            if found is not None:
                return found
    return None


def _told(message: Message, parts: list[Message], cut: bytes) -> Reading | None:
    """In a server's free words, or in Amazon's."""
    text = _words(parts)
    notice = ses.notice(message, text)
    if notice is not None:
        return notice if isinstance(notice, Reading) else _of_failure(notice, "")
    if not odd.is_bounce(message, text):
        return None
    if odd.is_delay(message, text):
        return NOTHING
    found = _of_report(salvaged(cut), text)
    if found is not None:
        return found
    failed = odd.failure(message, text, cut)
    return _of_failure(failed, text) if failed else None


def _answer(message: Message, parts: list[Message]) -> Reading:
    """By a machine, or by a person, who may want to leave."""
    text = _words(parts)
    if replies.is_automatic(message, text):
        return Reading(Kind.AUTOREPLY, words=_line(header(message, "Subject")))
    if replies.is_generated(message) or odd.is_bounce(message, text):
        return NOTHING
    if replies.wants_to_leave(message, text):
        return Reading(Kind.UNSUBSCRIBE, words="unsubscribe", by_person=True)
    return Reading(Kind.NONE, by_person=True)


def _of_report(report: str, text: str) -> Reading | None:
    failed = dsn.failures(report)
    if failed is None:
        return None
    return _of_failure(failed[0], text) if failed else NOTHING


def _of_failure(failed: dsn.Failure, text: str) -> Reading:
    said, told = failed.said, odd.own_words(text)
    kind, reason = verdict(said, told)
    if not reason and text and codes.is_generic(said.status):
        kind, reason = verdict(Said(f"{said.text} {told}", said.status, said.code))  # the fields left it to the words
    if kind == Kind.HARD and not reason and is_wordless(said):
        kind = Kind.SOFT
    status = said.status or status_in(told) or None
    return Reading(kind, failed.address, status, _line(said.text), reason)


def _words(parts: list[Message]) -> str:
    """What the message says in plain text, or else in HTML."""
    plain = [text_of(part) for part in parts if part.get_content_type() == "text/plain"]
    if not any(text.strip() for text in plain):
        plain = [text_of(part) for part in parts if part.get_content_type() == "text/html"]
    return "\n".join(plain)


def _line(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text[: _MOST_WORDS * 2]).split())[
        :_MOST_WORDS
    ]
