"""What is rare and still has its button: unknown copies, a special edition, a correction, last week's frame."""

import pytest
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from newsletter.deliveries import plan, status
from newsletter.deliveries.models import Batch, Delivery
from newsletter.editions import draft, edit
from newsletter.editions.models import Edition
from newsletter.newsletters.models import AuditEntry
from tests import builders
from tests.desk.conftest import messages_on

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def lost(newsletter):
    """An edition whose answers all got lost: five copies in two batches."""
    builders.add_readers(newsletter, 5)
    edition = builders.scheduled_edition(newsletter)
    plan.begin_due()
    while plan.plan_next(batch_size=3):
        pass
    Delivery.objects.filter(batch__isnull=False).update(status="unknown")
    Batch.objects.update(status="unknown", unknown=F("size"))
    Edition.objects.update(status="sent", started_at=timezone.now())
    return Edition.objects.get(pk=edition.pk)


def act(client, name, *args, **fields):
    return client.post(reverse(name, args=args), fields, follow=True)


@pytest.mark.parametrize(
    ("decision", "became"),
    [("accepted", {"accepted": 5}), ("resend", {"pending": 5}), ("drop", {"skipped": 5})],
)
def test_unknown_copies_are_decided_about_by_a_named_person(sender, lost, decision, became):
    page = sender.get(reverse("desk-edition", args=[lost.pk])).text
    assert "5 copies nobody can tell about" in page
    assert 'name="copies" value="5"' in page
    act(sender, "desk-unknown", lost.pk, copies="5", decision=decision, reason="in the provider's log")
    audit = status.audit(lost)
    assert audit.balanced
    assert {name: getattr(audit.counts, name) for name in became} == became
    entry = AuditEntry.objects.filter(verb="resolve").first()
    assert (entry.staff.email, entry.detail["decision"]) == ("sender@example.org", decision)
    assert "nobody can tell about" not in sender.get(reverse("desk-edition", args=[lost.pk])).text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"copies": "4", "decision": "drop", "reason": "old"}, "There are 5 unknown copies by now."),
        ({"copies": "5", "decision": "drop", "reason": " "}, "say why"),
        ({"copies": "5", "decision": "guess", "reason": "x"}, "Choose what is to become"),
    ],
)
def test_nothing_is_decided_unseen_or_without_a_reason(sender, lost, fields, said):
    (told,) = messages_on(act(sender, "desk-unknown", lost.pk, **fields).text)
    assert said in told
    assert Delivery.objects.filter(status="unknown").count() == 5


def test_who_may_not_send_is_not_asked(as_role, lost):
    page = as_role("editor").get(reverse("desk-edition", args=[lost.pk])).text
    assert reverse("desk-unknown", args=[lost.pk]) not in page


def test_a_special_edition_is_made_once_by_a_double_click(as_role, newsletter):
    builders.make_article("A story")
    editor = as_role("editor")
    assert "Make a special edition" in editor.get(reverse("desk-editions")).text
    for _ in range(2):
        act(editor, "desk-special", newsletter=newsletter.slug, days="3")
    made = Edition.objects.get()
    assert (made.kind, made.items.count()) == ("special", 1)
    assert "1 to 60 days" in messages_on(act(editor, "desk-special", newsletter=newsletter.slug, days="90").text)[0]


def test_a_correction_is_written_once_for_those_who_got_the_edition(as_role, lost):
    editor = as_role("editor")
    for _ in range(2):
        act(editor, "desk-correct", lost.pk, subject="Correction: the bridge", note="It is in Port Ellis.")
    made = Edition.objects.get(kind="correction")
    assert (made.parent_id, made.status, made.note) == (lost.pk, "draft", "It is in Port Ellis.")
    assert "needs a subject" in messages_on(act(editor, "desk-correct", lost.pk, subject="", note="x").text)[0]


def test_what_was_written_last_week_is_taken_over_and_can_be_undone(as_role, newsletter):
    builders.make_article("A story")
    last = draft.compose_regular(newsletter).edition
    words = edit.Written("note", "From the editors", "Every week", {})
    edit.add_written(last, newsletter.sections.get(slug="the-rest"), words)
    Edition.objects.update(status="sent", content_hash="x", period_start="2020-01-06", started_at=timezone.now())
    builders.make_article("Another")
    made, editor = draft.compose_regular(newsletter).edition, as_role("editor")
    (said,) = messages_on(act(editor, "desk-frame", made.pk).text)
    assert said.startswith("1 entry taken over.")
    assert [each.headline for each in made.items.filter(article=None)] == ["From the editors"]
    act(editor, "desk-undo", made.pk)
    assert not made.items.filter(article=None, dropped=False).exists()
