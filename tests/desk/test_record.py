"""The record of who did what: written once, in words, small, and without addresses."""

import pytest
from django.urls import reverse

from newsletter.editions import approve, edit
from newsletter.editions.draft import NOTE_LENGTH
from newsletter.editions.models import Edition
from newsletter.errors import UsageError
from newsletter.newsletters import audit
from newsletter.newsletters.models import AuditEntry, Staff

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def log(client):
    return client.get(reverse("desk-log")).text


def test_it_is_append_only(db):
    kept = audit.record(None, "hold", "edition 1", reason="late")
    for change in (
        kept.save,
        kept.delete,
        AuditEntry.objects.all().delete,
        lambda: AuditEntry.objects.update(verb="approve"),
    ):
        with pytest.raises(TypeError, match="append-only"):
            change()
    assert AuditEntry.objects.get().verb == "hold"


def test_a_pause_names_who_by_their_id_alone(edition):
    person = Staff.objects.create(email="nameless@example.org", role="sender")
    Edition.objects.update(status="sending")
    paused = approve.pause(edition, person)
    entry = AuditEntry.objects.get(verb="pause")
    assert (entry.staff, entry.detail) == (person, {"before": "sending", "after": "paused"})
    assert paused.status_reason == "paused by nameless@example.org"


def test_it_is_told_in_words(sender, edition):
    item = edition.items.first()
    sender.post(reverse("desk-item-drop", args=[edition.pk, item.pk]), {"dropped": "1"})
    audit.record(
        None, "date", f"edition {edition.pk}", before="ab" * 32, after="cd" * 32, send_at="2026-11-26T12:00:00Z"
    )
    page = log(sender)
    assert f"<dt>“{item.title}”: dropped</dt><dd><del>no</del> → yes</dd>" in page
    assert "<del>abababababab</del> → cdcdcdcdcdcd" in page
    assert "2026-11-26T12" not in page


def test_a_note_has_an_end_and_the_log_stays_small(sender, edition, press):
    with pytest.raises(UsageError, match="20,001 characters; 20,000 are the most"):
        edit.edit_words(edition, subject="S", preheader="", note="x" * (NOTE_LENGTH + 1))
    for letter in "abcdefgh":
        press("desk-words", subject="S", preheader="", note=letter * NOTE_LENGTH)
    assert len(log(sender).encode()) < 100_000
    assert len(sender.get(reverse("desk-edition", args=[edition.pk])).content) < 100_000


def test_a_form_that_is_too_large_is_answered_by_a_page_that_says_so(sender, edition):
    answer = sender.post(reverse("desk-words", args=[edition.pk]), {"note": "x" * 2_700_000})
    assert answer.status_code == 400
    assert "What was sent is too large" in answer.text
