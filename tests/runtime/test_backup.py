"""A backup is a whole database, and a restored one sends nothing until somebody unlocks it."""

from pathlib import Path

import pytest

from tests.servers.processes import answer, settings

pytestmark = pytest.mark.road


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    environment = settings(tmp_path / "data")
    assert answer("db", "migrate", environment=environment).returncode == 0
    return environment


def run(*arguments: str, environment: dict[str, str], code: int = 0) -> str:
    result = answer(*arguments, environment=environment)
    assert result.returncode == code, result.stderr
    return result.stdout + result.stderr


def test_what_was_backed_up_comes_back(environment, tmp_path):
    # Given a backup, and a newsletter that was added after it
    file = tmp_path / "backup.sqlite3"
    add = ("add", "--sender", "desk@meridian.example", "--postal-address", "1 Harbour Street")
    run(*add, "Before", environment=environment)
    assert "keys" in run("db", "backup", str(file), environment=environment)
    run(*add, "After", environment=environment)
    # When it is restored
    run("db", "restore", str(file), "--yes", environment=environment)
    # Then the database is as it was
    listed = run("list", environment=environment)
    assert "before" in listed
    assert "after" not in listed
    # And locked, for machines too that remember nothing
    assert "The database was restored from backup.sqlite3." in run("status", environment=environment)
    assert run("db", "check", environment=environment)


def test_a_database_that_knows_less_than_this_machine_is_locked_until_somebody_says_so(environment):
    # Given a machine that remembers hand-overs its database does not have
    run("add", "Letter", "--sender", "a@b.example", "--postal-address", "1 Street", environment=environment)
    note = Path(environment["NEWSLETTER_DATA_DIR"]) / "epoch.json"
    note.write_text('{"identity": "x", "generation": 7, "attempt": 40}')
    assert "Sending is locked" in run("status", environment=environment)
    # When it is unlocked
    assert "Nobody is there to answer" in run("unlock", "--reason", "restored", environment=environment, code=5)
    run("unlock", "--reason", "restored Tuesday's backup", "--yes", environment=environment)
    # Then it may send again, and there is nothing to unlock
    assert "locked" not in run("status", environment=environment)
    run("unlock", "--reason", "again", "--yes", environment=environment, code=5)


def test_a_backup_overwrites_nothing(environment, tmp_path):
    (tmp_path / "mine").write_text("precious")
    assert "was not overwritten" in run("db", "backup", str(tmp_path / "mine"), environment=environment, code=2)
    assert (tmp_path / "mine").read_text() == "precious"


def test_what_is_no_backup_is_refused_and_nothing_is_lost(environment, tmp_path):
    (tmp_path / "letter.txt").write_text("Dear reader")
    refused = run("db", "restore", str(tmp_path / "letter.txt"), "--yes", environment=environment, code=2)
    assert "is no backup of this program" in refused
    assert run("db", "check", environment=environment)


def test_who_was_erased_since_the_backup_is_erased_in_it_again(environment, tmp_path):
    """T-23, and the reader's side of F-33."""
    # Given a backup that knows a reader, who is erased afterwards
    file = tmp_path / "backup.sqlite3"
    add = ("add", "Weekly", "--sender", "desk@meridian.example", "--postal-address", "1 Harbour Street")
    run(*add, environment=environment)
    run("subscriber", "add", "ada@example.org", environment=environment)
    run("db", "backup", str(file), environment=environment)
    run("subscriber", "erase", "ada@example.org", "--yes", environment=environment)
    # When it is restored
    said = run("db", "restore", str(file), "--yes", environment=environment)
    # Then they are erased at once, and said to be
    assert "1 reader erased since then was erased again" in said
    assert '"suppressed": "erased"' in run("subscriber", "show", "ada@example.org", "--json", environment=environment)
