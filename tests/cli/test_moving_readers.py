"""`subscriber import` and `export` at a terminal."""

import csv
import json
import stat

import pytest

from newsletter.newsletters.models import AuditEntry
from newsletter.subscribers import addresses
from newsletter.subscribers.models import Subscriber, Subscription, Suppression
from tests import builders
from tests.subscribers import exports


def test_mailchimps_files_come_together_and_the_table_adds_up(terminal, newsletter, tmp_path):
    people = {
        "subscribed": ["in@example.org", "nonsense", "=bad@"],
        "unsubscribed": ["out@example.org", "out2@example.org"],
        "cleaned": ["bad@example.org"],
        "nonsubscribed": ["never@example.org"],
    }
    files = exports.mailchimp(tmp_path, people)
    report = tmp_path / "refused.csv"
    assert terminal("subscriber", "import", *files, "--refused", report, "--map", "Interests=topics") == 6
    table = {line[:31].strip(): line[31:].split() for line in terminal.out.splitlines()[1:]}
    assert terminal.out.splitlines()[0].split()[-1] == "together"
    assert sorted(table["lines in the file"]) == ["1", "1", "2", "3", "7"]
    together = {name: int(cells[-1]) for name, cells in table.items()}
    assert together["lines in the file"] == together["added"] + together["refused"] + sum(
        together[name] for name in ("left there, kept as gone", "suppressed from now on", "never subscribed there")
    )
    assert "It adds up" in terminal.err
    assert "The Meridian has now: 1 active, 2 unsubscribed." in terminal.err
    # The report names each line that made no reader, harmless in a spreadsheet
    with report.open(encoding="utf-8-sig", newline="") as lines:
        told = [(row["line"], row["outcome"], row["address"]) for row in csv.DictReader(lines)]
    assert sorted(told) == [("2", "never", "never@example.org"), ("3", "refused", ""), ("4", "refused", "")]
    assert stat.S_IMODE(report.stat().st_mode) == 0o600


def test_each_file_is_told_with_how_it_is_read(terminal, newsletter, tmp_path):
    file = tmp_path / "lecteurs.csv"
    file.write_bytes("Courriel;Nom;Ville\njo@example.org;Jürgen;Köln\n".encode("cp1252"))
    assert terminal("subscriber", "import", file) == 2
    assert "--map COLUMN=email" in terminal.err
    assert terminal("subscriber", "import", file, "--map", "Courriel=email", "--map", "Nom=name", "--dry-run") == 0
    assert (
        "lecteurs.csv: a plain file, cp1252; email from Courriel, name from Nom; everybody is subscribed"
        in terminal.err
    )
    assert "not read: Ville" in terminal.err
    assert not Subscriber.objects.exists()


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--map", "nothing", "there is no = with"),
        ("--topic", "=x", "there is no = with"),
        ("--map", "email=shoe", "cannot be mapped to shoe"),
    ],
)
def test_an_option_that_cannot_be_read_is_a_usage_error(terminal, newsletter, tmp_path, option, value, said):
    file = tmp_path / "readers.csv"
    file.write_text("email\nada@example.org\n")
    assert terminal("subscriber", "import", file, option, value) == 2
    assert said in terminal.err
    assert not Subscriber.objects.exists()


def test_a_bad_file_among_several_stops_before_anything_is_stored(terminal, newsletter, tmp_path):
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("email\nada@example.org\n")
    bad.write_text("shoe\nsize\n")
    assert terminal("subscriber", "import", good, bad) == 2
    assert not Subscriber.objects.exists()


def test_the_report_never_overwrites_what_is_not_one(terminal, newsletter, tmp_path):
    file, other = tmp_path / "readers.csv", tmp_path / "precious.txt"
    file.write_text("email\nnonsense\n")
    other.write_text("precious")
    assert terminal("subscriber", "import", file, "--refused", other) == 2
    assert terminal("subscriber", "import", file, "--refused", file) == 2
    assert (other.read_text(), file.read_text()) == ("precious", "email\nnonsense\n")
    for _ in range(2):  # a report of the time before is renewed
        assert terminal("subscriber", "import", file, "--refused", tmp_path / "refused.csv") == 6


def test_a_list_of_suppressions_needs_no_newsletter(terminal, db, tmp_path):
    file = tmp_path / "list.csv"
    file.write_text("email\nada@example.org\n")
    assert terminal("subscriber", "import", file, "--people", "complaint") == 0
    assert Suppression.objects.get().reason == "complaint"


def test_readers_are_exported_to_a_file_of_ones_own_on_the_record(terminal, newsletter, tmp_path):
    builders.add_readers(newsletter, 2)
    target = tmp_path / "readers.csv"
    assert terminal("subscriber", "export", "--output", target) == 0
    assert "2 lines of the-meridian" in terminal.err
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert terminal("subscriber", "export", "--output", target) == 2
    assert "was not overwritten" in terminal.err
    assert AuditEntry.objects.get(verb="export").detail == {"count": 2}
    # and it can be imported again
    assert terminal("subscriber", "import", target, "--json") == 0
    assert (terminal.object["present"], terminal.object["source"]) == (2, "newsletter")


def test_an_export_goes_to_standard_output_line_by_line(terminal, newsletter):
    builders.add_readers(newsletter, 1)
    builders.add_readers(newsletter, 1, status="unsubscribed", first=5)
    assert terminal("subscriber", "export", "--format", "jsonl", "--status", "active") == 0
    assert json.loads(terminal.out)["email"] == "reader0@example.org"
    Suppression.objects.create(address_key=addresses.key("reader0@example.org"), reason="manual")
    assert terminal("subscriber", "export", "--suppressed") == 0
    assert '"reader0@example.org","manual"' in terminal.out


def test_who_left_comes_back_by_no_option(terminal, newsletter, tmp_path):
    builders.add_readers(newsletter, 1, status="unsubscribed")
    file = tmp_path / "readers.csv"
    file.write_text("email,status\nreader0@example.org,active\n")
    for extra in ([], ["--people", "subscribed"], ["--map", "status=-"]):
        assert terminal("subscriber", "import", file, *extra) == 0
    assert Subscription.objects.get().status == "unsubscribed"
