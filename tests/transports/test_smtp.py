"""SMTP hands over the bytes as they are, one reader per transaction, over one kept connection."""

import os

import pytest
from aiosmtpd.controller import Controller

from newsletter.transports.base import Accepted, Rejected, Unknown
from newsletter.transports.smtp import MAX_TRANSACTIONS, SmtpTransport
from newsletter.transports.smtp_server import Server
from tests.transports.conftest import free_port
from tests.transports.mailing import SmallMailing, reader, readers


def test_every_reader_gets_the_bytes_that_were_given(smtp_server, smtp):
    outcomes = smtp.hand_over(SmallMailing(), readers(3))

    assert [outcome.delivery_id for outcome in outcomes] == [1, 2, 3]
    assert all(isinstance(outcome, Accepted) and "Queued" in outcome.provider_id for outcome in outcomes)
    assert [mail.recipient for mail in smtp_server.mails] == [f"reader{number}@example.org" for number in (1, 2, 3)]
    assert [mail.message for mail in smtp_server.mails] == [SmallMailing().message(each) for each in readers(3)]
    assert {mail.sender for mail in smtp_server.mails} == {"desk@news.example.org"}


def test_each_copy_has_the_envelope_sender_that_the_mailing_gives_it(smtp_server, smtp):
    class Own(SmallMailing):
        def envelope_sender(self, reader):
            return f"bounces+{reader.delivery_id}@news.example.org"

    smtp.hand_over(Own(), readers(2))
    assert [mail.sender for mail in smtp_server.mails] == [f"bounces+{n}@news.example.org" for n in (1, 2)]


def test_the_next_copys_envelope_goes_out_with_the_dot(smtp_server, smtp):
    # Given a server that takes pipelining, and never answers a dot
    smtp_server.extensions.append("PIPELINING")
    smtp_server.script("DOT", "close")
    outcomes = smtp.hand_over(SmallMailing(), readers(2))
    # Then the second copy is not lost with the first one's answer, and goes once
    assert [type(outcome) for outcome in outcomes] == [Unknown, Accepted]
    assert [mail.recipient for mail in smtp_server.mails] == ["reader1@example.org", "reader2@example.org"]


def test_one_connection_is_kept_over_several_hand_overs(smtp_server, smtp):
    smtp.hand_over(SmallMailing(), readers(3))
    smtp.hand_over(SmallMailing(), readers(3))
    assert smtp_server.connections == 1
    assert smtp_server.commands[0] == "EHLO news.example.org"


def test_a_connection_is_renewed_after_many_messages(smtp_server, smtp):
    outcomes = smtp.hand_over(SmallMailing(), readers(MAX_TRANSACTIONS + 1))
    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert smtp_server.connections == 2
    assert "QUIT" in smtp_server.commands


def test_a_kept_connection_that_the_server_closed_costs_no_reader_anything(smtp_server, smtp):
    smtp.hand_over(SmallMailing(), readers(1))
    smtp_server.script("RSET", "421 4.4.2 Idle for too long")
    outcomes = smtp.hand_over(SmallMailing(), readers(2))
    assert [type(outcome) for outcome in outcomes] == [Accepted, Accepted]
    assert smtp_server.connections == 2


def test_a_forked_process_does_not_share_its_parents_connection(smtp_server, smtp):
    # Given a process that has a connection
    smtp.hand_over(SmallMailing(), readers(1))
    # When it finds itself to be another process, as after a fork
    smtp._session.process = os.getppid()
    smtp.hand_over(SmallMailing(), readers(1))
    # Then it opened its own and did not say goodbye in the other's name
    assert smtp_server.connections == 2
    assert "QUIT" not in smtp_server.commands


def test_lines_that_begin_with_a_dot_arrive_whole(smtp_server, smtp):
    body = b".first\r\n.\r\n..two\r\nbare\n.\nend"
    [outcome] = smtp.hand_over(SmallMailing(body=body), readers(1))
    assert isinstance(outcome, Accepted)
    [mail] = smtp_server.mails
    assert mail.message == SmallMailing(body=body).message(reader(1)) + b"\r\n"


def test_the_size_is_announced_where_it_is_asked_for(smtp_server, smtp):
    smtp_server.extensions.append("SIZE 1000000")
    smtp.hand_over(SmallMailing(), readers(1))
    assert smtp_server.mails[0].options == f"SIZE={len(SmallMailing().message(reader(1)))}"


def test_a_domain_beyond_ascii_goes_out_as_its_a_label(smtp_server, smtp):
    smtp.hand_over(SmallMailing(), [reader(1, address="info@bücher.example")])
    assert smtp_server.mails[0].recipient == "info@xn--bcher-kva.example"


def test_a_local_part_beyond_ascii_is_rejected_for_good_without_smtputf8(smtp_server, smtp):
    outcomes = smtp.hand_over(SmallMailing(), [reader(1, address="jürgen@example.org"), reader(2)])
    assert [type(outcome) for outcome in outcomes] == [Rejected, Accepted]
    assert outcomes[0].permanent
    assert "ASCII" in outcomes[0].reason
    assert len(smtp_server.mails) == 1


def test_a_local_part_beyond_ascii_is_mailed_with_smtputf8(smtp_server, smtp):
    smtp_server.extensions.append("SMTPUTF8")
    outcomes = smtp.hand_over(SmallMailing(), [reader(1, address="jürgen@example.org"), reader(2)])
    assert [type(outcome) for outcome in outcomes] == [Accepted, Accepted]
    assert [(mail.recipient, mail.options) for mail in smtp_server.mails] == [
        ("jürgen@example.org", "SMTPUTF8"),
        ("reader2@example.org", ""),
    ]


@pytest.mark.parametrize(
    "address", ["x>\r\nRCPT TO:<y@example.org", "a@b.example> SIZE=1", "-oQ@example.org", "a b@example.org", ""]
)
def test_an_address_that_is_none_never_reaches_the_server(smtp_server, smtp, address):
    outcomes = smtp.hand_over(SmallMailing(), [reader(1, address=address), reader(2)])
    assert [type(outcome) for outcome in outcomes] == [Rejected, Accepted]
    assert outcomes[0].permanent
    assert [line for line in smtp_server.commands if line.startswith("RCPT")] == ["RCPT TO:<reader2@example.org>"]


def test_readers_not_begun_in_time_may_be_tried_again(smtp_server, make_smtp):
    outcomes = make_smtp(deadline=1e-6).hand_over(SmallMailing(), readers(2))
    assert all(isinstance(outcome, Rejected) and outcome.not_before for outcome in outcomes)
    assert smtp_server.commands == []


def test_an_independent_server_takes_the_mail():
    # Given aiosmtpd, which is not ours
    class Mailbox:
        received: list = []

        async def handle_DATA(self, _server, _session, envelope):
            self.received.append((envelope.mail_from, envelope.rcpt_tos, envelope.original_content))
            return "250 OK"

    mailing = SmallMailing(body=b".dots\r\n.\r\n")
    controller = Controller(Mailbox(), hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        transport = SmtpTransport(Server("127.0.0.1", controller.port))
        outcomes = transport.hand_over(mailing, readers(2))
        transport.close()
    finally:
        controller.stop()
    # Then it has each reader's copy, byte for byte
    assert [type(outcome) for outcome in outcomes] == [Accepted, Accepted]
    assert Mailbox.received == [("desk@news.example.org", [each.address], mailing.message(each)) for each in readers(2)]
