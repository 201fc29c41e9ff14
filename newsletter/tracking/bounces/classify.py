"""hard, soft or block: by the words that a server said, then by its enhanced status, then by its reply code.

Words come first because statuses are handed out carelessly: 5.1.1 for a full mailbox, 5.7.1 for an unknown user. But
what is temporary by its own numbers is never hard, whatever the words; and words that may be about anything ("invalid",
"not found") count only where the status does not speak of something else (`beside` in words.toml).
"""

import re
from dataclasses import dataclass

from newsletter.tracking import codes
from newsletter.tracking.bounces.reading import Kind
from newsletter.tracking.bounces.words import rule_for

_CODE = re.compile(r"(?<![\d.:/=])([45][0-5]\d)(?=[ \-:,)#<]|$)")
# Which command was refused, as servers tell it: the sender's, or the mail itself.
_GREETING = re.compile(
    r"(?:after|reply to|>>>) (?:end of )?(?:mail from|helo|ehlo|initial connection)(?!.{0,400}rcpt to)"
)
_DATA = re.compile(r"end of data|>>> data|after data|command:? data\b|smtp command data")
# All that some Japanese carriers say of a filtered mail; and what Exim says of recipients and of headers alike.
_TERSE = re.compile(r"(?:unknown user|user unknown)\b|malformed address")
_LETTER = re.compile(r"[^\W\d_]")
_MOST = 4000  # characters of words that are looked at

# RFC 5321 §4.2.3; 556: RFC 7504.
_BY_CODE = {"550": Kind.HARD, "551": Kind.HARD, "553": Kind.HARD, "521": Kind.HARD, "556": Kind.HARD}


@dataclass(frozen=True)
class Said:
    """What a server said of one recipient. `status` and `code` "" where it gave none."""

    text: str
    status: str = ""
    code: str = ""


def verdict(said: Said, told: str = "") -> tuple[Kind, str]:
    """The kind of bounce, and the reason in a word. `told`: what the server told people, for the command it refused."""
    text = _plain(said.text)
    rule = rule_for(text, said.status)
    kind, reason = (rule.kind, rule.reason) if rule else (_by_numbers(said), "")
    bare = rule is None and codes.kind_of(said.status) == Kind.NONE and said.code.startswith("5")
    if kind != Kind.HARD and not bare:
        return kind, reason
    context = f"{text} {_plain(told)}"
    if _GREETING.search(context):
        return Kind.BLOCK, "sender"  # refused before a recipient was named
    if _DATA.search(context) and (bare or _TERSE.search(text)) and not said.status.startswith("5.1."):
        return Kind.BLOCK, "filter"  # the recipient had been taken before: it is the mail that was not
    return (Kind.SOFT if _is_temporary(said) else kind), reason


def is_wordless(said: Said) -> bool:
    """Nothing but numbers, and none that says why: 550 stands for no such mailbox and for "we do not want it" alike."""
    return codes.is_generic(said.status) and not _LETTER.search(said.text)


def _plain(text: str) -> str:
    return " ".join(text[:_MOST].lower().split())


def status_in(text: str) -> str:
    """The enhanced status in some words: the first that says something, else the first, else ""."""
    return codes.found_in(text[:_MOST], "45")


def code_in(text: str) -> str:
    """The SMTP reply code in some words, or ""."""
    match = _CODE.search(text[:_MOST])
    return match.group(1) if match else ""


def _by_numbers(said: Said) -> Kind:
    by_status = codes.kind_of(said.status)
    return by_status if by_status != Kind.NONE else _BY_CODE.get(said.code, Kind.SOFT)


def _is_temporary(said: Said) -> bool:
    return (said.status or said.code or "5").startswith("4")
