"""A mailbox provider that blocks us is left alone, longer each time, and the others go on."""

from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter.deliveries import breaker, limits, send, slowdown, status
from newsletter.deliveries.models import Attempt, Batch, MailboxState
from newsletter.editions.models import Edition
from newsletter.subscribers.models import Subscriber
from newsletter.transports.base import Accepted, Rejected
from newsletter.transports.memory import MemoryTransport
from tests import builders
from tests.deliveries.test_limits import Limited

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


class Resting(Limited):
    """What rests and what the quota says, without a Redis."""

    def turn(self, transport):
        return limits.LimitedTurn(transport, slowdown.resting(transport.name))


@pytest.fixture
def edition(newsletter):
    from newsletter.deliveries import plan

    builders.add_readers(newsletter, 400)
    Subscriber.objects.filter(pk__in=list(Subscriber.objects.values_list("pk", flat=True)[:200])).update(
        mailbox="gmail"
    )
    edition = builders.scheduled_edition(newsletter)
    plan.begin_due()
    while plan.plan_next(batch_size=50):
        pass
    edition.refresh_from_db()
    return edition


def gmail_blocks(reader):
    if Subscriber.objects.filter(email=reader.address, mailbox="gmail").exists():
        return Rejected(reader.delivery_id, "550 5.7.26 unauthenticated", blocked=True)
    return Accepted(reader.delivery_id)


def send_all(answer):
    transport = MemoryTransport(batch_size=50, answer=answer)
    while send.send_next(transport, Resting()):
        pass
    return transport


def ends(state):
    """The rest is over, and what was answered before it lies before it."""
    now = timezone.now()
    Attempt.objects.update(finished_at=now - timedelta(minutes=20))
    MailboxState.objects.filter(pk=state.pk).update(not_before=now - timedelta(minutes=10))


def test_one_that_blocks_is_left_alone_and_the_others_go_on(edition):
    transport = send_all(gmail_blocks)
    # One batch told enough: the other three of Gmail wait, and everybody else has a copy
    assert len(transport.copies) == 200
    waiting = Batch.objects.filter(status="pending")
    assert list(waiting.values_list("mailbox", flat=True)) == ["gmail"] * 3
    assert slowdown.resting("memory") == {"gmail"}
    assert slowdown.told("memory")[0].startswith("Gmail blocked 100.0 % of 50 recent copies. It is left alone until ")
    assert status.by_mailbox(edition)["gmail"]["blocked"] == 50
    assert status.audit(edition).balanced


def test_the_rest_doubles_while_it_goes_on_and_a_good_batch_ends_it(edition):
    send_all(gmail_blocks)
    state = MailboxState.objects.get()
    assert state.in_a_row == 1
    # When the rest is over and the next batch is blocked as well, it rests twice as long
    ends(state)
    send_all(gmail_blocks)
    state.refresh_from_db()
    assert state.in_a_row == 2
    assert timedelta(minutes=19) < state.not_before - timezone.now() <= timedelta(minutes=20)
    # and when a batch goes well after that, all is forgotten
    ends(state)
    send_all(lambda reader: Accepted(reader.delivery_id))
    assert slowdown.watch("memory") == 0
    state.refresh_from_db()
    assert (state.in_a_row, state.reason) == (0, "")
    assert not Batch.objects.filter(status="pending").exists()


def test_what_was_blocked_before_the_rest_is_held_against_nobody_after_it(edition):
    send_all(gmail_blocks)
    ends(MailboxState.objects.get())
    assert slowdown.watch("memory") == 0


def test_two_that_see_the_same_make_one_rest(edition):
    send_all(gmail_blocks)
    assert slowdown.watch("memory") == 0
    assert MailboxState.objects.get().in_a_row == 1


@pytest.mark.parametrize(("in_vain", "minutes"), [(0, 10), (1, 20), (5, 320), (6, 360), (60, 360)])
def test_how_long_a_rest_is(in_vain, minutes):
    assert slowdown.rest_after(in_vain) == timedelta(minutes=minutes)


def test_refusals_of_readers_are_no_blocks(edition):
    send_all(lambda reader: Rejected(reader.delivery_id, "550 5.1.1 no such user"))
    assert slowdown.resting("memory") == set()


def test_the_whole_edition_stops_only_when_blocks_are_many_over_everything(edition):
    send_all(gmail_blocks)
    breaker.watch()
    assert Edition.objects.get().status_reason == (
        "Stopped by the breaker: 20.0 % of 250 copies were blocked for who sends or what is sent."
    )
    Batch.objects.filter(mailbox="other").update(accepted=1000)
    Edition.objects.update(status="sending")
    assert breaker.watch() == 0


def test_complaints_are_measured_where_they_are_reported(edition):
    # Given complaints that seem to come from Gmail, which reports none, and few from the others
    Batch.objects.filter(mailbox="gmail").update(accepted=50, complained=5, finished_at=timezone.now())
    Batch.objects.filter(mailbox="other").update(accepted=50, finished_at=timezone.now())
    results = breaker.results_of(edition)
    assert (results.accepted, results.heard, results.complained) == (400, 200, 0)
    assert breaker.why_stop(results) == ""
    # When two of those who are heard complain, it is 1 % of them
    Batch.objects.filter(mailbox="other", pk=Batch.objects.filter(mailbox="other").first().pk).update(complained=2)
    assert breaker.why_stop(breaker.results_of(edition)) == "2 of 200 readers complained."
