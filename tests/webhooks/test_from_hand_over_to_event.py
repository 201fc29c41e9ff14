"""SendGrid's stand-in takes a batch, its answer gets lost, and what it tells later settles all (I5, F-12, F-17)."""

import random

import pytest

from newsletter.deliveries import plan, send, status, sweep
from newsletter.deliveries.models import Batch, Delivery
from newsletter.subscribers.models import Suppression
from newsletter.tracking import apply, tally
from newsletter.tracking.models import Event
from tests import builders
from tests.fakes.sendgrid_webhook import event
from tests.transports.conftest import sendgrid, transport_to

__all__ = ["sendgrid"]
pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def lost(settings_of, newsletter, sendgrid):
    """Ten copies that SendGrid took, and nobody here knows."""
    builders.add_readers(newsletter, 10)
    edition = builders.scheduled_edition(newsletter)
    plan.begin_due()
    while plan.plan_next(batch_size=10):
        pass
    sendgrid.behave("reset-after")
    while send.send_next(transport_to(sendgrid.url)):
        pass
    assert status.audit(edition).counts.unknown == 10
    return edition


def test_one_event_settles_the_batch_and_46_repetitions_in_any_order_change_nothing(lost, sendgrid, sendgrid_says):
    words = ["delivered"] * 6 + ["open", "deferred", "spamreport"]
    events = [event(copy.custom_args, word) for copy, word in zip(sendgrid.copies, words, strict=False)]
    bounce = {"type": "bounce", "status": "5.1.1", "reason": "550 5.1.1 no such user", "timestamp": 1_780_000_000}
    events += [event(sendgrid.copies[9].custom_args, "bounce", **bounce)]
    for seed in range(46):
        random.Random(seed).shuffle(events)
        assert sendgrid_says(events) == 200
        apply.apply_waiting()
        found = status.audit(lost)
        assert (found.balanced, found.counts.accepted, found.counts.unknown) == (True, 10, 0)
    counts = found.counts
    assert (counts.delivered, counts.bounced, counts.complained) == (6, 1, 1)
    assert Event.objects.count() == 10
    assert set(Suppression.objects.values_list("reason", flat=True)) == {"complaint", "hard_bounce"}
    dead = Suppression.objects.get(reason="hard_bounce")
    assert dead.note == f"bounce hard of edition {lost.pk}, 2026-05-28 20:26 UTC: 550 5.1.1 no such user"
    assert tally.counts()["webhook.repeated"] >= 45 * 10
    sweep.run()
    assert Batch.objects.get().status == "done"


def test_an_event_that_is_faster_than_the_answer_counts_once(settings_of, newsletter, sendgrid, sendgrid_says):
    builders.add_readers(newsletter, 2)
    edition = builders.scheduled_edition(newsletter)
    plan.begin_due()
    while plan.plan_next(batch_size=10):
        pass

    class Fast:
        """Applies what SendGrid tells before its answer is recorded."""

        name, batch_size = "sendgrid", 10

        def hand_over(self, mailing, readers):
            outcomes = transport_to(sendgrid.url).hand_over(mailing, readers)
            sendgrid_says([event(sendgrid.copies[0].custom_args, "delivered")])
            apply.apply_waiting()
            return outcomes

        def close(self):
            """Nothing is kept."""

    assert send.send_next(Fast())
    found = status.audit(edition)
    assert (found.balanced, found.counts.accepted, found.counts.delivered) == (True, 2, 1)
    assert set(Delivery.objects.values_list("status", flat=True)) == {"accepted", "delivered"}
