"""The dot is the boundary: before it nothing was sent, after it and without an answer nobody knows (I4, F-16)."""

import pytest

from newsletter.transports.base import Accepted, Rejected, Unknown
from newsletter.transports.smtp import MAX_CONNECTIONS
from tests.fakes.smtp import read_log
from tests.transports.mailing import SmallMailing, reader, readers

LARGE = SmallMailing(body=b"x" * 70 + b"\r\n" + b"y" * 20_000_000 + b"\r\n")


@pytest.fixture(autouse=True, params=["in turn", "pipelined"])
def commands(request, smtp_server):
    """Every fault, with the commands sent one by one and all at once (RFC 2920)."""
    if request.param == "pipelined":
        smtp_server.extensions.append("PIPELINING")


def kinds(outcomes):
    return [type(outcome) for outcome in outcomes]


@pytest.mark.parametrize("word", ["close", "reset", "silent"])
@pytest.mark.parametrize("point", ["MAIL", "RCPT", "DATA"])
def test_a_connection_lost_before_the_message_is_not_sent_and_the_others_get_theirs(smtp_server, smtp, point, word):
    smtp_server.script(point, "", word)
    outcomes = smtp.hand_over(SmallMailing(), readers(3))
    assert kinds(outcomes) == [Accepted, Rejected, Accepted]
    assert outcomes[1].not_before
    assert [mail.recipient for mail in smtp_server.mails] == ["reader1@example.org", "reader3@example.org"]


@pytest.mark.parametrize("word", ["close", "reset", "silent"])
def test_a_connection_lost_within_the_message_is_not_sent(smtp_server, smtp, word):
    smtp_server.script("BODY", word)
    outcomes = smtp.hand_over(LARGE, readers(1))
    assert kinds(outcomes) == [Rejected]
    assert outcomes[0].not_before
    assert smtp_server.mails == []


@pytest.mark.parametrize("word", ["close", "reset", "silent", "drop", "nonsense", "354 what"])
def test_no_answer_to_the_dot_is_unknown_and_only_for_that_reader(smtp_server, make_smtp, word):
    smtp_server.script("DOT", "", word)
    # The reply to the dot may take all the time that is left, so there is little here
    outcomes = make_smtp(deadline=1.0).hand_over(SmallMailing(), readers(2))
    assert kinds(outcomes) == [Accepted, Unknown]
    # Whether the server took it or not: we say that we cannot know
    assert len(smtp_server.mails) == (1 if word == "drop" else 2)


def test_an_unknown_copy_does_not_hold_up_the_next(smtp_server, smtp):
    smtp_server.script("DOT", "close")
    assert kinds(smtp.hand_over(SmallMailing(), readers(3))) == [Unknown, Accepted, Accepted]


@pytest.mark.parametrize("point", ["RCPT", "DATA", "DOT"])
def test_a_4xx_reply_is_rejected_for_now(smtp_server, smtp, point):
    smtp_server.script(point, "450 4.2.0 Greylisted")
    outcomes = smtp.hand_over(SmallMailing(), readers(2))
    assert kinds(outcomes) == [Rejected, Accepted]
    assert outcomes[0].not_before
    assert outcomes[0].reason == "The mail server said 450 4.2.0 Greylisted"
    assert smtp_server.connections == 1


@pytest.mark.parametrize("point", ["RCPT", "DATA", "DOT"])
def test_a_5xx_reply_is_rejected_for_good(smtp_server, smtp, point):
    smtp_server.script(point, "550 5.1.1 No such user")
    outcomes = smtp.hand_over(SmallMailing(), readers(2))
    assert kinds(outcomes) == [Rejected, Accepted]
    assert outcomes[0].permanent
    assert not outcomes[0].stop
    assert [mail.recipient for mail in smtp_server.mails] == ["reader2@example.org"]


