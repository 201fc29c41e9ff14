"""Who froze in a hand-over and thaws when its time is over writes nothing more: somebody may have decided since."""

import pytest

from newsletter import clock
from newsletter.transports.base import Accepted, Rejected
from newsletter.transports.sendgrid_client import NotSent, _Connection, client_for
from newsletter.transports.smtp_session import Session
from tests.fakes.smtp import read_log
from tests.transports.mailing import SmallMailing, readers
from tests.transports.test_stand_ins import good_request


@pytest.fixture
def frozen(monkeypatch):
    """Call it and two minutes pass at once."""
    passed: list[float] = []
    ticking = clock.ticking
    monkeypatch.setattr(clock, "ticking", lambda: ticking() + sum(passed))
    return lambda: passed.append(120.0)


@pytest.fixture(params=["in turn", "pipelined"])
def session(request, smtp_server):
    """The commands one by one and all at once (RFC 2920)."""
    if request.param == "pipelined":
        smtp_server.extensions.append("PIPELINING")


@pytest.mark.parametrize("at", range(3))
@pytest.mark.usefixtures("session")
def test_by_smtp_neither_the_message_nor_its_dot_is_written_after_the_deadline(
    smtp_server, smtp, frozen, monkeypatch, at
):
    # Given a worker that freezes before the envelope, the message or the dot of its first copy
    real, steps = Session._wait_at_most, []

    def waiting(self, seconds):
        steps.append(seconds)
        if len(steps) == [1, marks["message"], marks["dot"]][at]:
            frozen()
        return real(self, seconds)

    pipelined = "PIPELINING" in smtp_server.extensions
    # Waits before writes and replies: 4 for the envelope at once, 6 one by one; then the message, then the dot
    marks = {"message": 5, "dot": 6} if pipelined else {"message": 7, "dot": 8}
    monkeypatch.setattr(Session, "_wait_at_most", waiting)
    outcomes = smtp.hand_over(SmallMailing(), readers(3))
    # Then nobody was mailed, and the ledger may offer all of them again
    assert [type(outcome) for outcome in outcomes] == [Rejected] * 3
    assert all(outcome.not_before and not outcome.stop for outcome in outcomes)
    smtp.close()
    assert smtp_server.mails == []


def test_by_smtp_an_answer_that_lies_there_already_is_still_read(smtp_server, smtp, frozen, monkeypatch):
    real = Session._end_of_message

    def after_the_dot(self, following):
        getreply = self._smtp.getreply
        self._smtp.getreply = lambda: (frozen(), getreply())[1]
        return real(self, following)

    monkeypatch.setattr(Session, "_end_of_message", after_the_dot)
    assert isinstance(smtp.hand_over(SmallMailing(), readers(1))[0], Accepted)


def test_to_sendgrid_no_request_is_begun_after_the_deadline(sendgrid, tmp_path):
    client = client_for(sendgrid.key, sendgrid.url)
    for seconds in (0, -0.001, -3600):
        assert client.post(good_request(), seconds) == NotSent("there was no time left")
    assert read_log(tmp_path / "accepted.jsonl") == []


@pytest.mark.parametrize("part", ["head", "body"])
def test_to_sendgrid_no_request_is_finished_after_the_deadline(sendgrid, frozen, monkeypatch, tmp_path, part):
    # Given a worker that freezes before it writes the request's head, or between that and its body
    real, written = _Connection.send, []

    def send(self, data):
        written.append(data)
        if len(written) == (1 if part == "head" else 2):
            frozen()
        return real(self, data)

    monkeypatch.setattr(_Connection, "send", send)
    reply = client_for(sendgrid.key, sendgrid.url).post(good_request(), 60)
    assert reply == NotSent("there was no time left")
    assert read_log(tmp_path / "accepted.jsonl") == []
