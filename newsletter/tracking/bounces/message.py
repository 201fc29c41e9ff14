"""Bytes as they lie in mailboxes, as a message: any line ends, an mbox's first line, NULs, no end, no bottom."""

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser
from html import unescape

# What a server says comes before what it returns, so the first part of a long message tells all.
MOST_BYTES = 1 << 20
MOST_TEXT = 100_000  # characters of words that are looked through
MOST_PARTS = 60
_MOST_HEADER = 2000
_MOST_REPORT = 20_000
MOST_DEPTH = 40  # of parts within parts; the standard library's parser recurses

# RFC 5322 §2.1.1 allows 998; Amazon writes JSON on one line. Longer ones only keep patterns busy.
_LONG_LINE = re.compile(rb"([^\n]{32768})[^\n]+")
_LINE_ENDS = re.compile(rb"\r+\n|\r")
_ENVELOPE = re.compile(rb"\A(?:\xef\xbb\xbf)?[\s]*(?:>?From [^\n]*\n)*")
_BOUNDARY = re.compile(rb"^content-type:\s{0,3}multipart/", re.IGNORECASE | re.MULTILINE)
_ATTACHED = re.compile(rb"^content-type:\s{0,3}message/rfc822", re.IGNORECASE | re.MULTILINE)
# Reports are text to us: the parser would take some of them apart itself, and lose those that are encoded.
_REPORTS = re.compile(
    rb"^(content-type:\s{0,3})message/(?:global-)?(delivery-status|disposition-notification|feedback-report)",
    re.IGNORECASE | re.MULTILINE,
)
_REPORT = re.compile(rb"^content-type:\s{0,3}text/x-delivery-status[^\n]*\n", re.IGNORECASE | re.MULTILINE)
_TAG = re.compile(r"<(?:br|p|div|tr|li|h\d)\b[^<>]{0,2000}>", re.IGNORECASE)
_MARKUP = re.compile(r"<(?:style|script)\b[^<>]{0,2000}>[^<]{0,50000}|<[^<>]{0,2000}>", re.IGNORECASE)


class Unreadable(Exception):
    """A message that is built to break readers."""


def clean(raw: bytes) -> bytes:
    """A message with one kind of line end and nothing before its headers; the first MOST_BYTES of it."""
    cut = _LINE_ENDS.sub(b"\n", raw[:MOST_BYTES]).replace(b"\0", b"")
    cut = _LONG_LINE.sub(rb"\1", cut[_ENVELOPE.match(cut).end() :])  # type: ignore[union-attr] # it matches nothing too
    return _REPORTS.sub(rb"\1text/x-\2", cut)


def parse(cut: bytes) -> Message:
    """A clean message. Raises Unreadable for parts nested beyond reason."""
    kind = BytesParser().parsebytes(cut, headersonly=True).get_content_maintype()
    if kind not in ("multipart", "message"):
        return message_from_bytes(cut)  # nothing is nested in it, whatever it quotes
    if len(_BOUNDARY.findall(cut)) > MOST_DEPTH or len(_ATTACHED.findall(cut)) > MOST_DEPTH:
        raise Unreadable("parts nested beyond reason")
    return message_from_bytes(cut)


def leaves(message: Message) -> Iterator[Message]:
    """The parts that hold something, in order; attached messages are one part each and not looked into."""
    waiting = [message]
    for _ in range(MOST_PARTS):
        if not waiting:
            return
        part = waiting.pop(0)
        inside = part.get_payload()
        if part.is_multipart() and isinstance(inside, list) and part.get_content_maintype() != "message":
            waiting = [each for each in inside if isinstance(each, Message)] + waiting
        else:
            yield part


def header(message: Message, name: str) -> str:
    """A header as one line of text, decoded; "" when it is missing."""
    value = next((str(value) for key, value in message.raw_items() if key.lower() == name.lower()), "")
    value = _decoded(value[:_MOST_HEADER].encode("utf-8", "surrogateescape"), "utf-8")  # 8-bit, as it should not be
    try:
        text = str(make_header(decode_header(value)))
    except (ValueError, LookupError, HeaderParseError):  # ValueError: also what is no text in its charset
        text = value
    return " ".join(text.split())


def text_of(part: Message) -> str:
    """A part as text, whatever its charset claims; HTML without its markup."""
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    text = _decoded(payload[: MOST_TEXT * 4], part.get_content_charset() or "utf-8")[:MOST_TEXT]
    return without_markup(text) if part.get_content_subtype() == "html" else text


def without_markup(html: str) -> str:
    """What a person would read of some HTML, roughly."""
    return unescape(_MARKUP.sub(" ", _TAG.sub("\n", html)))


def _decoded(payload: bytes, charset: str) -> str:
    for name in (charset, "utf-8"):
        try:
            return payload.decode(name)
        except (LookupError, ValueError):
            continue
    return payload.decode("latin-1")


def salvaged(cut: bytes) -> str:
    """The delivery report within a message whose parts cannot be told apart, or that stands in another one; or ""."""
    found = _REPORT.search(cut[:MOST_TEXT])
    if not found:
        return ""
    _, _, report = cut[found.end() - 1 :][:_MOST_REPORT].partition(b"\n\n")
    return report.partition(b"\n--")[0].decode("utf-8", "replace")
