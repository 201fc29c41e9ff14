"""A restored backup, or a copied database, sends nothing until a person says so; then it never repeats by guess."""

from unittest import mock

import pytest
from django.utils import timezone

from newsletter.deliveries import epoch, plan, send, status
from newsletter.deliveries.guard import Watchful
from newsletter.deliveries.limits import Turn
from newsletter.deliveries.models import Attempt, Batch, Delivery
from newsletter.editions.models import Edition
from newsletter.errors import ConfigError, Refused
from newsletter.newsletters.models import AuditEntry, Installation, Staff
from newsletter.transports.memory import accepted
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


class Guarded(Watchful):
    """The epoch alone, without a Redis."""

    def turn(self, transport):
        with mock.patch("newsletter.deliveries.limits.turn", return_value=Turn()):
            return super().turn(transport)


@pytest.fixture(autouse=True)
def data_dir(tmp_path, settings):
    settings.DATA_DIR = tmp_path


@pytest.fixture
def edition(newsletter, planned):
    builders.add_readers(newsletter, 9)
    return planned(builders.scheduled_edition(newsletter))


@pytest.fixture
def restored(edition, transport):
    """One batch of three went out; then the database went back to before it did."""
    assert epoch.fault() == ""
    assert send.send_next(transport, Guarded())
    batch = Batch.objects.get(status="done")
    Attempt.objects.all().delete()
    batch.deliveries.update(status="pending")
    Batch.objects.filter(pk=batch.pk).update(status="pending", accepted=0, finished_at=None)
    return edition


def test_an_untouched_database_sends(edition, transport):
    while send.send_next(transport, Guarded()):
        pass
    assert len(transport.copies) == 9
    assert epoch.fault() == ""


def test_a_restored_database_sends_nothing_and_says_why(restored, transport):
    assert "older than what was sent from it" in epoch.fault()
    assert not send.send_next(transport, Guarded())
    assert len(transport.copies) == 3


def test_what_one_machine_remembers_holds_for_all_of_them(restored, transport):
    # Given a machine that found out, and another one whose note is older than the backup
    assert not send.send_next(transport, Guarded())
    epoch._path().unlink()
    # Then that one sends nothing either, and so cannot make the first one forget
    assert "older than what was sent from it" in epoch.fault()
    assert not send.send_next(transport, Guarded())
    assert len(transport.copies) == 3
    # And one unlocking is enough
    epoch.unlock(None, "restored")
    assert epoch.fault() == ""


def test_asking_for_the_status_locks_nothing(restored):
    assert epoch.fault()
    epoch._path().unlink()
    assert epoch.fault() == ""


def test_a_machine_of_another_installation_locks_nothing_but_itself(edition, transport):
    send.send_next(transport, Guarded())
    Installation.objects.update(identity="f" * 32)
    Attempt.objects.all().delete()
    assert not send.send_next(transport, Guarded())
    epoch._path().unlink()
    assert epoch.fault() == ""


def test_a_restored_database_begins_no_edition(restored, newsletter):
    builders.make_article("Another", hours_ago=1)
    other = builders.scheduled_edition(builders.make_newsletter("Another Letter"))
    assert plan.begin_due(locked=epoch.fault()) == 0
    other.refresh_from_db()
    assert other.status == "scheduled"


def test_another_installations_database_sends_nothing(edition, transport):
    send.send_next(transport, Guarded())
    Installation.objects.update(identity="f" * 32)
    assert "another installation" in epoch.fault()
    assert not send.send_next(transport, Guarded())
    assert len(transport.copies) == 3


def test_unlocking_makes_unknown_what_may_have_gone_out(restored, transport):
    staff = Staff.objects.create(email="ops@example.org", role="admin")
    assert epoch.in_doubt() == epoch.Unlocked(unknown=9, held=0)
    # When a person unlocks
    assert epoch.unlock(staff, "restored Tuesday's backup").unknown == 9
    # Then nothing of it goes out again by guess, and the ledger balances
    while send.send_next(transport, Guarded()):
        pass
    assert len(transport.copies) == 3
    found = status.audit(restored)
    assert (found.balanced, found.counts.unknown) == (True, 9)
    entry = AuditEntry.objects.get(verb="unlock")
    assert (entry.staff, entry.detail["reason"]) == (staff, "restored Tuesday's backup")


def test_unlocking_holds_editions_that_should_have_begun(restored):
    Edition.objects.filter(pk=restored.pk).update(status="scheduled", send_at=timezone.now())
    assert epoch.unlock(None, "restored").held == 1
    restored.refresh_from_db()
    assert restored.status == "held"
    assert "may have gone out" in restored.status_reason


@pytest.mark.django_db(transaction=True)
def test_after_unlocking_new_editions_go_out(newsletter, planned, transport):
    # Given a machine that remembers more than its database
    builders.add_readers(newsletter, 3)
    Installation.objects.create(pk=1)
    epoch._write(epoch.Note(Installation.objects.get().identity, 1, 1000))
    assert epoch.fault()
    epoch.unlock(None, "restored")
    # Then the next edition goes out, on this machine and on one that still has the old note
    planned(builders.scheduled_edition(newsletter))
    assert send.send_next(transport, Guarded())
    epoch._write(epoch.Note(Installation.objects.get().identity, 1, 1000))
    assert epoch.fault() == ""
    assert Delivery.objects.filter(status="accepted").count() == 3


@pytest.mark.parametrize("text", ["", "[]", '{"identity": "x"}', "\0\0\0\0"])
def test_a_damaged_note_lets_nothing_be_sent_and_says_what_to_do(edition, transport, text):
    epoch._path().write_text(text)
    with pytest.raises(ConfigError, match="no longer knows what it sent last"):
        send.send_next(transport, Guarded())
    assert transport.copies == []


def test_unlocking_what_is_not_locked_is_refused(edition):
    with pytest.raises(Refused, match="Nothing is locked"):
        epoch.unlock(None, "just in case")


def test_the_note_is_written_before_the_first_byte(edition, transport):
    seen = []
    transport.answer = lambda reader: seen.append(epoch._read().attempt) or accepted(reader)
    send.send_next(transport, Guarded())
    assert set(seen) == {Attempt.objects.get().pk}


def test_what_a_colleague_hands_over_during_a_look_is_no_doubt(edition, transport, monkeypatch):
    # Given another process of this machine, which hands a batch over and notes it just before the note is read
    read = epoch._read

    def busy():
        assert send.send_next(transport)
        epoch.note(Attempt.objects.latest("pk"))
        return read()

    monkeypatch.setattr(epoch, "_read", busy)
    assert epoch.fault() == ""
