"""What SendGrid is given: every reader's own words, nothing tracked, nobody twice."""

from dataclasses import replace

import pytest

from newsletter.transports import sendgrid_payload
from newsletter.transports.base import Accepted, Rejected
from tests.fakes.sendgrid import read_log
from tests.fakes.sendgrid_rules import faults
from tests.transports.mailing import HEADERS, SmallMailing, reader, readers, token


def test_every_reader_is_accepted_with_sendgrids_name_for_the_request(sendgrid, transport, tmp_path):
    outcomes = transport.hand_over(SmallMailing(), readers(3))

    assert [outcome.delivery_id for outcome in outcomes] == [1, 2, 3]
    assert all(isinstance(outcome, Accepted) and outcome.provider_id for outcome in outcomes)
    assert sendgrid.requests == [3]
    truth = read_log(tmp_path / "accepted.jsonl")
    assert [line["address"] for line in truth] == ["reader1@example.org", "reader2@example.org", "reader3@example.org"]


def test_each_copy_holds_its_readers_own_words(sendgrid, transport):
    transport.hand_over(SmallMailing(), readers(2))

    second = sendgrid.copies[1]
    assert (second.name, second.subject) == ("Reader 2", "The week, Reader 2")
    assert f"https://news.example.org/u/{token(2)}" in second.text
    assert f"https://news.example.org/u/{token(2)}" in second.html
    assert "@@" not in second.text + second.html + second.subject
    assert second.headers["List-Unsubscribe"] == f"<https://news.example.org/u/{token(2)}>"
    assert second.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert second.headers["Message-ID"] == "<00000000000000e1.2@news.example.org>"


def test_custom_args_name_the_copy_the_batch_and_the_attempt_and_no_address(sendgrid, transport):
    transport.hand_over(SmallMailing(attempt=2), readers(1))
    assert sendgrid.copies[0].custom_args == {
        "nl_delivery": "00000000000000e1.1",
        "nl_batch": "00000000000000b1",
        "nl_attempt": "2",
    }


def test_nothing_is_tracked_and_the_text_comes_first():
    body = sendgrid_payload.body(SmallMailing(), [sendgrid_payload.Personalizer(SmallMailing()).part(reader(1))])
    assert all(setting["enable"] is False for setting in body["tracking_settings"].values())
    assert set(body["tracking_settings"]) == {"click_tracking", "open_tracking", "subscription_tracking", "ganalytics"}
    assert [part["type"] for part in body["content"]] == ["text/plain", "text/html"]
    assert body["from"] == {"email": "desk@news.example.org", "name": "The Desk"}
    assert body["reply_to"] == {"email": "letters@news.example.org"}


def test_a_thousand_readers_make_a_request_that_sendgrid_takes():
    parts = [sendgrid_payload.Personalizer(SmallMailing()).part(each) for each in readers(1000)]
    assert faults(sendgrid_payload.body(SmallMailing(), parts)) == []


def test_more_than_a_thousand_readers_are_refused_before_anything_is_sent():
    with pytest.raises(ValueError, match="1000 readers"):
        sendgrid_payload.body(SmallMailing(), [{}] * 1001)


@pytest.mark.parametrize("name", ["Doe, Jane", "Jane; Doe"])
def test_a_name_that_sendgrid_refuses_is_left_out_and_the_reader_still_gets_their_copy(sendgrid, transport, name):
    [outcome] = transport.hand_over(SmallMailing(), [reader(1, name=name)])
    assert isinstance(outcome, Accepted)
    assert sendgrid.copies[0].name == ""


def test_a_name_goes_out_as_one_line(sendgrid, transport):
    transport.hand_over(SmallMailing(), [reader(1, name="Ada\r\nBcc: eve@example.org\u2028")])
    assert sendgrid.copies[0].name == "Ada Bcc: eve@example.org"


def test_a_domain_beyond_ascii_goes_out_as_its_a_label(sendgrid, transport):
    [outcome] = transport.hand_over(SmallMailing(), [reader(1, address="info@bücher.example")])
    assert isinstance(outcome, Accepted)
    assert sendgrid.copies[0].address == "info@xn--bcher-kva.example"


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("jürgen@example.org", "ASCII"),
        ("-oQ/tmp@example.org", "not a mail address"),
        ("a@b.example, c@d.example", "not a mail address"),
        ("x\r\nBcc: y@example.org", "not a mail address"),
        ("someone@", "no valid domain"),
        ("a" * 65 + "@example.org", "too long"),
    ],
)
def test_who_cannot_be_mailed_is_rejected_for_good_and_the_others_get_theirs(sendgrid, transport, address, reason):
    outcomes = transport.hand_over(SmallMailing(), [reader(1), reader(2, address=address), reader(3)])
    assert [type(outcome) for outcome in outcomes] == [Accepted, Rejected, Accepted]
    assert outcomes[1].permanent
    assert reason in outcomes[1].reason
    assert sendgrid.requests == [2]


def test_an_address_that_stands_in_a_batch_twice_is_mailed_once(sendgrid, transport):
    outcomes = transport.hand_over(SmallMailing(), [reader(1), reader(2, address="READER1@example.org")])
    assert isinstance(outcomes[0], Accepted)
    assert outcomes[1] == Rejected(2, "The same address is already in this batch.")
    assert [copy.address for copy in sendgrid.copies] == ["reader1@example.org"]


def test_a_readers_words_that_would_break_a_header_keep_only_that_reader_out(sendgrid, transport):
    mailing = SmallMailing(headers={**HEADERS, "X-Reader": "@@NAME@@"})
    hostile = replace(reader(2), slots={**reader(2).slots, "NAME": "x\r\nBcc: y@example.org"})
    outcomes = transport.hand_over(mailing, [reader(1), hostile])
    assert [type(outcome) for outcome in outcomes] == [Accepted, Rejected]
    assert "header" in outcomes[1].reason


def test_words_longer_than_sendgrid_takes_keep_only_that_reader_out(sendgrid, transport):
    wordy = replace(reader(2), slots={**reader(2).slots, "NAME": "x" * 10_000})
    outcomes = transport.hand_over(SmallMailing(), [reader(1), wordy])
    assert [type(outcome) for outcome in outcomes] == [Accepted, Rejected]


def test_a_batch_without_readers_asks_nothing(sendgrid, transport):
    assert transport.hand_over(SmallMailing(), []) == []
    assert sendgrid.requests == []
