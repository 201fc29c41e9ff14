"""A newsletter's policy decides about unknown copies: after a while, once, and on the record of who chose it."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsletter.deliveries import breaker, epoch, policy, resolve, send, status, sweep
from newsletter.deliveries.models import Attempt, Batch, Delivery
from newsletter.deliveries.resolve import Decision
from newsletter.editions.models import Edition
from newsletter.newsletters import setup
from newsletter.newsletters.models import AuditEntry, Installation, Newsletter, Staff
from newsletter.transports.base import Accepted, Rejected, Unknown
from newsletter.transports.memory import MemoryTransport
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
READERS = 7


@pytest.fixture(autouse=True)
def suffering(monkeypatch):
    """The breaker, which would pause after the third lost batch, looks away."""
    monkeypatch.setattr(breaker, "LOST_BATCHES", 1000)
    monkeypatch.setattr(breaker, "LOST_IN_A_ROW", 1000)


def lose(reader):
    return Unknown(reader.delivery_id, "the answer got lost")


@pytest.fixture
def staff():
    return Staff.objects.create(email="admin@example.org", role="admin")


@pytest.fixture
def edition(newsletter, planned):
    builders.add_readers(newsletter, READERS)
    return planned(builders.scheduled_edition(newsletter))


@pytest.fixture
def choose(newsletter, staff):
    return lambda decision: setup.change(newsletter, {"on_unknown": decision}, [], staff)


def send_all(transport):
    while send.send_next(transport):
        pass


def two_hours_pass():
    Batch.objects.exclude(finished_at=None).update(finished_at=timezone.now() - timedelta(hours=2))


@pytest.fixture
def lost(edition):
    """Every copy of the edition is unknown, for two hours."""
    send_all(MemoryTransport(answer=lose))
    two_hours_pass()
    return edition


def test_hold_leaves_unknown_copies_to_a_person(lost):
    sweep.run()
    assert status.audit(lost).counts.unknown == READERS


def test_resend_sends_them_again_in_new_batches(lost, choose, transport):
    choose("resend")
    sweep.run()
    send_all(transport)
    sweep.run()
    found = status.audit(lost)
    assert (found.balanced, found.counts.accepted, found.counts.unknown) == (True, READERS, 0)
    assert len(transport.copies) == READERS
    assert Batch.objects.filter(by_hand=True, accepted__gt=0).count() == 3
    assert Edition.objects.get().status == "sent"


def test_drop_skips_them_with_the_reason(lost, choose, transport):
    choose("drop")
    sweep.run()
    found = status.audit(lost)
    assert (found.balanced, found.counts.skipped, found.counts.unknown) == (True, READERS, 0)
    assert set(Delivery.objects.values_list("reason", flat=True)) == {"dropped: the newsletter's policy"}
    assert Edition.objects.get().status == "sent"


def test_every_deed_is_on_record_as_the_systems_under_the_policy_of_whoever_chose_it(lost, choose, staff):
    choose("drop")
    choose("resend")
    chosen = AuditEntry.objects.filter(verb="set").first()
    sweep.run()
    entries = AuditEntry.objects.filter(verb="resolve")
    assert {entry.staff for entry in entries} == {None}
    assert sorted(entry.detail["copies"] for entry in entries) == [1, 3, 3]
    for entry in entries:
        assert entry.detail["decision"] == "resend"
        assert (entry.detail["policy"], entry.detail["chosen_by"]) == (chosen.pk, staff.pk)


def test_evidence_has_its_time_first(lost, newsletter, choose):
    choose("resend")
    setup.change(newsletter, {"unknown_after": timedelta(hours=3)}, [], None)
    assert policy.follow() == 0
    setup.change(newsletter, {"unknown_after": timedelta(hours=1)}, [], None)
    assert policy.follow() == READERS


def test_a_second_tick_finds_nothing_to_do(lost, choose):
    choose("resend")
    assert (policy.follow(), policy.follow()) == (READERS, 0)


@pytest.mark.parametrize("afterwards", ["resend", "drop"])
def test_a_copy_is_resent_by_policy_once_and_then_held(lost, choose, afterwards):
    choose("resend")
    policy.follow()
    send_all(MemoryTransport(answer=lose))
    two_hours_pass()
    choose(afterwards)
    assert policy.follow() == 0
    assert policy.concerned(lost.newsletter) == policy.Concerned(0, 0)
    assert status.audit(lost).counts.unknown == READERS


def test_a_copy_that_was_resent_by_policy_keeps_its_mark_when_a_person_moves_it(lost, choose, staff):
    # Given copies that the policy had sent again, and a person once more
    choose("resend")
    policy.follow()
    send_all(MemoryTransport(answer=lose))
    for batch in resolve.unknown_batches(lost):
        resolve.resolve(batch, Decision.RESEND, staff, "again")
    send_all(MemoryTransport(answer=lose))
    two_hours_pass()
    # Then the policy does not touch them
    assert policy.follow() == 0


def test_a_cancelled_edition_is_left_alone(edition, choose, staff):
    send.send_next(MemoryTransport(answer=lose))
    resolve.cancel(edition, staff)
    two_hours_pass()
    for decision in ("resend", "drop"):
        choose(decision)
        assert policy.follow() == 0
    assert status.audit(edition).counts.unknown == 3


def test_another_newsletters_policy_does_not_count(lost, choose):
    other = builders.make_newsletter("Another")
    setup.change(other, {"on_unknown": "resend"}, [], None)
    assert policy.follow() == 0


@pytest.fixture
def restored(lost):
    """A database that knows of fewer hand-overs than this machine remembers."""
    Installation.objects.get_or_create(pk=1)
    last = Attempt.objects.latest("pk")
    last.pk += 1000
    epoch.note(last)
    yield
    epoch._path().unlink()


def test_nothing_is_decided_while_the_epoch_is_locked(lost, choose, restored, staff):
    choose("resend")
    assert epoch.fault()
    assert policy.follow() == 0
    epoch.unlock(staff, "compared with the provider")
    assert policy.follow() == READERS


def test_what_a_restored_database_calls_unknown_is_a_persons_to_decide(edition, choose, staff):
    # Given copies that may have gone out before the backup came back
    Installation.objects.get_or_create(pk=1)
    epoch._doubt(Batch.objects.order_by("pk")[0])
    two_hours_pass()
    choose("resend")
    # Then a policy that was chosen for lost answers does not mail them
    assert policy.follow() == 0
    assert status.audit(edition).counts.unknown == 3


def test_a_batch_that_still_has_work_is_decided_when_it_is_through(edition, choose, transport):
    # Given a batch of which one copy is unknown and two wait for another try
    first = Delivery.objects.earliest("pk").pk
    soon = timezone.now() - timedelta(seconds=1)
    mixed = MemoryTransport(
        answer=lambda r: lose(r) if r.delivery_id == first else Rejected(r.delivery_id, "later", not_before=soon)
    )
    send.send_next(mixed)
    choose("resend")
    two_hours_pass()
    assert policy.follow() == 0
    Batch.objects.update(not_before=None)
    send_all(transport)
    two_hours_pass()
    assert policy.follow() == 1


def test_a_new_batch_is_of_the_same_mailbox_provider_and_wave(lost, choose):
    Batch.objects.update(mailbox="gmail", wave=0)
    choose("resend")
    policy.follow()
    assert set(Batch.objects.values_list("mailbox", "wave")) == {("gmail", 0)}


ANSWERS = {
    "accepted": lambda reader: Accepted(reader.delivery_id),
    "unknown": lose,
    "rejected": lambda reader: Rejected(reader.delivery_id, "550", blocked=True),
    "later": lambda reader: Rejected(reader.delivery_id, "451", not_before=timezone.now() - timedelta(seconds=1)),
}
EVENTS = st.sampled_from(
    ["send", "send", "tick", "tick", "pass", "retry", "cancel", "hold", "resend", "drop", "decide"]
)


@given(
    events=st.lists(EVENTS, max_size=25),
    answers=st.lists(
        st.sampled_from(["accepted", "unknown", "unknown", "rejected", "later"]), min_size=60, max_size=60
    ),
)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_policies_and_whenever_the_ledger_balances_and_nobody_is_resent_twice(edition, events, answers):
    with transaction.atomic():
        happenings = Happenings(edition, answers)
        for event in events:
            getattr(happenings, f"do_{event}")()
            found = status.audit(edition)
            assert found.balanced, (event, found.faults)
            assert all(batch.blocked <= batch.rejected + batch.bounced for batch in Batch.objects.all())
        assert all(happenings.handed[pk] <= 2 + happenings.by_people[pk] for pk in happenings.handed)
        transaction.set_rollback(True)


class Happenings:
    """One edition, a policy that changes, and a transport whose answers come from a list."""

    def __init__(self, edition, answers):
        self.edition, self.answers = edition, iter(answers)
        self.handed = Counter()  # hand-overs whose end could be a taken copy
        self.by_people = Counter()  # how often a person had it sent again

    def do_send(self):
        Batch.objects.update(not_before=None)
        send.send_next(MemoryTransport(answer=self._answer))

    def _answer(self, reader):
        word = next(self.answers, "accepted")
        self.handed[reader.delivery_id] += word in ("accepted", "unknown")
        return ANSWERS[word](reader)

    def do_tick(self):
        sweep.run()

    def do_pass(self):
        two_hours_pass()

    def do_hold(self):
        Newsletter.objects.update(on_unknown="hold")

    def do_resend(self):
        Newsletter.objects.update(on_unknown="resend")

    def do_drop(self):
        Newsletter.objects.update(on_unknown="drop")

    def do_decide(self):
        for batch in resolve.unknown_batches(self.edition)[:1]:
            copies = list(batch.deliveries.filter(status="unknown").values_list("pk", flat=True))
            if Edition.objects.get().status != "cancelled":
                resolve.resolve(batch, Decision.RESEND, None, "")
                self.by_people.update(copies)

    def do_retry(self):
        if Edition.objects.get().status != "cancelled" and Delivery.objects.filter(status="rejected").exists():
            resolve.retry(self.edition, None)

    def do_cancel(self):
        if Edition.objects.get().status in ("sending", "paused"):
            resolve.cancel(self.edition, None)
