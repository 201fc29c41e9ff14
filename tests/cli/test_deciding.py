"""Deciding about unknown and rejected copies on the command line: counted first, and nothing done by a dry run."""

import io
import sys

import pytest
from django.utils import timezone

from newsletter.deliveries import plan, send
from newsletter.deliveries.models import Attempt, Batch, Delivery
from newsletter.editions.models import Edition
from newsletter.errors import Exit
from newsletter.newsletters.models import AuditEntry
from newsletter.transports.base import Rejected, Unknown
from newsletter.transports.memory import MemoryTransport
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

DEEDS = {
    "accepted": "Take 2 unknown copies of batch {} as accepted?",
    "resend": "Send 2 unknown copies of batch {} again? Whoever has one already gets a second.",
    "drop": "Drop 2 unknown copies of batch {}? Whoever has none gets none.",
}


class Keyboard(io.StringIO):
    """A terminal at which somebody types."""

    def isatty(self):
        return True


def hand_over(edition, answer):
    plan.begin_due()
    while plan.plan_next(batch_size=3):
        pass
    while send.send_next(MemoryTransport(batch_size=3, answer=answer)):
        pass
    return edition


@pytest.fixture
def lost(edition) -> Batch:
    hand_over(edition, lambda reader: Unknown(reader.delivery_id, "the answer got lost"))
    return Batch.objects.get()


@pytest.fixture
def refused(edition):
    return hand_over(edition, lambda reader: Rejected(reader.delivery_id, "550"))


@pytest.mark.parametrize("decision", DEEDS)
def test_the_question_counts_the_copies_and_says_what_may_go_wrong(terminal, lost, decision):
    assert terminal("batch", "resolve", lost.pk, decision, "--reason", "x") == Exit.REFUSED
    named = f"{lost.pk} ({lost.edition}, “{lost.edition.subject}”)"
    assert DEEDS[decision].format(named) in " ".join(terminal.err.split())
    assert Batch.objects.get().unknown == 2
    assert not AuditEntry.objects.filter(verb="resolve").exists()


@pytest.mark.parametrize("command", [("batch", "resolve", 1, "drop"), ("unlock",)])
def test_a_blank_reason_is_none(terminal, lost, command):
    assert terminal(*command, "--reason", " ", "--yes") == Exit.USAGE
    assert "The reason is blank." in terminal.err
    assert Batch.objects.get().unknown == 2


def test_a_copy_names_its_batch_as_batch_show_takes_it_and_that_tells_what_is_proven(terminal, lost):
    # Given a batch whose id is not its number within the edition, and that is proven to be taken in part
    batch = Batch.objects.create(
        edition=lost.edition, rendering=lost.rendering, number=100, size=2, unknown=2, status="unknown"
    )
    Batch.objects.filter(pk=lost.pk).update(size=0, unknown=0)
    Delivery.objects.update(batch=batch)
    Attempt.objects.update(batch=batch, proven_at=timezone.now())
    assert terminal("delivery", "list", "--edition", lost.edition_id, "--json") == 0
    assert {row["batch"] for row in terminal.objects} == {batch.pk}
    assert terminal("delivery", "show", Delivery.objects.earliest("pk").pk, "--json") == 0
    assert terminal.object["batch"] == batch.pk
    assert terminal("batch", "show", batch.pk) == 0
    assert "proven_at" in terminal.out
    assert f"{Attempt.objects.get().proven_at:%Y-%m-%dT%H:%M}" in terminal.out
    # When somebody would send it again, they are warned
    assert terminal("batch", "resolve", batch.pk, "resend", "--reason", "x") == Exit.REFUSED
    assert "The provider told that it took a request of this batch" in " ".join(terminal.err.split())


def test_a_yes_decides(terminal, lost, monkeypatch):
    monkeypatch.setattr(sys, "stdin", Keyboard("y\n"))
    assert terminal("batch", "resolve", lost.pk, "drop", "--reason", "they were told by post") == 0
    assert f"2 copies of batch {lost.pk} are dropped. Next: newsletter edition audit" in terminal.err
    assert Batch.objects.get().skipped == 2


@pytest.mark.parametrize("decision", DEEDS)
def test_a_dry_run_counts_and_changes_nothing(terminal, lost, decision):
    before = list(Delivery.objects.order_by("pk").values())
    assert terminal("batch", "resolve", lost.pk, decision, "--reason", "x", "--dry-run") == 0
    assert f"2 copies of batch {lost.pk} would be" in terminal.err
    assert list(Delivery.objects.order_by("pk").values()) == before
    assert Batch.objects.get().unknown == 2
    assert not AuditEntry.objects.filter(verb="resolve").exists()


def test_a_program_reads_what_was_decided(terminal, lost):
    wanted = {"batch": lost.pk, "edition": lost.edition_id, "decision": "resend", "copies": 2}
    resolve = ("batch", "resolve", lost.pk, "resend", "--reason", "x", "--json")
    assert terminal(*resolve, "--dry-run") == 0
    assert terminal.object == {**wanted, "dry_run": True}
    assert terminal(*resolve, "--yes") == 0
    assert terminal.object == {**wanted, "dry_run": False}


@pytest.mark.parametrize("flag", ["--dry-run", "--yes"])
def test_a_batch_without_unknown_copies_is_refused_before_anybody_is_asked(terminal, refused, flag):
    batch = Batch.objects.get()
    assert terminal("batch", "resolve", batch.pk, "drop", "--reason", "x", flag) == Exit.REFUSED
    assert f"Batch {batch.pk} has no unknown copies" in terminal.err


def test_a_batch_says_which_mailbox_provider_and_wave_it_is_of(terminal, lost):
    assert terminal("batch", "list", "--edition", lost.edition_id, "--json") == 0
    assert (terminal.object["mailbox"], terminal.object["wave"]) == (lost.mailbox, lost.wave)
    assert terminal("batch", "list", "--edition", lost.edition_id) == 0
    assert terminal.out.split()[:4] == ["id", "number", "mailbox", "wave"]
    assert terminal("batch", "show", lost.pk, "--json") == 0
    assert (terminal.object["mailbox"], terminal.object["wave"]) == (lost.mailbox, lost.wave)


def test_a_retry_can_be_tried_dry(terminal, refused):
    assert terminal("edition", "retry", refused.pk, "--dry-run") == 0
    assert f"2 rejected copies of edition {refused.pk} would go out again." in terminal.err
    assert set(Delivery.objects.values_list("status", flat=True)) == {"rejected"}
    assert Batch.objects.count() == 1
    assert terminal("edition", "retry", refused.pk, "--yes") == 0
    assert set(Delivery.objects.values_list("status", flat=True)) == {"pending"}


def test_a_retry_of_nothing_is_refused_before_anybody_is_asked(terminal, lost):
    assert terminal("edition", "retry", lost.edition_id) == Exit.REFUSED
    assert "has no rejected copies" in terminal.err


def test_an_audit_of_one_reader_speaks_of_one_copy(terminal, newsletter):
    # Given an edition for one reader that says of itself that it is closed, and was planned for none
    builders.add_readers(newsletter, 1)
    edition = builders.scheduled_edition(newsletter)
    plan.begin_due()
    while plan.plan_next(batch_size=3):
        pass
    Edition.objects.update(status="sent", planned=0)
    # Then its faults are told in the singular
    assert terminal("edition", "audit", edition.pk) == 1
    assert terminal.out.startswith("1 candidate = 1 planned")
    assert "0 readers were planned, 1 has a delivery" in terminal.out
    assert "1 copy is still pending or sending" in terminal.out
