"""While answers get lost, as little as possible becomes unknown: the transport rests and the edition pauses."""

from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter.deliveries import canary, claim, limits, send, status, sweep
from newsletter.deliveries.breaker import Results, why_stop, why_unsure
from newsletter.deliveries.models import Attempt, Batch, TransportState
from newsletter.editions import approve
from newsletter.editions.models import Edition
from newsletter.letters.models import Letter
from newsletter.newsletters.models import Newsletter, Role, Staff
from newsletter.transports.base import Accepted, Rejected, Unknown
from newsletter.transports.memory import MemoryTransport
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
LOST = "SendGrid answered 503."


def lose(reader):
    return Unknown(reader.delivery_id, LOST)


@pytest.fixture
def out():
    """A transport in an outage."""
    return MemoryTransport(batch_size=3, answer=lose)


@pytest.fixture
def edition(newsletter, planned):
    builders.add_readers(newsletter, 60)
    return planned(builders.scheduled_edition(newsletter))


def send_all(transport):
    while send.send_next(transport):
        pass


@pytest.mark.parametrize(
    ("results", "reason"),
    [
        (Results(940, unknown=60, lost=2), ""),  # a worker or two died
        (Results(950, unknown=50, lost=3), ""),  # 5 % is not more than 5 %
        (
            Results(900, rejected=40, unknown=60, lost=3),
            "6.0 % of 1,000 copies are unknown: nobody can tell if they were taken.",
        ),
        (Results(12, unknown=3, lost=3), "20.0 % of 15 copies are unknown: nobody can tell if they were taken."),
        (Results(5000, unknown=60, lost=3, in_a_row=2), ""),
        (
            Results(5000, unknown=60, lost=3, in_a_row=3),
            "The last 3 batches got no answer that tells whether they were taken.",
        ),
    ],
)
def test_how_much_unknown_is_too_much(results, reason):
    assert why_stop(results) == reason


@pytest.mark.parametrize(
    ("results", "sure"),
    [
        (Results(250), True),
        (Results(238, unknown=12), True),
        (Results(237, unknown=13), False),
        (Results(199, unknown=1), False),  # too few are known for a little to be little
        (Results(0, unknown=250), False),
    ],
)
def test_what_is_mostly_unknown_says_nothing_about_the_rest(results, sure):
    assert (why_unsure(results) == "") is sure


def test_an_outage_pauses_the_edition_after_three_batches_and_tells_staff(edition, out):
    Staff.objects.create(email="ada@meridian.example", role=Role.SENDER)
    send_all(out)
    edition.refresh_from_db()
    found = status.audit(edition)
    assert (edition.status, found.balanced, found.counts.unknown, found.counts.pending) == ("paused", True, 9, 51)
    assert edition.status_reason.startswith("Stopped by the breaker: The last 3 batches got no answer")
    assert [letter.kind for letter in Letter.objects.all()] == ["edition-paused"]
    # When a person lets it go on too early, it is stopped again
    approve.resume(edition, None)
    send_all(out)
    assert (Edition.objects.get().status, status.audit(edition).counts.unknown) == ("paused", 18)
    # and when all is well again, it goes on
    approve.resume(edition, None)
    send_all(MemoryTransport(batch_size=3))
    sweep.run()
    assert (Edition.objects.get().status, status.audit(edition).counts.accepted) == ("sent", 42)


def test_workers_that_die_one_after_another_pause_the_edition(edition):
    for deaths, expected in ((1, "sending"), (2, "sending"), (3, "paused")):
        send.intend(claim.claim(), "memory")
        Batch.objects.filter(status="sending").update(lease_until=timezone.now() - timedelta(seconds=1))
        sweep.run()
        assert Edition.objects.get().status == expected, deaths


def test_after_lost_answers_everybody_rests_longer_each_time_until_one_comes(edition, out):
    waits = []
    for answer in (lose, lose, lambda reader: Accepted(reader.delivery_id), lose):
        TransportState.objects.update(not_before=None)
        out.answer = answer
        send.send_next(out)
        until = TransportState.objects.get().not_before
        waits.append(round((until - timezone.now()).total_seconds()) if until else None)
    assert waits == [2, 4, None, 2]
    assert limits.standing("memory").startswith(LOST)


def test_one_copy_that_is_lost_among_many_lets_the_others_go_on(edition, out):
    first = edition.deliveries.earliest("pk").pk
    out.answer = lambda reader: lose(reader) if reader.delivery_id == first else Accepted(reader.delivery_id)
    send.send_next(out)
    assert not TransportState.objects.exists()


def test_a_bug_in_the_hand_over_pauses_the_edition_with_its_name_and_no_address(edition, out):
    def answer(reader):
        raise LookupError(reader.address)

    out.answer = answer
    with pytest.raises(LookupError):
        send.send_next(out)
    edition.refresh_from_db()
    assert edition.status == "paused"
    batch = Attempt.objects.get().batch_id
    assert edition.status_reason == (
        f"A fault of the program (LookupError) while batch {batch} was handed over; the worker's log has the rest."
    )
    assert not send.send_next(out)


@pytest.fixture
def first_share(newsletter, planned, monkeypatch):
    """An edition of which a share goes first, in batches of three."""
    monkeypatch.setattr(canary, "has_evidence", lambda _settings: True)
    monkeypatch.setattr(canary, "LEAST", 5)
    builders.add_readers(newsletter, 40)
    edition = planned(builders.scheduled_edition(newsletter))
    assert edition.open_wave == 0
    return edition


def the_watch_ends():
    Batch.objects.filter(wave=0).update(finished_at=timezone.now() - timedelta(hours=1))
    sweep.run()


def test_a_first_share_that_is_unknown_never_lets_the_rest_follow_by_itself(first_share, out):
    # Given a first share of a batch or two, too few for the breaker, of which nothing is known
    two = list(Batch.objects.filter(wave=0).order_by("pk").values_list("pk", flat=True)[:2])
    Batch.objects.filter(wave=0).exclude(pk__in=two).update(wave=1)
    send_all(out)
    sweep.run()
    assert Edition.objects.get().status == "sending"
    # When its watch ends
    the_watch_ends()
    # Then the edition pauses instead, and says why
    edition = Edition.objects.get()
    assert (edition.status, edition.open_wave) == ("paused", 0)
    assert "the first share was watched, and 100.0 % of" in edition.status_reason
    # When a person lets it go on, it is watched anew and the rest follows
    approve.resume(edition, None)
    Edition.objects.update(resumed_at=timezone.now() - timedelta(minutes=30))
    the_watch_ends()
    assert Edition.objects.get().open_wave == 1


@pytest.mark.parametrize(
    ("answer", "cap"),
    [
        (lose, 6),
        (lambda reader: Rejected(reader.delivery_id, "550 5.7.1 blocked", blocked=True), 6),
        (lambda reader: Accepted(reader.delivery_id), 12),
    ],
)
def test_the_ramp_grows_only_on_what_is_known_to_have_gone_well(newsletter, planned, answer, cap):
    builders.add_readers(newsletter, 12)
    Newsletter.objects.update(audience_cap=6)
    newsletter.refresh_from_db()
    scheduled = builders.scheduled_edition(newsletter)
    Edition.objects.update(kind="regular", period_start="2026-11-23")
    planned(scheduled)
    send_all(MemoryTransport(batch_size=3, answer=answer))
    sweep.run()
    assert (Edition.objects.get().status, Newsletter.objects.get().audience_cap) == ("sent", cap)