@pytest.mark.parametrize(
    ("reply", "blocked"),
    [
        ("550 5.7.1 Message refused by policy", True),
        ("550-5.7.26 Unauthenticated email\r\n550 5.7.26 is not accepted", True),
        ("421 4.7.28 Unusual rate of mail", True),
        ("550 5.1.1 No such user", False),
        ("552 5.2.2 Mailbox full", False),
        ("550 Blocked, see 5.7.1", False),
    ],
)
@pytest.mark.parametrize("point", ["RCPT", "DOT"])
def test_a_refusal_for_who_sends_or_what_is_sent_is_marked_as_a_block(smtp_server, smtp, point, reply, blocked):
    smtp_server.script(point, reply)
    [outcome] = smtp.hand_over(SmallMailing(), readers(1))
    assert isinstance(outcome, Rejected)
    assert outcome.blocked is blocked


def test_no_address_reaches_the_reason(smtp_server, smtp):
    smtp_server.refused["reader1@example.org"] = "550 5.1.1 <reader1@example.org>: unknown"
    [outcome] = smtp.hand_over(SmallMailing(), [reader(1)])
    assert outcome.reason == "The mail server said 550 5.1.1 (address) unknown"


def test_a_sender_that_is_refused_stops_the_edition_and_blames_nobody(smtp_server, smtp):
    smtp_server.script("MAIL", "550 5.7.1 Sender not allowed")
    outcomes = smtp.hand_over(SmallMailing(), readers(3))
    assert all(isinstance(outcome, Rejected) and outcome.stop and outcome.not_before for outcome in outcomes)
    assert len([line for line in smtp_server.commands if line.startswith("MAIL")]) == 1
    assert smtp_server.mails == []


def test_a_server_that_waits_for_a_message_to_nobody_does_not_get_it(smtp_server, smtp):
    # Given a server that refuses the reader and asks for the message all the same
    smtp_server.script("RCPT", "550 5.1.1 No such user")
    smtp_server.asks_for_messages_to_nobody = True
    outcomes = smtp.hand_over(SmallMailing(), readers(2))
    assert kinds(outcomes) == [Rejected, Accepted]
    assert outcomes[0].permanent
    assert [mail.recipient for mail in smtp_server.mails] == ["reader2@example.org"]


@pytest.mark.parametrize("point", ["MAIL", "RCPT", "DATA", "DOT"])
def test_a_421_is_not_sent_and_the_next_goes_over_a_new_connection(smtp_server, smtp, point):
    smtp_server.script(point, "421 4.3.2 Shutting down")
    outcomes = smtp.hand_over(SmallMailing(), readers(2))
    assert kinds(outcomes) == [Rejected, Accepted]
    assert outcomes[0].not_before
    assert smtp_server.connections == 2


def test_a_server_that_keeps_hanging_up_is_left_alone(smtp_server, smtp):
    smtp_server.script("MAIL", *["421 4.7.0 Too much mail from you"] * 20)
    outcomes = smtp.hand_over(SmallMailing(), readers(10))
    assert all(isinstance(outcome, Rejected) and outcome.not_before for outcome in outcomes)
    assert smtp_server.connections == MAX_CONNECTIONS


def test_the_log_of_the_stand_in_tells_who_was_accepted(smtp_server, smtp, tmp_path):
    smtp_server.script("DOT", "", "close", "drop")
    smtp.hand_over(SmallMailing(), readers(3))
    assert [(line["address"], line["reference"]) for line in read_log(tmp_path / "accepted.jsonl")] == [
        ("reader1@example.org", "00000000000000e1.1"),
        ("reader2@example.org", "00000000000000e1.2"),
    ]


@pytest.mark.parametrize("sender", ["dësk@example.org", "desk@example.org> SIZE=1", ""])
def test_an_own_address_that_cannot_send_stops_the_edition_before_any_connection(smtp_server, smtp, sender):
    outcomes = smtp.hand_over(SmallMailing(sender=("X", sender)), readers(2))
    assert all(isinstance(outcome, Rejected) and outcome.stop and outcome.not_before for outcome in outcomes)
    assert smtp_server.connections == 0
