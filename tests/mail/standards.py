"""What must be true of every mail that leaves us, whatever it is about. The suite's own mails all pass through here.

Sources: RFC 5322 §3.6 (each of these once), RFC 5321 §4.5.3.1.6 (lines of 998), RFC 2047 (names), RFC 8058 and RFC 2369
(leaving), RFC 3834 (no auto-responder answers).
"""

import re
from collections.abc import Mapping
from email.header import decode_header
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any

ONCE = ("from", "to", "subject", "date", "message-id", "mime-version", "content-type", "auto-submitted")
LONGEST = 998
ENCODER_ALONE = "encoder"
"""The batch of a mailing in a test about the encoder alone, which has parts and words that no mail of ours has."""
_BULK = ("list-unsubscribe", "list-unsubscribe-post", "list-id")
_SLOT = re.compile(rb"@@[A-Z_]+@@")


def assert_standards(raw: bytes) -> None:
    """A whole message as it is handed over. A copy of an edition offers the way out; a letter has nothing to leave."""
    head, _, body = raw.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert max(map(len, [*lines, *body.split(b"\r\n")])) <= LONGEST
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)|\x00", raw), "a line that does not end in CRLF"
    assert raw.isascii(), "only 7 bits pass every server"
    assert not _SLOT.search(raw), "a slot that nobody filled"
    names = [line.partition(b":")[0].decode().lower() for line in lines if line[:1] not in (b" ", b"\t")]
    assert [name for name in ONCE if names.count(name) != 1] == []
    message = BytesParser(policy=default).parsebytes(raw)
    assert message.defects == []
    assert_alternatives(message)
    assert_names(head)
    assert_leaving({name.lower(): str(value) for name, value in message.items()})


def assert_alternatives(message: EmailMessage) -> None:
    """Text first, HTML last, both in UTF-8 and neither empty."""
    assert message.get_content_type() == "multipart/alternative"
    parts = list(message.iter_parts())
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
    assert all(part.get_content_charset() == "utf-8" and part.get_content().strip() for part in parts)


def assert_names(head: bytes) -> None:
    """What is beyond ASCII is encoded as RFC 2047 asks: it decodes, and no encoded word is longer than 75."""
    for word in re.findall(rb"=\?[^?\s]+\?[^?\s]+\?[^?\s]*\?=", head):
        assert len(word) <= 75
        ((text, charset),) = decode_header(word.decode("ascii"))
        assert isinstance(text, bytes)
        assert text.decode(charset or "ascii")


def assert_leaving(headers: Mapping[str, str]) -> None:
    """List-* on copies of editions, and a test of one; none on confirmations, notices and alerts."""
    bulk = [name for name in headers if name.startswith("list-")]
    is_letter = headers.get("message-id", "").startswith("<letter.")
    assert headers.get("auto-submitted") == "auto-generated"
    if is_letter and not headers["subject"].startswith("[Test] "):
        assert bulk == []
        return
    assert set(_BULK) <= set(bulk)
    assert headers.get("list-unsubscribe-post") == "List-Unsubscribe=One-Click"
    assert re.match(r"<https?://[^>\s]+/u/[\w-]{34}>", headers["list-unsubscribe"])


def assert_request(request: Mapping[str, Any]) -> None:
    """What SendGrid is asked to mail. It writes From, Date, MIME-Version and the encoding: we must not, or they stand
    twice. Of a thousand readers the first and the last are looked at."""
    assert request["from"]["email"]
    assert [part["type"] for part in request["content"]] == ["text/plain", "text/html"]
    for part in (request["personalizations"][0], request["personalizations"][-1]):
        assert len(part["to"]) == 1
        headers = [*request.get("headers", {}).items(), *part["headers"].items()]
        names = [name.lower() for name, _ in headers]
        assert len(names) == len(set(names))
        assert "message-id" in names
        assert not {"from", "to", "date", "mime-version", "content-type", "subject"} & set(names)
        assert all(value.isascii() and len(name) + 2 + len(value) <= LONGEST for name, value in headers)
        said = [request["subject"], *(each["value"] for each in request["content"])]
        for slot, value in part.get("substitutions", {}).items():
            said = [each.replace(slot, value) for each in said]
        assert all(each.strip() and not _SLOT.search(each.encode()) for each in said), "a slot that nobody filled"
        assert_leaving({"subject": request["subject"], **{name.lower(): value for name, value in headers}})
