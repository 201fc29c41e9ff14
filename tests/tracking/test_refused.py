"""An address that a mail server refuses at the hand-over is as dead as one that bounces later, and no other is."""

import pytest
from django.utils import timezone

from newsletter.deliveries.models import Delivery
from newsletter.subscribers.models import Suppression
from newsletter.tracking import apply, policy, refused, report
from newsletter.tracking.models import Event
from newsletter.transports.base import Rejected
from newsletter.transports.memory import MemoryTransport, accepted
from tests import builders
from tests.deliveries.conftest import planned, sent
from workers import tasks

__all__ = ["planned", "sent"]
pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
SAYS = [
    "The mail server said 550 5.1.1 No such user here",
    "The mail server said 550 5.1.10 Recipient not found",
    "The mail server said 550 5.1.1 mailbox is full",
    "The mail server said 550 5.7.1 Relay access denied",
    "The mail server said 554 5.7.1 User unknown",  # by a relay, who knows
    "SendGrid refused: 550 5.1.1 No such user here",
]


@pytest.fixture
def edition(newsletter, sent):
    """One copy refused in each way, and one taken."""
    readers = builders.add_readers(newsletter, len(SAYS) + 1)
    says = dict(zip((f"reader{n}@example.org" for n in range(len(readers))), SAYS, strict=False))

    def answer(reader):
        said = says.get(reader.address)
        return Rejected(reader.delivery_id, said) if said else accepted(reader)

    return sent(builders.scheduled_edition(newsletter), MemoryTransport(answer=answer))


def suppressed():
    return list(Suppression.objects.order_by("pk").values_list("reason", "note"))


def test_what_names_the_address_suppresses_it_once_and_the_copy_stays_rejected(edition):
    tasks.note_refusals.apply(throw=True)
    assert refused.note() == 0
    apply.apply_waiting()
    reasons, notes = zip(*suppressed(), strict=True)
    assert reasons == ("hard_bounce", "hard_bounce")
    words = f"refused when edition {edition.pk} was handed over: 550 5.1.1 No such user here"
    assert any(note.endswith(words) for note in notes)
    assert Delivery.objects.filter(status="rejected").count() == len(SAYS)
    assert sum(each.bounced + sum(each.causes.values()) for each in report.of(edition).mailboxes) == 0


def test_a_server_that_refuses_everybody_is_held_for_a_person(edition, monkeypatch):
    """T-17"""
    monkeypatch.setattr(policy, "DOUBT_LEAST", 1)
    refused.note()
    apply.apply_waiting()
    assert len(suppressed()) == 1
    assert Event.objects.filter(state="held").count() == 1


def test_what_was_refused_long_ago_is_left_alone(edition):
    assert refused.note(timezone.now() + refused.RECENT) == 0
