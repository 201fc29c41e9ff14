"""The function that every mail of the suite goes through does see what would be wrong."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from newsletter import links
from newsletter.deliveries import send
from newsletter.editions.models import Edition
from newsletter.letters import render as letters
from newsletter.mail.slots import TOKEN
from newsletter.transports import sendgrid_payload
from newsletter.transports.base import Reader
from newsletter.transports.merge import BatchMailing, Content, slots_for
from tests.mail.standards import assert_request, assert_standards
from tests.transports.mailing import SmallMailing, reader

NAME = "Ada „Ünïcode“ Obi 🦊 with a name that takes more than one encoded word of seventy-five characters"


def copy(headers=None, *, reference="5f0c9a3b7d21e846.1", subject="The week — in brief"):
    ways = send.headers(Edition(), "even-keel", send.ways_out()) if headers is None else headers
    html = f"<p>Hello</p><a href='{links.unsubscribe(TOKEN)}'>Leave</a>"
    content = Content((NAME, "desk@keel.example"), "", subject, html, "Hello\n", ways)
    who = Reader(1, "reader@example.org", NAME, reference, slots_for("0" * 34, NAME))
    return BatchMailing(content, "b", 1, datetime.now(UTC)).message(who)


def test_a_copy_and_a_letter_keep_them():
    assert_standards(copy())
    assert_standards(copy(letters.HEADERS, reference="letter.5f0c9a3b7d21e846"))


@pytest.mark.parametrize(
    "harm",
    [
        lambda raw: raw.replace(b"\r\nDate:", b"\r\nX-Date:"),
        lambda raw: raw.replace(b"\r\nFrom:", b"\r\nFrom: other@example.org\r\nFrom:").replace(
            b"From:", b"From: a@b.example\r\nFrom:", 1
        ),
        lambda raw: raw.replace(b"\r\nMIME-Version: 1.0", b""),
        lambda raw: raw.replace(b"Auto-Submitted", b"X-Auto"),
        lambda raw: raw.replace(b"List-Unsubscribe-Post: List-Unsubscribe=One-Click", b"X-Other: x"),
        lambda raw: raw.replace(b"\r\n\r\n", b"\r\nX-Long: " + b"x" * 1000 + b"\r\n\r\n", 1),
        lambda raw: raw.replace(b"Hello", b"Hello @@NAME@@"),
        lambda raw: raw.replace(b"Hello", b"Hell\xc3\xb6"),
        lambda raw: raw.replace(b"Hello\r\n", b"Hello\n", 1),
        lambda raw: raw.replace(b"text/plain", b"text/html"),
        lambda raw: raw.replace(b"=?utf-8?b?", b"=?utf-8?b?" + b"AAAA" * 20, 1),
    ],
)
def test_what_is_wrong_is_seen(harm):
    raw = copy()
    assert harm(raw) != raw
    with pytest.raises(AssertionError):
        assert_standards(harm(raw))


def test_every_message_and_every_request_of_the_suite_is_looked_at():
    with pytest.raises(AssertionError):
        copy(headers=())
    with pytest.raises(AssertionError):
        asked(replace(SmallMailing(), headers={}))


@pytest.mark.parametrize(
    "harm",
    [
        lambda made: made["headers"].pop("Auto-Submitted"),
        lambda made: made["headers"].update({"MIME-Version": "1.0"}),
        lambda made: made["headers"].update({"list-id": "<twice.example.org>"}),
        lambda made: made["personalizations"][0]["headers"].pop("Message-ID"),
        lambda made: made["personalizations"][0]["headers"].pop("List-Unsubscribe"),
        lambda made: made["personalizations"][0]["substitutions"].pop("@@NAME@@"),
        lambda made: made["content"].reverse(),
    ],
)
def test_what_is_wrong_with_a_request_to_sendgrid_is_seen(harm):
    made = asked(SmallMailing())
    harm(made)
    with pytest.raises(AssertionError):
        assert_request(made)


def asked(mailing):
    return sendgrid_payload.body(mailing, [sendgrid_payload.Personalizer(mailing).part(reader(1))])


def test_a_letter_that_offers_to_leave_a_list_is_seen():
    headers = (*letters.HEADERS, ("List-Id", "<x.example.org>"))
    with pytest.raises(AssertionError):
        assert_standards(copy(headers, reference="letter.5f0c9a3b7d21e846"))
