"""newsletter init: from an empty folder to a desk that somebody can sign in to."""

import stat
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.servers.processes import answer, settings

ANSWERS = {
    "--name": "The Weekly Meridian",
    "--site-url": "https://news.meridian.example",
    "--sender": "desk@meridian.example",
    "--transport": "outbox",
    "--schedule": "thursday 07:00 America/New_York",
    "--admin": "ada@meridian.example",
}


class Folder:
    """A folder on a new machine, where commands are typed; no setting is in the environment but where the data go."""

    def __init__(self, path: Path) -> None:
        self.path, self.file = path, path / "newsletter.toml"
        self.environment = settings(path / "data")
        for name in ("NEWSLETTER_CONFIG", "NEWSLETTER_SITE_URL"):
            self.environment.pop(name, None)

    def type(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return answer(*arguments, environment=self.environment, folder=self.path)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def flags(**other: str) -> list[str]:
    return [part for pair in {**ANSWERS, **other}.items() for part in pair]


def test_an_empty_folder_becomes_an_installation(folder: Folder) -> None:
    # When somebody answers all six questions
    first = folder.type("init", *flags())
    assert first.returncode == 0, first.stderr
    # Then there is a file that only they can read, with keys of its own
    assert stat.S_IMODE(folder.file.stat().st_mode) == 0o600
    written = tomllib.loads(folder.file.read_text())
    assert written["site_url"] == "https://news.meridian.example"
    assert len(written["secret_key"]) >= 50
    assert written["secret_key"] != written["address_key"]
    # and a link to the desk, and the newsletter; what is secret was not printed
    assert first.stdout.startswith("https://news.meridian.example/desk/login/")
    assert written["secret_key"] not in first.stdout + first.stderr
    shown = folder.type("show").stdout
    assert "Thursday 07:00 America/New_York" in shown


def test_a_second_time_changes_nothing(folder: Folder) -> None:
    folder.type("init", *flags())
    before = folder.file.read_bytes()
    again = folder.type("init", *flags(**{"--name": "Another", "--admin": "eve@meridian.example"}))
    assert again.returncode == 0
    assert again.stdout == ""
    assert folder.file.read_bytes() == before
    assert folder.type("list").stdout.count("\n") == 2
    assert "eve@" not in folder.type("staff", "list").stdout


def test_without_a_terminal_the_missing_answer_is_named(folder: Folder) -> None:
    result = folder.type("init")
    assert result.returncode == 5
    assert "--site-url … --name … --sender … --transport … --schedule … --admin …" in result.stderr
    assert not folder.file.exists()


@pytest.mark.parametrize(
    ("flag", "value", "code", "said"),
    [
        ("--site-url", "ftp://x", 3, "site_url"),
        ("--schedule", "someday 07:00 UTC", 2, "someday"),
        ("--schedule", "07:00", 2, "A weekday, a time and a zone"),
        ("--sender", "nobody", 2, "sender email"),
        ("--transport", "sendgrid", 3, "SENDGRID_API_KEY"),
        ("--admin", "nobody", 2, "no address"),
    ],
)
def test_an_answer_that_cannot_be_used_is_named_and_may_be_given_again(
    folder: Folder, flag: str, value: str, code: int, said: str
) -> None:
    result = folder.type("init", *flags(**{flag: value}))
    assert result.returncode == code, result.stderr
    assert said in result.stderr
    assert "Traceback" not in result.stderr
    assert folder.type("init", *flags()).returncode == 0


def test_keys_that_an_installation_has_already_stay_in_force(folder: Folder) -> None:
    # Given an installation that was started before anybody wrote a file
    folder.type("db", "migrate")
    folder.type("subscriber", "show", "ada@example.org")
    made = (folder.path / "data" / "keys" / "address_key").read_text()
    # When init writes one
    folder.type("init", *flags())
    # Then no other key is in it
    assert "address_key" not in tomllib.loads(folder.file.read_text())
    assert (folder.path / "data" / "keys" / "address_key").read_text() == made
