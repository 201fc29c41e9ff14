"""A send that goes badly is paused with the reason; resuming is a person's decision and holds."""

import pytest

from newsletter.deliveries import breaker, send, status
from newsletter.deliveries.breaker import Results, why_stop
from newsletter.deliveries.models import Batch
from newsletter.editions import approve
from newsletter.editions.models import Edition
from newsletter.transports.base import Accepted, Rejected
from newsletter.transports.memory import MemoryTransport
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.mark.parametrize(
    ("results", "reason"),
    [
        (Results(189, rejected=10), ""),  # too few to tell
        (Results(190, rejected=10), ""),  # 5 % is not more than 5 %
        (Results(189, rejected=11), "5.5 % of 200 copies were refused."),
        (Results(1000, bounced=51), "5.1 % of 1,000 accepted copies bounced."),
        (
            Results(980, rejected=20, bounced=31, blocked=51),
            "5.1 % of 1,000 copies were blocked for who sends or what is sent.",
        ),
        (Results(1000, complained=1, heard=1000), ""),
        (Results(1000, complained=2, heard=1000), "2 of 1,000 readers complained."),
        (Results(1000, complained=2, heard=200), "2 of 200 readers complained."),
        (Results(1000, complained=1, heard=200), ""),  # one press is no rate
    ],
)
def test_what_is_bad_enough(results, reason):
    assert why_stop(results) == reason


@pytest.fixture
def edition(newsletter, planned):
    builders.add_readers(newsletter, 60)
    return planned(builders.scheduled_edition(newsletter))


@pytest.fixture
def early(monkeypatch):
    """Twelve results are enough here."""
    monkeypatch.setattr(breaker, "ENOUGH", 12)


def refusing_every_third() -> MemoryTransport:
    def answer(reader):
        return Rejected(reader.delivery_id, "550") if reader.delivery_id % 3 == 0 else Accepted(reader.delivery_id)

    return MemoryTransport(answer=answer)


def send_batches(count, transport):
    for _ in range(count):
        assert send.send_next(transport)


def test_a_send_that_is_refused_too_often_is_paused_and_says_why(edition, early):
    send_batches(4, refusing_every_third())
    assert breaker.watch() == 1
    edition.refresh_from_db()
    assert edition.status == "paused"
    assert edition.status_reason == "Stopped by the breaker: 33.3 % of 12 copies were refused."
    assert status.audit(edition).balanced


def test_a_send_that_goes_well_is_left_alone(edition, early, transport):
    send_batches(6, transport)
    assert breaker.watch() == 0


def test_a_person_who_resumes_is_not_overruled_by_the_same_results(edition, early, transport):
    # Given an edition that the breaker stopped and a person let go on
    send_batches(4, refusing_every_third())
    breaker.watch()
    approve.resume(edition, None)
    assert breaker.watch() == 0
    # When the rest goes well, it is through
    while send.send_next(transport):
        pass
    assert breaker.watch() == 0
    # and when it goes badly again, it is stopped again
    Batch.objects.filter(accepted=3, finished_at__gt=Edition.objects.get().resumed_at).update(accepted=1, rejected=2)
    assert breaker.watch() == 1
