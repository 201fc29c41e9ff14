"""newsletter event … and edition report, on the command line."""

import json
import sys

import pytest

from newsletter.cli import main_group
from newsletter.cli.base import run
from newsletter.deliveries.models import Delivery
from newsletter.newsletters.models import AuditEntry
from newsletter.subscribers import suppression
from newsletter.subscribers.models import Subscriber, Suppression
from newsletter.tracking import policy
from newsletter.tracking.models import Event
from newsletter.transports.memory import MemoryTransport
from tests import builders
from tests.deliveries.conftest import newsletter, planned, sent
from tests.fakes.sendgrid_webhook import event
from tests.tracking.nights import nightly
from tests.tracking.told import happens, told
from tests.transports.conftest import sendgrid
from tests.webhooks.conftest import args_of

__all__ = ["newsletter", "nightly", "planned", "sendgrid", "sent"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def copies(newsletter, sent):
    builders.add_readers(newsletter, 3)
    sent(builders.scheduled_edition(newsletter), MemoryTransport(batch_size=3))
    return list(Delivery.objects.select_related("edition", "batch").order_by("pk"))


def told_json(capsys, *arguments):
    capsys.readouterr()
    assert run(main_group, arguments) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("form", ["one list", "a list a line", "an event a line", "pretty"])
def test_a_file_of_events_has_its_effect_once(copies, tmp_path, capsys, form):
    events = [event(args_of(copy), "delivered") for copy in copies] + [event({}, "delivered")]
    texts = {
        "one list": json.dumps(events),
        "a list a line": "\n".join(json.dumps([each]) for each in events),
        "an event a line": "\n".join(json.dumps(each) for each in events) + "\n\n",
        "pretty": json.dumps(events, indent=2),
    }
    file = tmp_path / "events.json"
    file.write_text(texts[form])
    first = told_json(capsys, "event", "replay", str(file), "--json")
    assert (first["new"], first["applied"], first["foreign"]) == (3, 3, 1)
    again = told_json(capsys, "event", "replay", str(file), "--json")
    assert (again["new"], again["applied"], again["known"]) == (0, 0, 3)
    assert set(Delivery.objects.values_list("status", flat=True)) == {"delivered"}


def in_pieces(events):
    """Whole lines, and between them what spoils a file: by name, the text and how much of it cannot be read."""
    lines = [json.dumps(each) for each in events]
    body = "[" + ",\r\n".join(lines) + "]\r\n"  # as SendGrid writes it
    cut = body[: body.index(lines[-1]) + 60]
    return {
        "a cut line first": ("\n".join([lines[0][:60], *lines]), 1),
        "a cut line last": ("\n".join([*lines, lines[0][:60]]), 1),
        "a line of the proxy's": ("\n".join([json.dumps(events[:1]), "# proxy restarted", *lines[1:]]), 1),
        "two that are broken": ("\n".join([*lines[:2], "{broken}", "{also broken}", *lines[2:]]), 2),
        "body after body": (body + body, 0),
        "a body that is cut": (lines[-1] + "\n" + cut, 2),
        "not its bytes": ("\n".join([*lines, '{"event": 1}', "7"]), 2),
    }


def test_what_cannot_be_read_is_counted_and_costs_no_other_event(copies, tmp_path, capsys):
    file = tmp_path / "events.json"
    for spoilt, (text, unreadable) in in_pieces([event(args_of(copy), "delivered") for copy in copies]).items():
        Event.objects.all().delete()
        file.write_text(text)
        code = run(main_group, ["event", "replay", str(file), "--json"])
        found = json.loads(capsys.readouterr().out)
        assert (spoilt, found["new"], found["unreadable"]) == (spoilt, 3, unreadable)
        assert code == (6 if unreadable else 0)


def test_a_list_may_be_longer_than_a_request(copies, tmp_path, capsys):
    many = [event(args_of(copies[0]), "delivered", timestamp=1_780_000_000)] * 10_001
    file = tmp_path / "events.json"
    file.write_text(json.dumps(many))
    found = told_json(capsys, "event", "replay", str(file), "--json")
    assert (found["new"], found["known"]) == (1, 10_000)


@pytest.mark.parametrize("text", ["", "\n", "no events", "<html>", "7", "[", "{"])
def test_a_file_that_holds_no_events_is_told(db, tmp_path, capsys, text):
    file = tmp_path / "events.json"
    file.write_text(text)
    assert run(main_group, ["event", "replay", str(file)]) == 2
    assert "holds no events" in capsys.readouterr().err


def test_status_tells_what_waits_and_what_was_refused(copies, capsys):
    happens(told(copies[0], "delivered"))
    facts = told_json(capsys, "event", "status", "--json")
    assert (facts["waiting"], facts["parked"], facts["held"]) == (0, 0, 0)
    assert facts["last_received_at"]
    assert run(main_group, ["event", "status"]) == 0


def test_reconcile_tells_what_it_read_and_what_differs(copies, terminal, nightly, sendgrid, monkeypatch):
    released = Subscriber.objects.get(email="reader1@example.org")
    Suppression.objects.create(address_key=released.address_key, reason="hard_bounce")
    suppression.release(released.address_key, None, "their server was down")
    listed = [{"email": f"reader{number}@example.org", "created": 1_780_000_000} for number in (0, 1)]
    sendgrid.asked.lists = {"bounces": listed[1:], "spam_reports": listed[:1]}
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert terminal("event", "reconcile") == 0
    assert "2 entries read" in terminal.err
    assert "2 entries we did not know" in terminal.err
    assert "1 address released here, and SendGrid still drops them" in terminal.err
    assert "  reader1@example.org" in terminal.err
    assert dict(Suppression.objects.values_list("reason", "note")).keys() == {"complaint"}
    assert terminal("event", "reconcile", "--json") == 0
    assert (terminal.object["new"], terminal.object["addresses"]) == (0, ["reader1@example.org"])
    assert terminal("event", "status", "--json") == 0
    assert terminal.object["lists"]["released"] == 1
    assert terminal("event", "status") == 0
    assert "released here and dropped there 1" in terminal.err


def test_reconcile_without_the_right_says_which(copies, terminal, nightly, sendgrid):
    sendgrid.asked.status = 403
    assert terminal("event", "reconcile") == 3
    assert "does not let this key read its suppression lists" in terminal.err


@pytest.mark.parametrize(("verdict", "suppressed"), [("--believe", 3), ("--disbelieve", 1)])
def test_a_person_decides_on_what_is_held(copies, capsys, monkeypatch, verdict, suppressed):
    monkeypatch.setattr(policy, "DOUBT_LEAST", 1)
    happens(*[told(copy, "bounce", "hard", words="unknown") for copy in copies])
    assert run(main_group, ["event", "held"]) == 0
    assert "unknown" in capsys.readouterr().out
    assert run(main_group, ["event", "held", verdict, "--yes"]) == 2  # no reason
    assert run(main_group, ["event", "held", verdict, "--reason", "asked their postmaster"]) == 5  # nobody to ask
    assert run(main_group, ["event", "held", verdict, "--reason", "asked their postmaster", "--yes"]) == 0
    assert Suppression.objects.count() == suppressed
    assert not Event.objects.exclude(state="applied").exists()
    assert AuditEntry.objects.filter(subject="held events").get().detail["events"] == 2


def test_a_report_comes_in_four_forms(copies, capsys):
    happens(told(copies[0], "delivered"))
    edition = str(copies[0].edition_id)
    facts = told_json(capsys, "edition", "report", edition, "--json")
    assert [stage["name"] for stage in facts["stages"]] == ["candidates", "planned", "accepted", "delivered"]
    outputs = []
    for form in ([], ["--csv"], ["--html"]):
        assert run(main_group, ["edition", "report", edition, *form]) == 0
        outputs.append(capsys.readouterr().out)
    assert "delivered" in outputs[0]
    assert outputs[1].startswith("part,name,count\r\n")
    assert outputs[2].startswith("<!DOCTYPE html>")
    assert run(main_group, ["edition", "report", "999"]) == 2
