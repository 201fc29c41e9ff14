"""Bounces in free words, as servers wrote them before RFC 3464 and many still do.

Only what a machine sent is read this way: a person who answers and quotes a bounce is a person.
"""

import logging
import re
from email.message import Message

from flufl.bounce import all_failures

from newsletter.tracking.bounces.classify import Said, code_in, status_in
from newsletter.tracking.bounces.dsn import Failure
from newsletter.tracking.bounces.message import header
from newsletter.tracking.bounces.signs import sign

_ADDRESS = r"[A-Za-z0-9!#$%&'*+/=?^_{|}~.-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,8}"
_LABEL = r"(?:rcpt to|recipients?|to|add?ress|user|destinataire|empfänger|destinatario)"
# From the surest place to the mere mention.
_PLACES = tuple(
    re.compile(pattern, re.IGNORECASE | re.MULTILINE)
    for pattern in (
        rf"^[ \t]{{0,8}}(?:final|original|failed)[- ]recipient[^\n@]{{0,40}}?[\s;:<]({_ADDRESS})",
        rf"{_LABEL}[ \t]?[:=]?[ \t]{{0,4}}\n?[ \t]{{0,8}}[<\[\"'(]({_ADDRESS})",
        rf"^[ \t>*\-]{{0,8}}<?({_ADDRESS})>?[ \t]?(?::|\.\.\.|$|\()",
        rf"<({_ADDRESS})>",
        rf"(?<![\w.@=/-])({_ADDRESS})",
    )
)
_NEVER = re.compile(r"(?:mailer-daemon|postmaster|abuse|hostmaster|webmaster|help|support|helpdesk)@", re.IGNORECASE)
_FORWARDED = re.compile(r"(?:re|aw|fw|fwd|wg|tr|rv|sv|vs)\s?:", re.IGNORECASE)
_TYPE = re.compile(r"^(?:smtp|rfc822)=", re.IGNORECASE)
_REFUSAL = re.compile(r"^[ \t]{0,8}<<< ?([45]\d\d.{0,300})$", re.MULTILINE)  # by the server at the other end
_MARKS = " \t\n<>():;.,-*\"'"
_MOST = 30_000  # characters of a server's own words
_MOST_SAID = 1500  # of them after an address, about it
_MOST_FLUFL = 40_000  # bytes of a message that flufl.bounce is given
_MOST_LINE = 500  # flufl.bounce's patterns take time in the square of a line


# It tells each mail that one of its detectors stumbles over.
logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL)


def is_bounce(message: Message, text: str) -> bool:
    """A mail server's own hand: by its name, or by what it begins with; and it speaks of a delivery."""
    sender, subject = header(message, "From"), header(message, "Subject")
    if message.get("X-Failed-Recipients") or sign("daemons").search(sender) or sender in ("", "<>"):
        return True
    subjects = sign("subjects")
    if sign("machines").search(sender):
        return bool(subjects.search(subject) or subjects.search(text[:3000]) or code_in(text))
    # A subject that speaks of delivery, unless a person answers to it or hands it on.
    if subjects.search(subject) and (header(message, "Return-Path") == "<>" or not _FORWARDED.match(subject)):
        return True
    return bool(sign("beginnings").search(text[:500])) and not text.lstrip().startswith(">")


def is_delay(message: Message, text: str) -> bool:
    """A mail that may still arrive."""
    return bool(sign("delays").search(header(message, "Subject")) or sign("delays").search(text[:5000]))


def own_words(text: str) -> str:
    """A server's words, without the message that it returns."""
    found = sign("returned").search(text[:_MOST], 1)
    return text[: found.start()] if found else text[:_MOST]


def failure(message: Message, text: str, cut: bytes) -> Failure | None:
    """Who did not get it, by the words; None when they tell of no failure."""
    words = own_words(text)
    address = _address(message, words) or _by_flufl(message, cut)
    if address is None and not (sign("subjects").search(header(message, "Subject")) and sign("told").search(words)):
        return None
    after = words.partition(address)[2][:_MOST_SAID] if address else ""
    said = " ".join([*_REFUSAL.findall(words), after]) if after.strip(_MARKS) else words
    return Failure(address, Said(said, status_in(said) or status_in(words), code_in(said) or code_in(words)))


def _address(message: Message, words: str) -> str | None:
    named = re.search(_ADDRESS, header(message, "X-Failed-Recipients"))
    if named:
        return named.group()
    names = ("To", "Delivered-To", "From", "Cc")
    ours = {each.lower() for name in names for each in re.findall(_ADDRESS, header(message, name))}
    told = sign("told").search(words)
    for where in (words[told.end() :], words) if told else (words,):
        found = _named(where, ours)
        if found:
            return found
    return None


def _named(words: str, ours: set[str]) -> str | None:
    """The address that some words name, looked for in the surest place first."""
    for place in _PLACES:
        for found in place.finditer(words):
            address = _TYPE.sub("", found[1])
            if address.lower() not in ours and not _NEVER.match(address) and "." in address.rpartition("@")[2]:
                return address
    return None


def _by_flufl(message: Message, cut: bytes) -> str | None:
    """What flufl.bounce, which knows some odd servers by name, finds; it may stumble over what is broken."""
    if len(cut) > _MOST_FLUFL or max(map(len, cut.split(b"\n"))) > _MOST_LINE:
        return None
    try:
        temporary, permanent = all_failures(message)
    except Exception:  # noqa: BLE001 # whatever a hostile mail makes of somebody else's parser, it is no bounce then
        return None
    found = sorted(permanent) or sorted(temporary)
    return found[0].decode("ascii", "replace") if found else None
