"""The merge makes, for every reader, the message that the standard library would have made."""

import email
import email.policy
import re
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.utils import getaddresses

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from newsletter.transports import merge
from newsletter.transports.base import Reader
from newsletter.transports.merge import BatchMailing, Content
from tests.mail.standards import ENCODER_ALONE
from tests.transports import reference

DATE = datetime(2026, 11, 26, 12, tzinfo=UTC)
TOKEN = "AQ" * 17
HEADERS = (
    ("List-Id", "<the-meridian.news.example.org>"),
    ("List-Unsubscribe", "<https://news.example.org/u/@@TOKEN@@>"),
    ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
)

# Text as templates make it: any characters but lone surrogates and slot marks of its own; lines end in \n.
words = st.text(st.characters(codec="utf-8", exclude_characters="\r\0@", exclude_categories=("Cs", "Cc")), max_size=200)
names = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=200)
lines = st.lists(
    st.one_of(words, st.sampled_from(["", ".", "..", "From x", " a  b ", "\t", "a=", "é" * 90])), max_size=8
)


def mailing(text: str, html: str, subject: str = "A subject", sender: str = "The Meridian") -> BatchMailing:
    content = Content((sender, "desk@meridian.example"), "letters@meridian.example", subject, html, text, HEADERS)
    return BatchMailing(content, ENCODER_ALONE, 1, DATE)


def reader(name: str = "Ada") -> Reader:
    slots = merge.slots_for(TOKEN, name)
    return Reader(7, "ada@xn--mller-kva.example", name, "00ff.7", slots)


def parsed(raw: bytes):
    return email.message_from_bytes(raw, policy=email.policy.default)


def names_in(raw: bytes) -> list[tuple[str, str]]:
    """The To addresses, decoded word by word: the newer parser keeps a space between words that RFC 2047 drops."""
    shown = str(make_header(decode_header(email.message_from_bytes(raw)["To"])))
    return getaddresses([shown])


def body(message, kind: str) -> str:
    return message.get_body((kind,)).get_content().replace("\r\n", "\n").rstrip("\n")


@settings(max_examples=300, deadline=None)
@given(lines, lines, names)
@example(["Hello @@NAME@@,"], ["<p>@@NAME_HTML@@</p>"], ".From = \u202e李 雷 'Q' <b>")
@example([" ", "  ", "a  "], ["  "], "@@TOKEN@@")
def test_the_splice_says_what_the_standard_library_says(text, html, name):
    # Given any content and any name
    made = mailing("\n".join([*text, "@@NAME@@ https://x/u/@@TOKEN@@"]), "\n".join([*html, "@@NAME_HTML@@@@TOKEN@@"]))
    who = reader(name)
    # When it is merged, and built by the standard library
    fast, slow = parsed(made.message(who)), parsed(bytes(reference.message_for(made, who)))
    # Then both parse to the same, without a defect
    assert not [defect for part in fast.walk() for defect in part.defects]
    for part in ("plain", "html"):
        assert body(fast, part) == body(slow, part)
    assert names_in(made.message(who)) == names_in(bytes(reference.message_for(made, who)))
    for header in ("From", "Subject", "Date", "Message-ID", "Reply-To", *dict(HEADERS)):
        assert str(fast[header]) == str(slow[header]).strip(), header  # it folds before a long word
    assert len(fast["To"].addresses) == 1


@settings(max_examples=200, deadline=None)
@given(lines, names)
def test_every_line_can_travel(text, name):
    # Whatever stands in it, a message is 7 bit, its lines are short, and none begins with a dot or "From "
    content = "\n".join([*text, "@@NAME@@", ".@@NAME@@.", "@@NAME_HTML@@@@NAME@@"])
    made = mailing(content, content)
    raw = made.message(reader(name))
    assert made.is_dot_safe
    assert not raw.startswith(b".")
    assert b"\n." not in raw
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")
    head, _, rest = raw.partition(b"\r\n\r\n")
    assert max(map(len, head.split(b"\r\n"))) <= 998
    for line in rest.split(b"\r\n"):
        assert len(line) <= 76
        assert not line.startswith((b".", b"From "))
        assert line == line.rstrip(b" \t")


@settings(max_examples=100, deadline=None)
@given(lines)
def test_the_body_is_already_what_relaxed_dkim_makes_of_it(text):
    # RFC 6376 §3.4.4: no white space at line ends, none doubled
    raw = mailing("\n".join(text), "x").message(reader())
    rest = raw.partition(b"\r\n\r\n")[2]
    assert re.sub(rb"[ \t]+", b" ", rest) == rest


@pytest.mark.parametrize("value", ["a\r\nBcc: x@y.example", "a\nb", "a\0b", "a\u2028b"])
def test_a_header_value_cannot_end_its_header(value):
    with pytest.raises(ValueError, match="control character"):
        merge.header_value(value)


def test_a_name_cannot_add_a_header_or_a_recipient():
    raw = mailing("x", "x").message(reader('a"\r\nBcc: <b@c.example>, d'))
    message = parsed(raw)
    assert message["Bcc"] is None
    assert [each.addr_spec for each in message["To"].addresses] == ["ada@xn--mller-kva.example"]


def test_two_readers_differ_only_in_their_slots():
    made = mailing("Hello @@NAME@@\nhttps://x/u/@@TOKEN@@", "<p>@@NAME_HTML@@</p>")
    one, other = made.message(reader("Ada")), made.message(reader("Bob"))
    assert one.replace(b"Ada", b"Bob") == other


@settings(max_examples=200, deadline=None)
@given(names.map(merge.one_line).filter(bool))
def test_any_subject_arrives_as_it_was_written(subject):
    message = parsed(mailing("x", "x", subject=subject).message(reader()))
    assert str(message["Subject"]) == subject


def test_the_boundary_stands_in_no_part():
    raw = mailing("x", "y").message(reader())
    boundary = re.search(rb'boundary="([^"]+)"', raw)[1]
    assert raw.count(boundary) == 4
