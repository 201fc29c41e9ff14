"""An import that dies goes on where it stood; two at once do not (F-37)."""

import subprocess
import sys

import pytest

from newsletter import faults
from newsletter.errors import Refused
from newsletter.subscribers import importer
from newsletter.subscribers.models import Consent, Import, Subscriber, Subscription
from tests.servers.processes import answer, settings

DIES = """
import os, sys
from newsletter import faults
from newsletter.cli import main
passed = []
def die(name):
    passed.append(name)
    if passed.count("import.chunk_stored") == 2:
        os._exit(9)
faults.hook = die
sys.argv = ["newsletter", "subscriber", "import", sys.argv[1]]
sys.exit(main())
"""


@pytest.mark.road
def test_an_import_that_was_killed_goes_on(tmp_path):
    # Given an installation, and an import that is killed after two chunks of 5,000 records
    environment = settings(tmp_path / "data")
    assert answer("db", "migrate", environment=environment).returncode == 0
    add = ("add", "Weekly", "--sender", "desk@meridian.example", "--postal-address", "1 Harbour Street")
    assert answer(*add, environment=environment).returncode == 0
    file = tmp_path / "readers.csv"
    file.write_text("email\nnonsense\n" + "".join(f"reader{n}@example.org\n" for n in range(12_000)))
    died = subprocess.run([sys.executable, "-c", DIES, str(file)], env=environment, check=False, timeout=120)
    assert died.returncode == 9
    # When the same is started again
    again = answer("subscriber", "import", str(file), environment=environment)
    # Then it goes on, and says so; nobody is there twice or missing
    assert "line 10,001 was reached before" in again.stderr
    assert "12,000 active" in again.stderr
    assert again.returncode == 6
    assert "1 of 12,001 lines refused" in again.stderr


@pytest.mark.django_db
@pytest.mark.postgres
def test_two_processes_never_import_the_same_file_at_once(newsletter, tmp_path, monkeypatch):
    # Given an import, and a second one of the same file that gets ahead of it
    monkeypatch.setattr(importer, "CHUNK", 4)
    file = tmp_path / "readers.csv"
    file.write_text("email\n" + "".join(f"reader{n}@example.org\n" for n in range(12)))
    slow = importer.import_csv(file, newsletter, None)
    next(slow)
    fast = importer.import_csv(file, newsletter, None)
    next(fast)  # what the first has stored
    next(fast)
    # When the first takes its next chunk, it stops
    with pytest.raises(Refused, match="Another process is importing"):
        next(slow)
    # Then the second ends well
    assert list(fast)[-1].counts["added"] == 12
    assert Subscriber.objects.count() == Subscription.objects.count() == Consent.objects.count() == 12
    assert Import.objects.get().finished_at is not None


@pytest.mark.django_db
def test_a_changed_file_is_another_file(newsletter, tmp_path, monkeypatch):
    monkeypatch.setattr(importer, "CHUNK", 2)
    file = tmp_path / "readers.csv"
    file.write_text("email\na@example.org\nb@example.org\nc@example.org\n")
    next(importer.import_csv(file, newsletter, None))
    file.write_text("email\nd@example.org\ne@example.org\nc@example.org\n")
    result = list(importer.import_csv(file, newsletter, None))[-1]
    assert (result.counts["added"], result.resumed_at) == (3, 0)


@pytest.mark.django_db
def test_lines_that_made_no_reader_are_told_again_after_a_restart(newsletter, tmp_path, monkeypatch):
    from newsletter.subscribers import addresses
    from newsletter.subscribers.files import proposal
    from newsletter.subscribers.models import Suppression

    Suppression.objects.create(address_key=addresses.key("a@example.org"), reason="complaint")
    monkeypatch.setattr(importer, "CHUNK", 2)
    file = tmp_path / "readers.csv"
    file.write_text("email\na@example.org\nnonsense\nb@example.org\nc@example.org\n")
    next(importer.import_csv(file, newsletter, None))
    told = []
    *_, report = importer.take_in(proposal.propose(file), newsletter, None, tell=told.append)
    assert report.resumed_at == 2
    assert sorted((each.line, each.outcome) for each in told) == [(2, "suppressed"), (3, "refused")]
    assert report.adds_up


@pytest.fixture(autouse=True)
def _unhooked():
    assert faults.hook is faults._nothing
