"""Complaints: what mailbox providers send when a reader says "this is spam" (ARF, RFC 5965), and Hotmail's own form."""

import re
from email.message import Message

from newsletter.tracking.bounces.dsn import ADDRESS
from newsletter.tracking.bounces.message import header
from newsletter.tracking.bounces.reading import NOTHING, Kind, Reading

_FIELD = re.compile(r"^([A-Za-z][A-Za-z-]{1,40}):[ \t]{0,8}(.{0,500})$", re.MULTILINE)
_HOTMAIL = re.compile(rb"X-HmXmrOriginalRecipient:\s{0,4}<?([^\s<>]{1,320})", re.IGNORECASE)
# RFC 5965 §7.3; auth-failure (RFC 6591) and dmarc are about our set-up, not-spam takes a complaint back.
_KINDS = {
    "abuse": Kind.COMPLAINT, "fraud": Kind.COMPLAINT, "virus": Kind.COMPLAINT, "other": Kind.COMPLAINT,
    "miscategorized": Kind.COMPLAINT, "opt-out": Kind.UNSUBSCRIBE, "opt-out-list": Kind.UNSUBSCRIBE,
}  # fmt: skip


def complaint(report: str) -> Reading:
    """What a report of the form message/feedback-report says; providers may have blacked out the address."""
    fields = {name.lower(): value.strip() for name, value in reversed(_FIELD.findall(report[:20_000]))}
    kind = _KINDS.get(fields.get("feedback-type", "").lower(), Kind.NONE)
    if kind is Kind.NONE:
        return NOTHING
    named = (
        fields.get("original-rcpt-to")
        or fields.get("removal-recipient")
        or fields.get("x-hmxmroriginalrecipient")
        or ""
    )
    found = ADDRESS.search(named)
    return Reading(kind, found.group() if found else None, words=f"feedback: {fields['feedback-type']}")


def hotmail_complaint(message: Message, cut: bytes) -> Reading | None:
    """Hotmail's junk mail reports of before ARF: the mail itself, in a mail by staff@hotmail.com."""
    sender, subject = header(message, "From").lower(), header(message, "Subject").lower()
    if "staff@hotmail.com" not in sender or "complaint" not in subject:
        return None
    found = _HOTMAIL.search(cut[:100_000])
    address = found[1].decode("ascii", "replace") if found else None
    return Reading(Kind.COMPLAINT, address, words="feedback: junk mail report")
