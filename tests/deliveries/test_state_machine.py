"""Any order of everything that can happen to an edition keeps the ledger's promises."""

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from hypothesis.strategies import DataObject

from newsletter import config
from newsletter.deliveries import canary, claim, limits, plan, policy, record, resolve, send, slowdown, status, sweep
from newsletter.deliveries.guard import Open
from newsletter.deliveries.models import Attempt, Batch, Delivery, MailboxState
from newsletter.deliveries.resolve import Decision
from newsletter.editions import approve
from newsletter.editions.models import Edition
from newsletter.errors import Refused
from newsletter.newsletters.models import Newsletter
from newsletter.subscribers import consent
from newsletter.subscribers.models import Consent, Subscriber, Subscription
from newsletter.tracking import apply, store
from newsletter.tracking.events import Cause, Kind, ProviderEvent, Source
from newsletter.tracking.fate import RANK
from newsletter.transports.base import Accepted, Outcome, Reader, Rejected, Unknown
from newsletter.transports.memory import MemoryTransport
from tests import builders
from tests.fakes.sendgrid_webhook import SENDER

pytestmark = pytest.mark.django_db

READERS, BATCH, SLICE = 8, 3, 5
BATCHES = 3
ENDED = {"sent", "cancelled", "held"}
OPEN = {"pending", "sending"}
LOST = "accepted, but the answer got lost"
TAKEN = {"accepted", "delivered", "bounced", "complained"}
# What a provider may report of a copy that it took.
REPORTS = [(Kind.ACCEPTED, Cause.NONE), (Kind.DELIVERED, Cause.NONE), (Kind.BOUNCE, Cause.SOFT),
           (Kind.BOUNCE, Cause.HARD), (Kind.COMPLAINT, Cause.NONE)]  # fmt: skip
ANSWERS = st.lists(st.sampled_from(["accepted", LOST, "unknown", "rejected", "later"]), min_size=BATCH, max_size=BATCH)


MAILBOXES = ["gmail", "other"]
SENDGRID = {
    "NEWSLETTER_TRANSPORT": "sendgrid",
    "SENDGRID_API_KEY": "SG.key",
    "SENDGRID_WEBHOOK_PUBLIC_KEY": SENDER.public_key,
}


class Limited(Open):
    """The limits, without a Redis: there is no rate."""

    def turn(self, transport):
        return limits.LimitedTurn(transport, slowdown.resting(transport.name))


@dataclass
class Worker:
    """What one worker's memory holds; a crash forgets it."""

    batch: Batch
    attempt: Attempt | None = None
    readers: list[Reader] = field(default_factory=list)
    outcomes: list[Outcome] | None = None


