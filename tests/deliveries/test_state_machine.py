"""Any order of everything that can happen to an edition keeps the ledger's promises."""

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from newsletter.deliveries import plan, record, resolve, send, status, sweep
from newsletter.deliveries.models import Attempt, Batch, Delivery
from newsletter.deliveries.resolve import Decision
from newsletter.editions import approve
from newsletter.editions.models import Edition
from newsletter.errors import Refused
from newsletter.subscribers import consent
from newsletter.subscribers.models import Consent, Subscription
from newsletter.transports.base import Accepted, Outcome, Reader, Rejected, Unknown
from newsletter.transports.memory import MemoryTransport
from tests import builders

pytestmark = pytest.mark.django_db

READERS, BATCH, SLICE = 8, 3, 5
OPEN = {"pending", "sending"}
ANSWERS = st.lists(st.sampled_from(["accepted", "taken, unknown", "unknown", "rejected", "later"]), min_size=BATCH)
WHICH = st.integers(0, 50)


@dataclass
class Worker:
    """What one worker's memory holds; a crash forgets it."""

    batch: Batch
    attempt: Attempt | None = None
    readers: list[Reader] = field(default_factory=list)
    outcomes: list[Outcome] | None = None


class Ledger(RuleBasedStateMachine):
    """One edition of eight readers, in batches of three, and any number of workers."""

    def __init__(self):
        super().__init__()
        self.example = transaction.atomic()
        self.example.__enter__()
        self.edition = Edition.objects.get()
        self.workers: list[Worker] = []
        self.truth: Counter[int] = Counter()  # how often the transport took a copy
        self.resent: Counter[int] = Counter()  # how often a person had it sent again although it was unknown
        self.judged: set[int] = set()  # copies a person decided on while they were unknown
        self.before: dict[int, str] = {}
        self.fences: dict[int, int] = {}

    def teardown(self):
        try:
            self._everything_ends()
        finally:
            transaction.set_rollback(True)
            self.example.__exit__(None, None, None)

    @initialize(slices=st.integers(0, 4))
    def begin(self, slices):
        for _ in range(slices):
            self.plan_a_slice()

    @rule()
    def plan_a_slice(self):
        plan.begin_due()
        plan.plan_next(BATCH)

    @rule()
    def claim(self):
        if batch := send.claim():
            self.workers.append(Worker(batch))

    @precondition(lambda self: self.workers)
    @rule(which=WHICH)
    def intend(self, which):
        worker = self._worker(which)
        if worker.attempt is None:
            worker.attempt, worker.readers = send.intend(worker.batch, "memory")
            gone = Subscription.objects.filter(status="unsubscribed").values_list("subscriber__email", flat=True)
            assert not {reader.address for reader in worker.readers} & set(gone)
            if worker.attempt is None:
                self.workers.remove(worker)

    @precondition(lambda self: any(worker.attempt for worker in self.workers))
    @rule(which=WHICH, answers=ANSWERS)
    def hand_over(self, which, answers):
        worker = self._worker(which)
        if worker.attempt is not None and worker.outcomes is None:
            self._hand_over(worker, dict(zip((reader.delivery_id for reader in worker.readers), answers, strict=False)))

    @precondition(lambda self: any(worker.outcomes is not None for worker in self.workers))
    @rule(which=WHICH)
    def record(self, which):
        worker = self._worker(which)
        if worker.outcomes is not None:
            record.record(worker.batch, worker.attempt, worker.outcomes)
            self.workers.remove(worker)

    @precondition(lambda self: self.workers)
    @rule(which=WHICH)
    def crash(self, which):
        self.workers.remove(self._worker(which))

    @rule()
    def leases_and_waits_run_out(self):
        _time_passes()

    @rule()
    def sweep(self):
        sweep.run()

    @rule(verb=st.sampled_from(["pause", "resume", "resume"]))
    def pause_or_resume(self, verb):
        with suppress(Refused):
            if verb == "pause":
                approve.pause(self.edition, None, "a wrong link")
            else:
                approve.resume(self.edition, None)

    @rule(which=st.integers(0, READERS - 1))
    def unsubscribe(self, which):
        consent.unsubscribe(Subscription.objects.order_by("pk")[which], Consent.Source.ONE_CLICK)

    @rule(which=WHICH, decision=st.sampled_from(Decision))
    def resolve(self, which, decision):
        if waiting := resolve.unknown_batches():
            batch = waiting[which % len(waiting)]
            copies = list(batch.deliveries.filter(status="unknown").values_list("pk", flat=True))
            resolve.resolve(batch, decision, None, "somebody asked")
            self.judged.update(copies)
            self.resent.update(copies if decision == Decision.RESEND else [])

    @rule()
    def retry(self):
        with suppress(Refused):
            resolve.retry(self.edition, None)

    @precondition(lambda self: self.before)
    @rule(sure=st.integers(0, 5))
    def cancel(self, sure):
        if sure == 5:  # else most runs would end early
            with suppress(Refused):
                resolve.cancel(self.edition, None)

    @invariant()
    def the_ledger_balances(self):
        found = status.audit(self.edition)
        assert found.balanced, found.faults

    @invariant()
    def nobody_is_mailed_twice_unless_somebody_decided_so(self):
        assert all(count <= 1 + self.resent[copy] for copy, count in self.truth.items())

    @invariant()
    def the_ledger_neither_lies_nor_forgets(self):
        now = dict(Delivery.objects.values_list("pk", "status"))
        for copy, state in now.items():
            if copy not in self.judged:
                assert state != "accepted" or self.truth[copy]
                assert not self.truth[copy] or state in ("accepted", "unknown", "sending")
                # What is unknown stays so, and what was taken stays taken.
                assert self.before.get(copy) not in ("unknown", "accepted") or state == self.before[copy]
        self.before = now

    @invariant()
    def fences_only_rise(self):
        fences = dict(Batch.objects.values_list("pk", "fence"))
        assert all(fences[batch] >= fence for batch, fence in self.fences.items())
        self.fences = fences

    def _worker(self, which) -> Worker:
        return self.workers[which % len(self.workers)]

    def _hand_over(self, worker: Worker, answers: dict[int, str]) -> None:
        transport = MemoryTransport(answer=lambda reader: _answer(reader, answers.get(reader.delivery_id, "accepted")))
        outcomes = transport.hand_over(send._mailing(worker.batch, worker.attempt), worker.readers)
        self.truth.update(copy.reader.delivery_id for copy in transport.copies)
        lost = {copy for copy, word in answers.items() if word == "taken, unknown"}
        worker.outcomes = [
            Unknown(each.delivery_id, "the answer got lost") if each.delivery_id in lost else each for each in outcomes
        ]

    def _everything_ends(self) -> None:
        """Nobody touches it any more: then every copy comes to an end, and the promises still hold."""
        self.workers.clear()
        with suppress(Refused):
            approve.resume(self.edition, None)
        for _ in range(30):
            _time_passes()
            sweep.run()
            self.plan_a_slice()
            if batch := send.claim():
                worker = Worker(batch, *send.intend(batch, "memory"))
                self._hand_over(worker, {})
                record.record(batch, worker.attempt, worker.outcomes)
        self.the_ledger_balances()
        self.nobody_is_mailed_twice_unless_somebody_decided_so()
        self.the_ledger_neither_lies_nor_forgets()
        assert not OPEN & set(self.before.values())
        assert self.edition.status in ("sent", "cancelled", "held")


def _answer(reader: Reader, word: str) -> Outcome:
    copy = reader.delivery_id
    return {
        "accepted": Accepted(copy),
        "taken, unknown": Accepted(copy),
        "unknown": Unknown(copy, "no answer"),
        "rejected": Rejected(copy, "no such mailbox"),
        "later": Rejected(copy, "busy", not_before=timezone.now()),
    }[word]


def _time_passes() -> None:
    past = timezone.now() - timedelta(seconds=1)
    Batch.objects.exclude(lease_until=None).update(lease_until=past)
    Batch.objects.exclude(not_before=None).update(not_before=past)


def test_any_order_of_events_keeps_the_ledgers_promises(monkeypatch):
    # Given an edition that is planned in slices
    monkeypatch.setattr(plan, "SLICE", SLICE)
    newsletter = builders.make_newsletter()
    builders.add_readers(newsletter, READERS - 1)
    builders.add_readers(newsletter, 1, status="paused", first=READERS)
    builders.scheduled_edition(newsletter)
    # Then whatever happens, in whatever order, the promises hold after every step
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        Ledger, settings=settings(max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=checks)
    )
