"""How far a request got decides: not whole on its way is not sent, anything after is unknown (I4, F-12 to F-14)."""

import ssl

import pytest

from newsletter.transports.base import Accepted, Rejected, Unknown
from newsletter.transports.sendgrid_client import Limits
from tests.fakes.certificates import self_signed
from tests.fakes.sendgrid import SendGridServer
from tests.transports.conftest import free_port, transport_to
from tests.transports.mailing import SmallMailing, readers

LARGE = SmallMailing(html="<p>" + "x" * 20_000_000 + "</p>")  # more than the system's buffers hold


def all_are(kind, outcomes):
    return len(outcomes) == 3 and all(isinstance(outcome, kind) for outcome in outcomes)


def test_a_refused_connection_is_not_sent_and_may_be_tried_again():
    outcomes = transport_to(f"http://127.0.0.1:{free_port()}").hand_over(SmallMailing(), readers(3))
    assert all_are(Rejected, outcomes)
    assert outcomes[0].not_before
    assert not outcomes[0].stop
    assert "could not be reached: Connection refused" in outcomes[0].reason


def test_a_host_that_does_not_exist_is_not_sent():
    outcomes = transport_to("http://sendgrid.invalid").hand_over(SmallMailing(), readers(3))
    assert all_are(Rejected, outcomes)
    assert outcomes[0].not_before


def test_a_certificate_that_nobody_vouches_for_is_not_sent(sendgrid, tmp_path):
    # Given a server with a certificate of its own making
    certificate, key = self_signed(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    sendgrid.socket = tls.wrap_socket(sendgrid.socket, server_side=True)
    # When it is offered a batch
    outcomes = transport_to(sendgrid.url.replace("http:", "https:")).hand_over(SmallMailing(), readers(3))
    # Then no request is made
    assert all_are(Rejected, outcomes)
    assert "certificate" in outcomes[0].reason.lower()
    assert sendgrid.requests == []


def test_a_reset_in_the_middle_of_the_body_is_not_sent(sendgrid, transport):
    sendgrid.behave("reset")
    outcomes = transport.hand_over(LARGE, readers(3))
    assert all_are(Rejected, outcomes)
    assert outcomes[0].not_before
    assert sendgrid.copies == []


def test_a_server_that_stops_reading_the_body_is_not_sent(tmp_path):
    with SendGridServer(receive_buffer=4096) as server:
        server.behave("deaf")
        outcomes = transport_to(server.url).hand_over(LARGE, readers(3))
    assert all_are(Rejected, outcomes)
    assert "timed out" in outcomes[0].reason


@pytest.mark.parametrize("word", ["silent", "reset-after", "half", "half-line", "garbage", "html"])
def test_no_whole_answer_after_the_body_is_unknown(sendgrid, transport, word):
    sendgrid.behave(word)
    outcomes = transport.hand_over(SmallMailing(), readers(3))
    # SendGrid did take them, and we say that we cannot know
    assert all_are(Unknown, outcomes)
    assert len(sendgrid.copies) == 3
    assert sendgrid.requests == [3]


@pytest.mark.parametrize("status", [500, 502, 503, 504, 201])
def test_an_answer_that_leaves_it_open_is_unknown_and_never_repeated(sendgrid, transport, status):
    sendgrid.behave(str(status))
    outcomes = transport.hand_over(SmallMailing(), readers(3))
    assert all_are(Unknown, outcomes)
    assert sendgrid.requests == [3]


def test_a_500_after_accepting_is_unknown_too(sendgrid, transport):
    sendgrid.behave("500-after")
    assert all_are(Unknown, transport.hand_over(SmallMailing(), readers(3)))
    assert len(sendgrid.copies) == 3


def test_a_slow_answer_within_the_limit_is_accepted(sendgrid):
    sendgrid.behave("slow:0.3")
    transport = transport_to(sendgrid.url, limits=Limits(read=10.0))
    assert all_are(Accepted, transport.hand_over(SmallMailing(), readers(3)))


def test_the_deadline_of_the_hand_over_shortens_every_wait(sendgrid):
    sendgrid.behave("silent")
    transport = transport_to(sendgrid.url, deadline=0.5, limits=Limits())
    assert all_are(Unknown, transport.hand_over(SmallMailing(), readers(3)))


def test_the_next_batch_goes_out_after_a_lost_answer(sendgrid, transport):
    sendgrid.behave("reset-after")
    transport.hand_over(SmallMailing(), readers(3))
    assert all_are(Accepted, transport.hand_over(SmallMailing(), readers(3)))
