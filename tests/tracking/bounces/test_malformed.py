"""Mail that is built to break us: nothing breaks, nothing changes, each is counted, the next is read (T-18, F-36)."""

import pytest

from newsletter.tracking import metrics, postbox, returned, tally
from newsletter.tracking.bounces import read as reader
from newsletter.tracking.models import Event, ReturnedMail
from tests.tracking.bounces import malformed, shapes
from tests.tracking.bounces.conftest import about, everything

pytestmark = pytest.mark.django_db


@pytest.mark.postgres  # which takes no NUL in a text
def test_forty_malformed_mails_change_nothing_and_each_is_counted(copies):
    assert len(malformed.MAILS) >= 40
    before, counted = everything(), sum(returned_counts().values())
    for name, mail in malformed.MAILS.items():
        assert returned.take(mail).outcome in ("quarantined", "nothing", "person"), name
    assert everything() == before
    assert sum(returned_counts().values()) - counted == len(malformed.MAILS)
    assert b'newsletter_tally_total{what="returned.quarantined"}' in metrics.text()


def test_neither_do_they_with_a_true_seal_on_a_mail_that_says_nothing(copies):
    for name, mail in malformed.MAILS.items():
        taken = returned.take(about(copies[0], shapes.person("hello")) + mail[:5000])
        assert str(taken.reading.kind) in ("none", "autoreply", "unsubscribe"), name
    assert not Event.objects.exists()


@pytest.mark.parametrize("error", [RecursionError, ValueError, LookupError])
def test_one_that_breaks_its_reading_never_keeps_the_next_from_being_read(copies, tmp_path, monkeypatch, error):
    # Given a message whose reading fails in a way that nobody thought of
    read = reader.read_clean

    def fragile(cut):
        if b"POISON" in cut:
            raise error("not foreseen")
        return read(cut)

    monkeypatch.setattr(reader, "read_clean", fragile)
    (tmp_path / "new").mkdir()
    (tmp_path / "cur").mkdir()
    (tmp_path / "new" / "1").write_bytes(b"From: a@b.example\n\nPOISON\n")
    (tmp_path / "new" / "2").write_bytes(about(copies[0], shapes.postfix("550 5.1.1 User unknown", "5.1.1")))
    # When the mailbox is read
    assert postbox.read_folder(tmp_path) == 2
    # Then it is in quarantine, and the next one has counted
    assert ReturnedMail.objects.get(outcome="quarantined").fault == f"poison: {error.__name__}"
    assert Event.objects.count() == 1


def returned_counts():
    return {name: count for name, count in tally.counts().items() if name.startswith("returned.")}
