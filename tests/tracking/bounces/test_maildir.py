"""Reading a Maildir by command: what is printed, what is moved, and what people wrote stays."""

import json

import pytest

from newsletter.cli import main_group
from newsletter.cli.base import run
from newsletter.subscribers.models import Suppression
from newsletter.tracking.models import ReturnedMail
from tests.tracking.bounces import others, shapes
from tests.tracking.bounces.conftest import about, everything, seal

pytestmark = pytest.mark.django_db
UNKNOWN = shapes.postfix("550 5.1.1 User unknown", "5.1.1")


@pytest.fixture
def maildir(tmp_path, copies):
    """A bounce, a forged one, a reply, an automatic answer."""
    for name in ("new", "cur", "tmp"):
        (tmp_path / name).mkdir()
    mails = {
        "1.bounce": about(copies[0], UNKNOWN),
        "2.forged": UNKNOWN.encode(),
        "3.reply": about(copies[0], others.NOTHING["a reply"]),
        "4.away": about(copies[0], others.AUTOMATIC["out of office"]),
    }
    for name, mail in mails.items():
        (tmp_path / "new" / name).write_bytes(mail)
    return tmp_path


def files(maildir):
    return sorted(str(path.relative_to(maildir)) for path in maildir.rglob("*") if path.is_file())


def read(maildir, *options):
    return run(main_group, ["bounce", "read", "--maildir", str(maildir), *options])


def test_a_rehearsal_prints_one_object_a_message_and_changes_nothing(maildir, capsys):
    before, lying = everything(), files(maildir)
    assert read(maildir, "--dry-run", "--json") == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(each["file"], each["kind"], each["status"]) for each in found] == [
        ("1.bounce", "hard", "5.1.1"),
        ("2.forged", "hard", "5.1.1"),
        ("3.reply", "none", None),
        ("4.away", "autoreply", None),
    ]
    assert found[0]["address"] == "reader0@example.org"
    assert found[2]["address"] is None
    assert files(maildir) == lying
    assert everything() == before
    assert not ReturnedMail.objects.exists()


def test_reading_acts_moves_what_was_dealt_with_flags_what_is_forged_and_leaves_replies(maildir, capsys):
    assert read(maildir, "--json") == 0
    told = {each["file"]: each["outcome"] for each in map(json.loads, capsys.readouterr().out.splitlines())}
    assert told["1.bounce"] == "counted"
    assert told["2.forged"].startswith("quarantined unproven")
    assert (told["3.reply"], told["4.away"]) == ("person", "nothing")
    assert files(maildir) == ["cur/1.bounce:2,S", "cur/2.forged:2,F", "cur/4.away:2,S", "new/3.reply"]
    assert Suppression.objects.get().reason == "hard_bounce"


def test_reading_again_does_nothing_more(maildir, capsys):
    read(maildir)
    once, lying = everything(), files(maildir)
    capsys.readouterr()
    assert read(maildir) == 0
    assert "0 new messages read" in capsys.readouterr().err
    assert (everything(), files(maildir)) == (once, lying)


def test_a_folder_of_plain_files_is_read_and_nothing_in_it_moves(tmp_path, copies, capsys):
    (tmp_path / "a.eml").write_bytes(about(copies[0], UNKNOWN))
    (tmp_path / ".hidden").write_bytes(b"x")
    (tmp_path / "link").symlink_to("a.eml")
    assert read(tmp_path, "--json") == 0
    assert [json.loads(line)["file"] for line in capsys.readouterr().out.splitlines()] == ["a.eml"]
    assert files(tmp_path) == [".hidden", "a.eml", "link"]


def test_what_is_in_quarantine_is_shown_without_obeying_it_and_can_be_dismissed(tmp_path, copies, capsys):
    (tmp_path / "evil").write_bytes(
        about(copies[1], UNKNOWN).replace(seal(copies[1]).encode(), shapes.US.encode()) + b"\x1b[2J"
    )
    read(tmp_path)
    capsys.readouterr()
    pk = str(ReturnedMail.objects.get().pk)
    run(main_group, ["bounce", "list", "--quarantined"])
    run(main_group, ["bounce", "show", pk])
    shown = capsys.readouterr().out
    assert "unproven" in shown
    assert "User unknown" in shown
    assert "\x1b" not in shown
    assert run(main_group, ["bounce", "dismiss", pk]) == 0
    assert run(main_group, ["bounce", "dismiss"]) == 2
    row = ReturnedMail.objects.get()
    assert (row.outcome, row.head) == ("dismissed", None)


def test_a_folder_that_is_not_there_is_said_so(tmp_path, capsys):
    assert read(tmp_path / "nowhere", "--dry-run") == 2
    assert "There is no folder" in capsys.readouterr().err