class Ledger(RuleBasedStateMachine):
    """One edition of eight readers at two providers, some of whom go first, and any number of workers."""

    def __init__(self):
        super().__init__()
        self.example = transaction.atomic()
        self.example.__enter__()
        self.edition = Edition.objects.get()
        self.workers: list[Worker] = []
        self.transport = MemoryTransport(batch_size=BATCH)
        self.transport.name = "sendgrid"
        self.truth: Counter[int] = Counter()  # how often the transport took a copy
        self.taken: list[ProviderEvent] = []  # what a provider can report of: one for each of these
        self.resent: Counter[int] = Counter()  # how often it was decided to send it again although it was unknown
        self.by_policy: Counter[int] = Counter()
        self.judged: set[int] = set()  # copies a person decided on while they were unknown
        self.before: dict[int, str] = {}
        self.fences: dict[int, int] = {}

    def teardown(self):
        try:
            self._everything_ends()
        finally:
            transaction.set_rollback(True)
            self.example.__exit__(None, None, None)

    @rule(data=st.data())
    def something_happens(self, data):
        getattr(self, data.draw(st.sampled_from(self._possible()), "event"))(data)

    def _possible(self) -> list[str]:
        """By name, the likelier ones more than once: else most runs would hardly get beyond planning."""
        state, copies = self.edition.status, set(self.before.values())
        events = ["sweep", "time_passes", "unsubscribe"]
        events += ["plan_a_slice"] * 9 if state in ("scheduled", "planning") else []
        events += ["pause", "claim", "claim", "die_in_a_hand_over", *["send_a_batch"] * 4] if state == "sending" else []
        events += ["resume"] * 4 if state == "paused" else []
        events += ["a_provider_rests"] if state == "sending" else []
        held_back = self.edition.open_wave == 0 and state in ("sending", "paused")
        events += ["the_watch_ends", "the_watch_ends", "release"] if held_back else []
        events += ["advance", "advance", "advance", "crash"] if self.workers else []
        events += ["event", "event"] if self.taken else []
        events += ["resolve"] * 4 + ["a_policy_decides"] * 2 if "unknown" in copies else []
        events += ["retry"] * 3 if "rejected" in copies else []
        return events + (["cancel"] if state in ("sending", "paused") and len(self.fences) > BATCHES else [])

    def plan_a_slice(self, _data=None):
        plan.begin_due()
        plan.plan_next(BATCH)

    def send_a_batch(self, data):
        if self._claim():
            worker = self.workers[-1]
            while self._advance(worker, data):
                if worker.outcomes and self.taken and data and data.draw(st.booleans()):
                    self.event(data)  # it overtakes the answer

    def die_in_a_hand_over(self, _data):
        if self._claim() and self._intend(self.workers[-1]):
            self.workers.pop()
            self.time_passes()
            sweep.run()

    def claim(self, _data):
        self._claim()

    def advance(self, data):
        self._advance(data.draw(st.sampled_from(self.workers)), data)

    def crash(self, data):
        self.workers.remove(data.draw(st.sampled_from(self.workers)))

    def time_passes(self, _data=None):
        """Every lease and every wait runs out."""
        past = timezone.now() - timedelta(seconds=1)
        Batch.objects.exclude(lease_until=None).update(lease_until=past)
        Batch.objects.exclude(not_before=None).update(not_before=past)
        MailboxState.objects.update(not_before=past)

    def the_watch_ends(self, _data=None):
        long_ago = timezone.now() - timedelta(hours=1)
        Batch.objects.filter(wave=0).exclude(finished_at=None).update(finished_at=long_ago)
        Edition.objects.exclude(resumed_at=None).update(resumed_at=long_ago)

    def a_provider_rests(self, data):
        mailbox, later = data.draw(st.sampled_from(MAILBOXES)), timezone.now() + timedelta(minutes=10)
        MailboxState.objects.update_or_create(
            transport="sendgrid", mailbox=mailbox, defaults={"not_before": later, "in_a_row": 1}
        )

    def release(self, _data):
        canary.release(self.edition, None)

    def sweep(self, _data):
        sweep.run()

    def pause(self, _data):
        approve.pause(self.edition, None, "a wrong link")

    def resume(self, _data):
        approve.resume(self.edition, None)

    def unsubscribe(self, data):
        reader = data.draw(st.integers(0, 3 * READERS))  # mostly nobody: else soon everybody has left
        for subscription in Subscription.objects.order_by("pk")[reader : reader + 1]:
            consent.unsubscribe(subscription, Consent.Source.ONE_CLICK)

    def event(self, data):
        """Some reports, late, doubled and in any order."""
        told = data.draw(st.lists(st.tuples(st.sampled_from(self.taken), st.sampled_from(REPORTS)), max_size=3))
        store.keep(
            replace(copy, kind=kind, cause=cause, identity=f"{copy.identity} {kind} {cause}")
            for copy, (kind, cause) in told
        )
        apply.apply_waiting()

    def resolve(self, data):
        batch = data.draw(st.sampled_from(resolve.unknown_batches()))
        decision = data.draw(st.sampled_from(Decision))
        copies = list(batch.deliveries.filter(status="unknown").values_list("pk", flat=True))
        with suppress(Refused):
            resolve.resolve(batch, decision, None, "somebody asked")
            self.judged.update(copies)
            self.resent.update(copies if decision == Decision.RESEND else [])

    def a_policy_decides(self, data):
        """About what was unknown for long; then it is left to people again."""
        Newsletter.objects.update(on_unknown=data.draw(st.sampled_from(["resend", "drop"])))
        Batch.objects.filter(unknown__gt=0).update(finished_at=timezone.now() - timedelta(hours=3))
        before = set(Delivery.objects.filter(status="unknown").values_list("pk", flat=True))
        policy.follow()
        again = before & set(Delivery.objects.filter(status="pending").values_list("pk", flat=True))
        assert not any(self.by_policy[copy] for copy in again)  # once for each copy
        self.by_policy.update(again)
        self.resent.update(again)
        self.judged |= before - set(Delivery.objects.filter(status="unknown").values_list("pk", flat=True))
        Newsletter.objects.update(on_unknown="hold")

    def retry(self, _data):
        with suppress(Refused):
            resolve.retry(self.edition, None)

    def cancel(self, _data):
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
                assert state not in TAKEN or self.truth[copy]
                assert not self.truth[copy] or state in {*TAKEN, "unknown", "sending"}
                # What is unknown stays so until the provider tells, and what was taken stays taken.
                before = self.before.get(copy)
                refused_late = before == "unknown" and state == "rejected"
                assert before not in {*TAKEN, "unknown"} or refused_late or RANK[state] >= RANK[before]
        self.before = now

    @invariant()
    def evidence_settles_what_is_unknown(self):
        for batch in Batch.objects.filter(unknown__gt=0):
            left_open = batch.attempts.filter(outcome__in=["", "unknown", "mixed"])
            assert left_open.filter(proven_at=None).exists()

    @invariant()
    def the_rest_waits_for_the_first_share(self):
        early = Batch.objects.filter(wave__gt=0, edition__open_wave=0)
        assert not early.exclude(fence=0).exclude(status="cancelled").exists()

    @invariant()
    def fences_only_rise(self):
        fences = dict(Batch.objects.values_list("pk", "fence"))
        assert all(fences[batch] >= fence for batch, fence in self.fences.items())
        self.fences = fences

    def _claim(self) -> bool:
        batch = claim.next_batch(self.transport, Limited())
        if batch is not None:
            assert batch.mailbox not in slowdown.resting("sendgrid")
            self.workers.append(Worker(batch))
        return batch is not None

    def _advance(self, worker: Worker, data: DataObject | None) -> bool:
        """Take the worker's next step; False when it is through."""
        if worker.attempt is None:
            return self._intend(worker)
        if worker.outcomes is None:
            self._hand_over(worker, data.draw(ANSWERS) if data else [])
            return True
        record.record(worker.batch, worker.attempt, worker.outcomes)
        self.workers.remove(worker)
        return False

    def _intend(self, worker: Worker) -> bool:
        worker.attempt, worker.readers = send.intend(worker.batch, "memory")
        gone = Subscription.objects.filter(status="unsubscribed").values_list("subscriber__email", flat=True)
        assert not {reader.address for reader in worker.readers} & set(gone)
        if worker.attempt is None:
            self.workers.remove(worker)
        return worker.attempt is not None

    def _hand_over(self, worker: Worker, answers: list[str]) -> None:
        words = dict(zip((reader.delivery_id for reader in worker.readers), answers, strict=False))
        transport = MemoryTransport(answer=lambda reader: _answer(reader, words.get(reader.delivery_id, "accepted")))
        outcomes = transport.hand_over(send._mailing(worker.batch, worker.attempt), worker.readers)
        self.truth.update(copy.reader.delivery_id for copy in transport.copies)
        self._can_report(worker, [copy.reader for copy in transport.copies])
        worker.outcomes = [
            Unknown(each.delivery_id, "the answer got lost") if words.get(each.delivery_id) == LOST else each
            for each in outcomes
        ]

    def _can_report(self, worker: Worker, readers: list[Reader]) -> None:
        """A request that was taken for some was none that held the whole batch: see sendgrid_payload.named."""
        whole = len(readers) == len(worker.readers)
        request = f"{worker.attempt.number}" if whole else f"{worker.attempt.number}.2"
        self.taken += [
            ProviderEvent(
                kind=Kind.ACCEPTED, source=Source.SENDGRID, at=timezone.now(), edition=self.edition.public,
                delivery_id=reader.delivery_id, batch=worker.batch.public, request=request,
                identity=f"{reader.delivery_id} {worker.batch.public} {request}",
            )
            for reader in readers
        ]  # fmt: skip

    def _everything_ends(self) -> None:
        """Nobody touches it any more: then every copy comes to an end, and the promises still hold."""
        self.workers.clear()
        for _ in range(60):
            with suppress(Refused):
                approve.resume(self.edition, None)  # again where the breaker stopped it
            self.time_passes()
            self.the_watch_ends()
            sweep.run()
            self.plan_a_slice()
            self.send_a_batch(None)
            self.edition.refresh_from_db()
            if self.edition.status in ENDED:
                break
        self.the_ledger_balances()
        self.nobody_is_mailed_twice_unless_somebody_decided_so()
        self.the_ledger_neither_lies_nor_forgets()
        assert not OPEN & set(self.before.values())
        assert self.edition.status in ENDED


