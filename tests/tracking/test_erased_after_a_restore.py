"""An older database that is put back does not bring back whom it had before they were erased (T-23)."""

import json
import stat
from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter.deliveries.models import Delivery
from newsletter.letters.models import Letter
from newsletter.subscribers import addresses, choices, consent, importer
from newsletter.subscribers.models import Consent, Release, Subscriber, Subscription, Suppression
from newsletter.tracking import address as known
from newsletter.tracking import erase, erase_log, erased
from newsletter.tracking.models import Erasure
from tests import builders

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
ADDRESS = "reader0@example.org"


@pytest.fixture(autouse=True)
def data_dir(tmp_path, settings):
    settings.DATA_DIR = tmp_path


@pytest.fixture
def newsletter(db):
    return builders.make_newsletter()


@pytest.fixture
def reader(newsletter):
    (subscription,) = builders.add_readers(newsletter, 1)
    return subscription.subscriber


def restore(newsletter, *, minutes_ago=60):
    """The database goes back to a time when the reader was there."""
    for model in (Consent, Delivery, Subscription, Subscriber, Suppression, Erasure):
        model._base_manager.all()._raw_delete("default")
    (subscription,) = builders.add_readers(newsletter, 1)
    then = timezone.now() - timedelta(minutes=minutes_ago)
    Subscriber.objects.filter(pk=subscription.subscriber_id).update(created_at=then)
    return Subscriber.objects.get()


def test_an_erasure_is_noted_outside_the_database_without_the_address(reader, tmp_path):
    erase.erase(reader)
    file = tmp_path / "erased.jsonl"
    assert json.loads(file.read_text())["key"] == addresses.key(ADDRESS)
    assert ADDRESS not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_nothing_that_they_said_or_that_was_said_of_them_stays(reader):
    key = addresses.key(ADDRESS)
    subscription = Subscription.objects.get()
    consent.remember(subscription, "active", Consent.Source.IMPORT, detail="ada.csv", network="203.0.113.0/24")
    choices.tell_why(subscription, "other", "I am Ada, and I have moved to Paris")
    Release.objects.create(address_key=key, was="hard_bounce", reason="Ada phoned")
    refused = {"status": "rejected", "reason": "550 5.1.1 reader0, formerly of Paris, is unknown"}
    Letter.objects.create(kind="welcome", dedupe_key="welcome:1", subscriber=reader, **refused)
    erase.erase(reader)
    assert set(Consent.objects.values_list("detail", "network")) == {("", ""), ("erased", "")}
    assert Release.objects.get().reason == ""
    assert Letter.objects.get().reason == "erased"


def test_whom_a_restored_backup_brought_back_is_erased_again(reader, newsletter):
    erase.erase(reader)
    back = restore(newsletter)
    assert erased.keep() == 1
    back.refresh_from_db()
    assert (back.email, back.name) == (None, "")
    assert Subscription.objects.get().status == "unsubscribed"
    assert known.of(ADDRESS)["suppressed"] == "erased"
    assert erased.keep() == 0


def test_a_file_cannot_revive_whom_a_backup_does_not_even_know(reader, newsletter, tmp_path):
    # Given a backup from before the reader came at all
    erase.erase(reader)
    restore(newsletter)
    Subscriber.objects.all().delete()
    erased.keep()
    # When an old file is imported
    file = tmp_path / "old.csv"
    file.write_text(f"email\n{ADDRESS}\n")
    *_, report = importer.import_csv(file, newsletter, None)
    # Then they stay away
    assert report.counts["suppressed"] == 1
    assert not Subscriber.objects.exists()


def test_whoever_came_back_of_their_own_accord_stays(reader, newsletter):
    # Given a reader who was erased and signed up again, as somebody new
    erase.erase(reader)
    Suppression.objects.all().delete()
    builders.add_readers(newsletter, 1)
    # Then they are not erased a second time
    assert erased.keep() == 0
    assert Subscriber.objects.filter(email=ADDRESS).exists()
    assert not Suppression.objects.exists()


def test_whoever_has_the_address_now_stays(reader, newsletter):
    # Given somebody who was here before, and moved to the address of one who was erased
    (other,) = builders.add_readers(newsletter, 1, first=5)
    Subscriber.objects.filter(pk=other.subscriber_id).update(created_at=timezone.now() - timedelta(days=30))
    erase.erase(reader)
    Suppression.objects.all().delete()
    Subscriber.objects.filter(pk=other.subscriber_id).update(email=ADDRESS, address_key=addresses.key(ADDRESS))
    consent.remember(other, "active", Consent.Source.PAGE, detail="moved to another address")
    # Then they are left alone
    assert erased.keep() == 0
    assert Subscriber.objects.filter(email=ADDRESS).exists()


def test_what_another_machine_erased_is_noted_here_too(reader, tmp_path):
    erase.erase(reader)
    (tmp_path / "erased.jsonl").unlink()
    erased.keep()
    erased.keep()
    assert list(erase_log.read()) == [addresses.key(ADDRESS)]
    assert len((tmp_path / "erased.jsonl").read_text().splitlines()) == 1


def test_a_line_that_a_crash_cut_off_spoils_no_other(reader, newsletter, tmp_path):
    (tmp_path / "erased.jsonl").write_text('{"key": "abc", "a')
    erase.erase(reader)
    assert list(erase_log.read()) == [addresses.key(ADDRESS)]
    restore(newsletter)
    assert erased.keep() == 1


def test_a_file_that_cannot_be_written_does_not_undo_the_erasure(reader, tmp_path):
    (tmp_path / "erased.jsonl").mkdir()
    erase.erase(reader)
    reader.refresh_from_db()
    assert reader.email is None
