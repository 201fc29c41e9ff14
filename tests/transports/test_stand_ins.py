"""The stand-ins are strict, keep the truth on disk, and run as processes of their own."""

import copy
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from newsletter.transports import sendgrid_payload
from newsletter.transports.base import Accepted, Unknown
from newsletter.transports.smtp import SmtpTransport
from newsletter.transports.smtp_server import server_from
from tests.fakes import sendgrid, smtp
from tests.fakes.sendgrid_rules import faults
from tests.transports.conftest import transport_to
from tests.transports.mailing import SmallMailing, readers


@contextmanager
def process(module, *arguments) -> Iterator[str]:
    """A stand-in as a process of its own; gives its address."""
    command = [sys.executable, "-m", module.__name__, *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        try:
            yield child.stdout.readline().strip()
        finally:
            child.terminate()


def good_request():
    parts = [sendgrid_payload.Personalizer(SmallMailing()).part(each) for each in readers(2)]
    return copy.deepcopy(sendgrid_payload.body(SmallMailing(), parts))


def changed(change):
    request = good_request()
    change(request)
    return faults(request)


def test_a_good_request_has_no_faults():
    assert faults(good_request()) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda r: r.pop("from"), "from.email"),
        (lambda r: r.update(subject=""), "subject"),
        (lambda r: r.pop("content"), "content"),
        (lambda r: r["content"].reverse(), "content"),
        (lambda r: r.update(personalizations=[]), "personalizations"),
        (lambda r: r.update(personalizations=r["personalizations"] * 501), "personalizations"),
        (lambda r: r.update(surprise=1), "surprise"),
        (lambda r: r["headers"].update({"Reply-To": "x"}), "headers.Reply-To"),
        (lambda r: r["tracking_settings"]["ganalytics"].update(enable="no"), "tracking_settings.ganalytics.enable"),
        (lambda r: r["personalizations"][1].update(to=r["personalizations"][0]["to"]), "personalizations.1.to"),
        (lambda r: r["personalizations"][1]["to"][0].update(email="x@é.example"), "personalizations.1.to.0.email"),
        (lambda r: r["personalizations"][1]["to"][0].update(name="a;b"), "personalizations.1.to.0.name"),
        (lambda r: r["personalizations"][1].update(custom_args={}), "personalizations.1.custom_args"),
        (lambda r: r["personalizations"][1]["custom_args"].update(n=1), "personalizations.1.custom_args"),
        (lambda r: r["personalizations"][1]["substitutions"].update(n="x" * 9_999), "personalizations.1.substitutions"),
        (lambda r: r["personalizations"][1]["headers"].update({"X": "a\r\nb"}), "personalizations.1.headers.X"),
    ],
)  # fmt: skip
def test_the_stand_in_refuses_what_sendgrid_refuses(change, field):
    assert field in [name for name, _ in changed(change)]


def test_sendgrid_runs_as_a_process_and_logs_what_it_accepted(tmp_path):
    log = tmp_path / "accepted.jsonl"
    with process(sendgrid, "--log", log, "--script", "500-after,ok") as url:
        first = transport_to(url).hand_over(SmallMailing(), readers(1))
        second = transport_to(url).hand_over(SmallMailing(attempt=2), readers(1))
    assert [type(outcome) for outcome in first + second] == [Unknown, Accepted]
    assert [(line["reference"], line["batch"], line["attempt"]) for line in sendgrid.read_log(log)] == [
        ("00000000000000e1.1", "00000000000000b1", "1"),
        ("00000000000000e1.1", "00000000000000b1", "2"),
    ]


def test_smtp_runs_as_a_process_and_logs_what_it_accepted(tmp_path):
    log = tmp_path / "accepted.jsonl"
    with process(smtp, "--log", log) as url:
        transport = SmtpTransport(server_from(url))
        outcomes = transport.hand_over(SmallMailing(), readers(2))
        transport.close()
    assert [type(outcome) for outcome in outcomes] == [Accepted, Accepted]
    assert [line["reference"] for line in smtp.read_log(log)] == ["00000000000000e1.1", "00000000000000e1.2"]
