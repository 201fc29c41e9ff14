"""newsletter doctor, as an operator types it."""

import json
import threading
from pathlib import Path

import pytest

from newsletter.config import Config
from newsletter.runtime.doctor import rounds, verdicts
from tests.servers.processes import answer, settings


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return settings(tmp_path / "data")


def test_before_the_tables_are_made_it_says_which_command_makes_them(environment: dict[str, str]) -> None:
    result = answer("doctor", environment=environment)
    assert result.returncode == 1
    assert "newsletter db migrate" in result.stdout
    assert "wrong" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_commit_survives_a_power_cut_on_our_own_sqlite(environment: dict[str, str]) -> None:
    answer("db", "migrate", environment=environment)
    result = answer("doctor", "--only", "durability", "--only", "secret-files", "--json", environment=environment)
    assert result.returncode == 0, result.stdout
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(each["check"], each["state"]) for each in found] == [("durability", "ok"), ("secret-files", "ok")]
    assert set(found[0]) == {"check", "state", "evidence", "remedy"}


def test_a_check_that_is_none_names_the_nearest(environment: dict[str, str]) -> None:
    result = answer("doctor", "--only", "durabilty", environment=environment)
    assert result.returncode == 2
    assert "Did you mean durability?" in result.stderr


def test_no_secret_is_printed(environment: dict[str, str]) -> None:
    secrets = {"SMTP_URL": "smtp://user:hunter2@127.0.0.1:1", "NEWSLETTER_TRANSPORT": "smtp"}
    told = answer("doctor", environment={**environment, **secrets, "NEWSLETTER_SECRET_KEY": "k3y" * 20})
    assert "hunter2" not in told.stdout + told.stderr
    assert "k3yk3y" not in told.stdout + told.stderr


def test_a_check_that_hangs_holds_neither_the_round_nor_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    let_go = threading.Event()
    hangs = rounds.Check(lambda _: let_go.wait() and verdicts.bad("", ""), "hangs", network=True)
    monkeypatch.setitem(rounds.CHECKS, "hangs", hangs)
    monkeypatch.setattr(rounds, "SECONDS", 0.01)
    (verdict,) = rounds.go_round(Config(), only=["hangs"])
    (left,) = [each for each in threading.enumerate() if each.name == "doctor"]
    assert verdict.evidence.startswith("No answer within")
    assert left.daemon  # Python waits for all others when it ends
    let_go.set()
    left.join()
