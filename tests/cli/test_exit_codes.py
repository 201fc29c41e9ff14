"""Exit codes by the table, and one clear line for each kind of failure."""

import io
import os
import subprocess
import sys

import click
import pytest

from newsletter import config
from newsletter.cli import COMMANDS, main_group
from newsletter.cli.base import run
from newsletter.deliveries import epoch, plan
from newsletter.editions import draft
from newsletter.editions.models import Edition
from newsletter.errors import Exit
from newsletter.newsletters.models import Staff
from newsletter.subscribers.models import Subscriber, Suppression
from newsletter.tracking import life
from tests import builders

pytestmark = pytest.mark.django_db


def check(terminal, code, said, *arguments):
    assert terminal(*arguments) == code, terminal.err
    assert terminal.out == ""
    first, *more = terminal.err.splitlines()
    assert first.startswith("error: ")
    assert said in first
    assert len(more) <= 1, more
    assert not more or more[0].startswith("  try: ")


@pytest.mark.parametrize(
    "arguments",
    [
        ("edition", "show", 99),
        ("edition", "preview", 99),
        ("edition", "approve", 99),
        ("edition", "schedule", 99),
        ("edition", "audit", 99, "--json"),
        ("edition", "audit", 10**30),
        ("edition", "cancel", 0, "--yes"),
        ("delivery", "list", "--edition", 99, "--json"),
        ("delivery", "list", "--edition", 10**30),
        ("batch", "list", "--edition", 99),
    ],
)
def test_an_edition_that_is_not_there_is_a_usage_error(terminal, arguments):
    number = next(each for each in arguments if isinstance(each, int))
    check(terminal, Exit.USAGE, f"There is no edition {number}.", *arguments)


@pytest.mark.parametrize(
    ("said", "arguments"),
    [
        ("There is no delivery 99", ("delivery", "show", 99)),
        ("There is no batch 99", ("batch", "show", 99)),
        ("There is no staff member x@example.org", ("staff", "role", "x@example.org", "admin")),
        ("nobody is no address", ("staff", "add", "nobody")),
        ("Nobody is known by ada@example.org", ("subscriber", "show", "ada@example.org")),
        ("must have an @-sign", ("subscriber", "show", "nobody")),
        ("There is no setting tranport. Did you mean transport?", ("config", "show", "tranport")),
        ("There is no newsletter yet", ("edition", "compose")),
        ("There is no newsletter yet", ("show",)),
        ("There is no newsletter yet", ("subscriber", "add", "ada@example.org")),
        ("There is no newsletter x", ("edition", "list", "--newsletter", "x")),
    ],
)
def test_what_is_not_there_is_a_usage_error(terminal, said, arguments):
    check(terminal, Exit.USAGE, said, *arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("edition",),
        ("edition", "shwo"),
        ("edition", "show"),
        ("edition", "show", "x"),
        ("edition", "show", "1", "--nonsense"),
        ("edition", "compose", "--special", "--days", "0"),
        ("edition", "compose", "--special", "--days", "999999999"),
        ("staff", "role", "x@example.org", "emperor"),
        ("subscriber", "import", "/nonexistent.csv"),
    ],
)
def test_what_cannot_be_parsed_is_a_usage_error(terminal, arguments):
    assert terminal(*arguments) == Exit.USAGE
    assert "Traceback" not in terminal.err


def test_of_several_newsletters_one_has_to_be_named(terminal, newsletter):
    builders.make_newsletter("Another")
    check(terminal, Exit.USAGE, "There are several newsletters; name one.", "edition", "compose")
    check(terminal, Exit.USAGE, "name one", "subscriber", "add", "ada@example.org")
    assert terminal("subscriber", "add", "ada@example.org", "--newsletter", "another") == 0


def test_nothing_to_compose_is_refused(terminal, newsletter):
    check(terminal, Exit.REFUSED, "No new story was published", "edition", "compose")


def test_scheduling_without_readers_is_refused(terminal, newsletter):
    builders.scheduled_edition(newsletter)
    pk = Edition.objects.get().pk
    check(terminal, Exit.REFUSED, "has no reader who can be mailed", "edition", "schedule", pk, "--now", "--yes")


def test_scheduling_a_draft_is_refused_before_anybody_is_asked(terminal, newsletter):
    builders.add_readers(newsletter, 1)
    builders.make_article("Story")
    pk = draft.compose_special(newsletter).edition.pk
    check(terminal, Exit.REFUSED, f"Edition {pk} is draft", "edition", "schedule", pk, "--now")


def test_scheduling_says_what_keeps_it_from_going_out(terminal, edition):
    schedule = ("edition", "schedule", edition.pk, "--now", "--yes")
    assert terminal(*schedule) == Exit.OK
    assert terminal.err.splitlines()[-1] == (
        "But nobody works: no worker gives a sign of life. Next: newsletter up, or `run beat` and `run worker`"
    )
    life.sign()
    assert terminal(*schedule) == Exit.OK
    assert "But" not in terminal.err
    epoch.lock("It was restored.")
    assert terminal(*schedule) == Exit.OK
    assert terminal.err.splitlines()[-1].startswith("But sending is locked. It was restored.")
    assert "newsletter unlock --reason" in terminal.err.splitlines()[-1]