def _answer(reader: Reader, word: str) -> Outcome:
    copy = reader.delivery_id
    return {
        "accepted": Accepted(copy),
        LOST: Accepted(copy),
        "unknown": Unknown(copy, "no answer"),
        "rejected": Rejected(copy, "no such mailbox"),
        "later": Rejected(copy, "busy", not_before=timezone.now()),
    }[word]


@pytest.fixture(autouse=True)
def settings_of_tests_again():
    yield
    config.current.cache_clear()


def test_any_order_of_events_keeps_the_ledgers_promises(monkeypatch):
    # Given an edition that is planned in slices, of which a share goes first
    monkeypatch.setattr(plan, "SLICE", SLICE)
    monkeypatch.setattr(canary, "LEAST", 2)
    for name, value in SENDGRID.items():
        monkeypatch.setenv(name, value)
    config.current.cache_clear()
    newsletter = builders.make_newsletter()
    builders.add_readers(newsletter, READERS - 1)
    builders.add_readers(newsletter, 1, status="paused", first=READERS)
    Subscriber.objects.filter(pk__in=list(Subscriber.objects.values_list("pk", flat=True)[::2])).update(mailbox="gmail")
    builders.scheduled_edition(newsletter)
    # Then whatever happens, in whatever order, the promises hold after every step
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        Ledger, settings=settings(max_examples=12, stateful_step_count=40, deadline=None, suppress_health_check=checks)
    )
