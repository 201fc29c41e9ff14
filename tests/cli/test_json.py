"""What monitoring and scripts read: stable keys, one object a line, and nothing else on stdout."""

import json
import tomllib

import pytest

from newsletter.deliveries import plan, send
from newsletter.newsletters import people
from newsletter.subscribers.models import Subscriber, Suppression
from newsletter.transports.memory import MemoryTransport
from tests.cli import shapes
from tests.house import command_tree

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

COUNTS = {"planned", "pending", "sending", "accepted", "rejected", "skipped", "unknown"}
LATER = {"delivered", "bounced", "dropped", "complained"}
EDITION = {
    "id",
    "newsletter",
    "number",
    "kind",
    "status",
    "reason",
    "subject",
    "preheader",
    "send_at",
    "content_hash",
    "public_id",
}


@pytest.fixture
def sent(edition):
    plan.begin_due()
    while plan.plan_next(batch_size=3):
        pass
    while send.send_next(MemoryTransport(batch_size=3)):
        pass
    return edition


def test_status(terminal, sent):
    assert terminal("status", "--json") == 0
    (found,) = terminal.object["editions"]
    assert set(found) >= {"id", "newsletter", "status", *COUNTS, *LATER}
    assert (found["id"], found["newsletter"], found["planned"], found["accepted"]) == (sent.pk, "the-meridian", 2, 2)


def test_status_without_any_edition(terminal, db):
    assert terminal("status", "--json") == 0
    assert terminal.object["editions"] == []
    assert terminal("status") == 0
    assert "no edition yet" in terminal.err


def test_edition_audit(terminal, sent):
    assert terminal("edition", "audit", sent.pk, "--json") == 0
    found = terminal.object
    assert set(found) >= {"candidates", "excluded", "balanced", *COUNTS, *LATER}
    assert (found["candidates"], found["excluded"], found["accepted"], found["balanced"]) == (2, {}, 2, True)


def test_delivery_list(terminal, sent):
    Subscriber.objects.filter(email="reader0@example.org").update(email=None)
    assert terminal("delivery", "list", "--edition", sent.pk, "--json") == 0
    assert [set(each) for each in terminal.objects] == [{"id", "address", "status", "batch", "reason"}] * 2
    assert [each["address"] for each in terminal.objects] == [None, "reader1@example.org"]
    assert {each["status"] for each in terminal.objects} == {"accepted"}
    assert terminal("delivery", "list", "--edition", sent.pk, "--status", "rejected", "--json") == 0
    assert terminal.out == ""


def test_delivery_and_batch_show(terminal, sent):
    delivery, batch = sent.deliveries.first(), sent.batches.get()
    assert terminal("delivery", "show", delivery.pk, "--json") == 0
    assert set(terminal.object) >= {"id", "edition", "address", "status", "batch", "reason", "attempts"}
    assert terminal.object["attempts"][0]["outcome"]
    assert terminal("batch", "show", batch.pk, "--json") == 0
    assert set(terminal.object) >= {"id", "edition", "number", "status", "size", "attempts"}
    assert terminal("batch", "list", "--edition", sent.pk, "--json") == 0
    assert set(terminal.object) >= {"id", "number", "status", "size", "accepted", "unknown"}


def test_subscriber_show(terminal, edition):
    assert terminal("subscriber", "show", "READER0@example.org", "--json") == 0
    wanted = {
        "address": "reader0@example.org",
        "name": "Reader 0",
        "subscriptions": [{"newsletter": "the-meridian", "status": "active"}],
        "suppressed": None,
    }
    assert {name: terminal.object[name] for name in wanted} == wanted
    Suppression.objects.create(address_key=Subscriber.objects.earliest("pk").address_key, reason="complaint")
    assert terminal("subscriber", "show", "reader0@example.org", "--json") == 0
    assert terminal.object["suppressed"] == "complaint"


def test_edition_list_and_show(terminal, edition):
    assert terminal("edition", "list", "--json") == 0
    assert set(terminal.object) >= EDITION
    assert terminal("edition", "show", edition.pk, "--json") == 0
    found = terminal.object
    assert set(found) >= {*EDITION, "items"}
    assert len(found["items"]) == 3
    assert set(found["items"][0]) >= {"id", "section", "position", "dropped", "title", "url", "article", "reason"}


