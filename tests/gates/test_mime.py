"""A finished mail, taken apart by the standard library, is what was rendered, with the reader's own words in it."""

import email
import re
from email.message import EmailMessage
from email.policy import default

import pytest

from tests.gates.mails import all_mails
from tests.gates.test_spamassassin import READER, message
from tests.transports.reference import filled


@pytest.mark.parametrize(
    "name", ["roundup-good", "roundup-ugly", "roundup-right-to-left", "roundup-counted", "plain-forty-stories"]
)
def test_a_message_says_what_was_rendered(name):
    made = all_mails()[name]
    raw = message(made)
    parsed = email.message_from_bytes(raw, policy=default)
    assert parsed.defects == []
    assert parsed["Subject"] == made.subject
    text, html = parsed.get_body(("plain",)), parsed.get_body(("html",))
    assert _lines(text) == filled(made.text, READER)
    assert _lines(html) == filled(made.html, READER)
    assert [part.get_content_charset() for part in (text, html)] == ["utf-8", "utf-8"]


def test_every_line_fits_and_every_header_stands_once():
    for made in all_mails().values():
        head, _, body = message(made).partition(b"\r\n\r\n")
        assert max(map(len, head.split(b"\r\n"))) <= 998
        assert max(map(len, body.split(b"\r\n"))) <= 76
        names = [line.partition(b":")[0].lower() for line in re.sub(rb"\r\n[ \t]", b" ", head).split(b"\r\n")]
        for name in (b"from", b"date", b"message-id", b"mime-version", b"subject", b"to", b"list-unsubscribe"):
            assert names.count(name) == 1


def _lines(part: EmailMessage) -> str:
    """What was encoded: the line end before a boundary belongs to the boundary (RFC 2046 §5.1.1)."""
    return str(part.get_content()).replace("\r\n", "\n")