@pytest.mark.parametrize("verb", ["schedule", "cancel"])
def test_what_mails_or_ends_is_refused_where_nobody_can_answer(terminal, edition, verb, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    before = Edition.objects.values().get()
    check(terminal, Exit.REFUSED, "Nobody is there to answer", "edition", verb, edition.pk)
    assert "Add --yes if you mean it." in terminal.err
    assert Edition.objects.values().get() == before
    assert terminal("edition", verb, edition.pk, "--yes") == 0


def test_the_question_counts_the_readers(terminal, edition, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert terminal("edition", "schedule", edition.pk) == Exit.REFUSED
    assert "to 2 readers at" in terminal.err


def test_who_may_not_send_is_refused(terminal, edition):
    Staff.objects.create(email="ed@example.org", role="editor")
    check(terminal, Exit.REFUSED, "may not send", "edition", "cancel", edition.pk, "--yes", "--as", "ed@example.org")
    check(terminal, Exit.USAGE, "no staff member", "edition", "cancel", edition.pk, "--yes", "--as", "x@example.org")
    assert Edition.objects.get().status == "scheduled"


@pytest.mark.parametrize("at", ["tomorrow", "9999-12-31T23:59", ""])
def test_a_time_that_is_none_is_a_usage_error(terminal, edition, at):
    assert terminal("edition", "schedule", edition.pk, "--yes", "--at", at) == Exit.USAGE
    assert Edition.objects.get().send_at == edition.send_at


def test_now_and_a_time_contradict_each_other(terminal, edition):
    arguments = ("--now", "--at", "2026-11-26T07:00", "--yes")
    check(terminal, Exit.USAGE, "not both", "edition", "schedule", edition.pk, *arguments)


def test_lines_refused_by_an_import_make_it_partly_done(terminal, newsletter, tmp_path):
    file = tmp_path / "readers.csv"
    file.write_text("email,name\nada@example.org,Ada\nnonsense,\n")
    assert terminal("subscriber", "import", file) == Exit.PARTLY
    assert "line 3: An email address must have an @-sign" in terminal.err
    assert Subscriber.objects.get().email == "ada@example.org"
    file.write_text("email,name\nada@example.org,Ada\n")
    assert terminal("subscriber", "import", file) == Exit.OK
    file.write_text("nothing\n")
    check(terminal, Exit.USAGE, "no column called email", "subscriber", "import", file)


def test_a_dry_run_says_that_nothing_was_changed_though_lines_are_refused(terminal, newsletter, tmp_path):
    file = tmp_path / "readers.csv"
    file.write_text("email,name\nada@example.org,Ada\nnonsense,\n")
    assert terminal("subscriber", "import", file, "--dry-run") == Exit.PARTLY
    assert terminal.err.splitlines()[-1] == "error: 1 of 2 lines would be refused; nothing was changed."
    assert not Subscriber.objects.exists()


@pytest.mark.parametrize("address", ["file:///x", "ftp://example.org/feed.rss", "not a url", "https://"])
@pytest.mark.parametrize("command", [("preview",), ("feed", "check"), ("feed", "add")])
def test_what_is_no_web_address_is_a_usage_error(terminal, command, address, monkeypatch):
    monkeypatch.setattr(config, "_flags", {})
    check(terminal, Exit.USAGE, "is not a web address", *command, address)
    config.current.cache_clear()


def test_an_import_may_come_through_a_pipe(terminal, newsletter, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen([sys.executable, "-c", f"open({str(pipe)!r}, 'w').write('email\\nada@example.org\\n')"]):
        assert terminal("subscriber", "import", pipe) == Exit.OK
    assert Subscriber.objects.get().email == "ada@example.org"


def test_adding_a_reader_who_left_or_is_suppressed_is_refused(terminal, newsletter):
    assert terminal("subscriber", "add", "ada@example.org") == 0
    assert terminal("subscriber", "unsubscribe", "ADA@example.org") == 0
    check(terminal, Exit.REFUSED, "only that reader can come back", "subscriber", "add", "ada@example.org")
    Suppression.objects.create(address_key=Subscriber.objects.get().address_key, reason="manual")
    check(terminal, Exit.REFUSED, "must not be mailed", "subscriber", "add", "ada@example.org")


def test_a_preview_that_cannot_be_written_is_a_usage_error(terminal, edition, tmp_path):
    target = tmp_path / "none" / "x.html"
    check(terminal, Exit.USAGE, "cannot be written", "edition", "preview", edition.pk, "--out", target)


def test_an_audit_that_does_not_balance_fails(terminal, edition):
    plan.begin_due()
    while plan.plan_next(batch_size=3):
        pass
    assert terminal("edition", "audit", edition.pk) == Exit.OK
    assert terminal.out.endswith("Balanced.\n")
    Edition.objects.update(planned=5)
    assert terminal("edition", "audit", edition.pk) == Exit.FAILURE
    assert terminal.out.endswith("It does not balance.\n")
    assert terminal("edition", "audit", edition.pk, "--json") == Exit.FAILURE
    assert terminal.object["balanced"] is False


def test_a_status_that_no_copy_has_is_a_usage_error(terminal, edition):
    arguments = ("delivery", "list", "--edition", edition.pk, "--status", "unknwon")
    check(terminal, Exit.USAGE, "Did you mean unknown?", *arguments)


def test_bytes_that_are_no_text_are_a_usage_error(terminal, edition):
    code = terminal("subscriber", "add", "ada@example.org", "--name", "ok", "--newsletter", "the-meridian")
    assert code == 0
    Edition.objects.update(status="draft")
    check(terminal, Exit.USAGE, "bytes that are no text", "edition", "set", edition.pk, "--subject", "x\udcff")


def test_an_interrupt_is_130(capsys):
    @click.command()
    def interrupted():
        raise KeyboardInterrupt

    assert run(interrupted, []) == 130
    assert "Interrupted." in capsys.readouterr().err


def test_a_bug_is_not_hidden():
    @click.command()
    def buggy():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(buggy, [])


def process(tmp_path, *arguments, **environment):
    kept = {"PATH": os.environ["PATH"], "NEWSLETTER_CONFIG": os.devnull, "NEWSLETTER_DATA_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "newsletter", *arguments]
    return subprocess.run(command, env={**kept, **environment}, capture_output=True, text=True, timeout=60, check=False)


def test_a_database_without_tables_says_how_to_make_them(tmp_path):
    done = process(tmp_path, "status")
    assert done.returncode == Exit.CONFIG
    assert done.stderr.splitlines()[0].startswith("error: The database is not set up for this version")
    assert done.stderr.splitlines()[1] == "  try: newsletter db migrate"


def test_a_folder_without_an_installation_does_not_become_an_empty_one(tmp_path):
    done = process(tmp_path, "status", NEWSLETTER_CONFIG="")  # and none in this folder
    assert done.returncode == Exit.CONFIG
    assert done.stderr.splitlines()[0] == f"error: There is nothing in {tmp_path} yet."
    assert "newsletter init" in done.stderr.splitlines()[1]
    assert "--data-dir" in done.stderr.splitlines()[1]


@pytest.mark.parametrize(("typed", "meant"), [("statsu", "status"), ("edition compse", "compose")])
def test_a_mistyped_command_is_answered_with_the_nearest(typed, meant, capsys):
    assert run(main_group, typed.split()) == Exit.USAGE
    assert f"No such command '{typed.split()[-1]}'. Did you mean {meant}?" in capsys.readouterr().err


def test_a_file_that_is_no_database_is_one_line(tmp_path):
    (tmp_path / "newsletter.sqlite3").write_text("this is no database, and long enough to be looked at\n" * 50)
    done = process(tmp_path, "status")
    assert done.returncode == Exit.UNREACHABLE
    assert "Traceback" not in done.stderr


def test_a_setting_that_cannot_be_used_is_3_for_every_command(tmp_path):
    for arguments in (["status"], ["config", "show"], ["db", "migrate"]):
        done = process(tmp_path, *arguments, NEWSLETTER_TRANSPORT="pigeon")
        assert done.returncode == Exit.CONFIG
        assert len(done.stderr.splitlines()) == 1


def test_a_reader_of_the_output_who_goes_away_is_no_traceback(tmp_path):
    command = f"{sys.executable} -m newsletter config example | head -1"
    kept = {"PATH": os.environ["PATH"], "NEWSLETTER_CONFIG": os.devnull}
    done = subprocess.run(command, shell=True, env=kept, capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr == ""


DJANGO_FREE = (
    ["--help"],
    ["-h"],
    ["--version"],
    ["version"],
    ["config", "show"],
    ["config", "example"],
    ["edition", "--help"],
)


def test_help_and_settings_answer_without_loading_django(tmp_path):
    code = (
        "import sys; from newsletter.cli import main_group; from newsletter.cli.base import run;"
        f"codes = [run(main_group, list(a)) for a in {DJANGO_FREE!r}];"
        "loaded = [m for m in ('django', 'celery', 'lxml', 'requests') if m in sys.modules];"
        "sys.exit(f'{codes} {loaded}' if any(codes) or loaded else 0)"
    )
    kept = {"PATH": os.environ["PATH"], "NEWSLETTER_CONFIG": os.devnull}
    done = subprocess.run(
        [sys.executable, "-c", code], env=kept, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", sorted(COMMANDS.keys() - {"manage"}))  # whose help is Django's
def test_every_command_explains_itself(terminal, name):
    assert terminal(name, "--help") == 0
    assert "Usage: newsletter" in terminal.out
    group = main_group.get_command(click.Context(main_group), name)
    for verb, command in getattr(group, "commands", {}).items():
        assert terminal(name, verb, "--help") == 0
        assert command.help, f"{name} {verb}"