def test_newsletters(terminal, newsletter):
    assert terminal("list", "--json") == 0
    assert set(terminal.object) >= {"slug", "name", "schedule", "sender_email", "zone", "sections"}
    assert terminal("show", "--json") == 0
    assert terminal.object["slug"] == "the-meridian"


def test_staff_list(terminal, db):
    people.add("ada@example.org", "Ada", "sender")
    assert terminal("staff", "list", "--json") == 0
    assert terminal.object == {"email": "ada@example.org", "name": "Ada", "role": "sender", "active": True}


IMPORTED = {
    "added": 1,
    "present": 0,
    "left": 0,
    "suppressed": 0,
    "unsubscribed": 0,
    "barred": 0,
    "never": 0,
    "refused": [{"line": 3, "reason": "An email address must have an @-sign"}],
    "refused_count": 1,
    "refused_by_reason": {"An email address must have an @-sign": 1},
    "lines": 2,
    "adds_up": True,
    "dry_run": True,
}
IMPORT_KEYS = {"file", "source", "encoding", "people", "columns", "topics_left_out"}


def test_subscriber_import(terminal, newsletter, tmp_path):
    file = tmp_path / "readers.csv"
    file.write_text("email\nada@example.org\nnonsense\n")
    assert terminal("subscriber", "import", file, "--json", "--dry-run") == 6
    assert terminal.object | IMPORTED == terminal.object
    assert set(terminal.object) == set(IMPORTED) | IMPORT_KEYS
    assert not Subscriber.objects.exists()
    file.write_text("email\n")
    assert terminal("subscriber", "import", file, "--json") == 0
    assert (terminal.object["refused"], terminal.object["dry_run"], terminal.object["lines"]) == ([], False, 0)


def test_config_show(terminal):
    assert terminal("config", "show", "--json") == 0
    assert {"data_dir", "site_url", "database_url", "transport"} <= set(terminal.object)
    assert terminal.object["transport"] == {"value": "outbox", "source": "default"}
    assert terminal("config", "show", "site_url", "--json") == 0
    assert terminal.object == {
        "site_url": {"value": "https://news.example.org", "source": "environment NEWSLETTER_SITE_URL"}
    }


def test_the_example_of_a_configuration_can_be_used_as_it_is(terminal, tmp_path, monkeypatch):
    from newsletter import config

    odd = tmp_path / 'a "quoted" \\ folder'
    odd.mkdir()
    monkeypatch.chdir(odd)
    assert terminal("config", "example") == 0
    lines = terminal.out.splitlines()
    settings = [
        line.removeprefix("# ") for line in lines if line.startswith(tuple(f"# {name} =" for name in config.OPTIONS))
    ]
    assert set(tomllib.loads("\n".join(settings))) == set(config.OPTIONS)
    assert tomllib.loads(terminal.out) == {}
    (tmp_path / "newsletter.toml").write_text("\n".join(settings))
    read = config.load({"NEWSLETTER_CONFIG": str(tmp_path / "newsletter.toml")})
    default = config.load({"NEWSLETTER_CONFIG": "/dev/null"})
    assert {name: getattr(read, name) for name in config.OPTIONS} == {
        name: getattr(default, name) for name in config.OPTIONS
    }


def test_every_line_is_json_even_with_a_hostile_subject(terminal, edition):
    edition.subject = "a\u2028b\x9b31m\x1b]0;x\x07\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16")
    edition.save()
    assert terminal("edition", "list", "--json") == 0
    assert json.loads(terminal.out)["subject"] == edition.subject
    assert terminal.out.strip().isprintable()


def test_the_page_about_json_has_every_command_that_prints_it_and_no_other():
    """What any test prints as JSON is compared with the page by tests/conftest.py. An export is JSON unasked."""
    printing = [words for words, found in command_tree.leaves().items() if "--json" in command_tree.options(found)]
    assert sorted(shapes.promised()) == sorted([*printing, "subscriber export"])
    assert all(shapes.promised().values())


def test_a_key_too_many_a_key_too_few_and_another_type_are_seen():
    person = {"email": "ada@example.org", "name": "Ada", "role": "sender", "active": True}
    assert shapes.faults("staff list", person) == []
    for wrong in ({**person, "age": 3}, {**person, "active": "yes"}, {**person, "name": None}, {"email": "x"}):
        assert shapes.faults("staff list", wrong)
