"""A random share of every provider's readers goes first and is watched; the rest follows if that went well."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.utils import timezone

from newsletter import config
from newsletter.config import Config
from newsletter.deliveries import canary, claim, plan, send, status, sweep
from newsletter.deliveries.limits import Turn
from newsletter.deliveries.models import Batch, Delivery
from newsletter.editions import approve, draft
from newsletter.editions.models import Edition
from newsletter.errors import Refused
from newsletter.newsletters.models import AuditEntry, Newsletter
from newsletter.subscribers.models import Subscriber
from newsletter.transports.base import Accepted, Rejected
from newsletter.transports.memory import MemoryTransport
from tests import builders
from tests.fakes.sendgrid_webhook import SENDER

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
READERS = 2000


@pytest.fixture
def events(monkeypatch):
    """SendGrid, with a webhook that tells what becomes of copies."""
    monkeypatch.setenv("NEWSLETTER_TRANSPORT", "sendgrid")
    monkeypatch.setenv("SENDGRID_API_KEY", "SG.key")
    monkeypatch.setenv("SENDGRID_WEBHOOK_PUBLIC_KEY", SENDER.public_key)
    config.current.cache_clear()
    yield
    monkeypatch.undo()
    config.current.cache_clear()


@pytest.fixture
def newsletter(db):
    newsletter = builders.make_newsletter()
    builders.add_readers(newsletter, READERS)
    mailboxes = ["gmail", "gmail", "outlook", "yahoo", "other"]
    for at, mailbox in enumerate(mailboxes):
        Subscriber.objects.annotate(kind=F("pk") % len(mailboxes)).filter(kind=at).update(mailbox=mailbox)
    return newsletter


def plan_all(newsletter, batch_size=50, stories=3):
    edition = builders.scheduled_edition(newsletter, stories=stories)
    plan.begin_due()
    while plan.plan_next(batch_size):
        pass
    edition.refresh_from_db()
    return edition


@pytest.fixture
def edition(events, newsletter):
    return plan_all(newsletter)


def send_all(transport=None):
    transport = transport or MemoryTransport(batch_size=50)
    while send.send_next(transport):
        pass
    return transport


def the_watch_ends():
    Batch.objects.filter(wave=0).update(finished_at=timezone.now() - timedelta(minutes=20, seconds=1))


def waves_of(edition):
    return dict(Delivery.objects.filter(edition=edition).values_list("subscriber_id", "batch__wave"))


def test_every_provider_has_its_share_in_the_sample(edition):
    # 2,000 readers: 250 of them are more than 5 %
    assert edition.canary_share == pytest.approx(0.125)
    drawn, all_of = Counter(), Counter()
    for mailbox, wave, size in edition.batches.values_list("mailbox", "wave", "size"):
        all_of[mailbox] += size
        drawn[mailbox] += size if wave == 0 else 0
    assert all_of == {"gmail": 800, "outlook": 400, "yahoo": 400, "other": 400}
    for mailbox, count in all_of.items():
        deviation = (count * 0.125 * 0.875) ** 0.5
        assert abs(drawn[mailbox] - count * 0.125) < 6 * deviation
    assert status.audit(edition).balanced


def test_a_batch_has_readers_of_one_provider_and_one_wave(edition):
    mixed = Delivery.objects.exclude(subscriber__mailbox=F("batch__mailbox"))
    assert not mixed.exists()
    assert set(edition.batches.values_list("size", flat=True)) <= set(range(1, 51))


def test_providers_take_turns_from_the_first_batch_to_the_last(edition):
    order = list(edition.batches.filter(wave=1).order_by("id").values_list("mailbox", flat=True))
    for half in (order[: len(order) // 2], order[len(order) // 2 :]):
        assert set(half) == {"gmail", "outlook", "yahoo", "other"}


def test_a_slice_that_is_cut_again_has_the_same_waves(edition):
    first = waves_of(edition)
    # When the plan is thrown away and made once more
    Delivery.objects.all().delete()
    Batch.objects.all().delete()
    Edition.objects.update(status="planning", planned_until=0, planned=0, excluded={})
    while plan.plan_next(50):
        pass
    assert waves_of(edition) == first


def test_another_edition_draws_other_readers(edition, newsletter):
    first = {reader for reader, wave in waves_of(edition).items() if wave == 0}
    Edition.objects.filter(pk=edition.pk).update(status="cancelled")
    other = plan_all(newsletter, stories=0)
    second = {reader for reader, wave in waves_of(other).items() if wave == 0}
    # Then about one in eight is drawn twice, not all
    assert len(first & second) < len(first) / 2


def test_the_rest_waits_until_the_first_share_is_through_and_was_watched(edition):
    # Given a first share of which one batch is still on its way
    last = claim.claim()
    first = send_all()
    assert len(first.copies) + last.size == sum(edition.batches.filter(wave=0).values_list("size", flat=True))
    the_watch_ends()
    sweep.run()
    assert claim.claim() is None
    # When that is through, it is watched
    Batch.objects.filter(pk=last.pk).update(status="pending")
    send_all()
    sweep.run()
    assert claim.claim() is None
    said = status.progress([edition])[0]
    assert said.canary.startswith("Watching the first 12 % (")
    assert said.canary.endswith(" UTC.")
    assert said.waits == said.canary
    # and when the time is over, however many ticks come, the rest follows
    the_watch_ends()
    sweep.run()
    sweep.run()
    send_all()
    sweep.run()
    edition.refresh_from_db()
    assert edition.status == "sent"
    assert status.audit(edition).counts.accepted == READERS
    assert AuditEntry.objects.filter(verb="release").count() == 1


def test_after_a_trip_the_rest_never_follows_by_itself(edition):
    # Given a first share of which many copies are refused
    def answer(reader):
        return Rejected(reader.delivery_id, "550") if reader.delivery_id % 3 == 0 else Accepted(reader.delivery_id)

    send_all(MemoryTransport(batch_size=50, answer=answer))
    sweep.run()
    edition.refresh_from_db()
    assert (edition.status, edition.open_wave) == ("paused", 0)
    assert edition.tripped_at is not None
    # Then time alone opens nothing
    the_watch_ends()
    for _ in range(3):
        sweep.run()
    assert Edition.objects.get().open_wave == 0
    # When a person resumes, the watch begins anew
    approve.resume(edition, None)
    sweep.run()
    assert Edition.objects.get().open_wave == 0
    Batch.objects.filter(wave=0).update(finished_at=timezone.now() - timedelta(minutes=30))
    Edition.objects.update(resumed_at=timezone.now() - timedelta(minutes=21))
    sweep.run()
    assert Edition.objects.get().open_wave == 1


def test_a_person_may_let_the_rest_follow_earlier(edition):
    canary.release(edition, None)
    send_all()
    assert status.audit(edition).counts.accepted == READERS
    with pytest.raises(Refused, match="holds no readers back"):
        canary.release(edition, None)


def test_a_provider_that_rests_does_not_keep_the_others_waiting(edition):
    from newsletter.deliveries.models import MailboxState

    # Given a first share of which only Gmail's is left, and Gmail is left alone
    Batch.objects.filter(wave=0).exclude(mailbox="gmail").update(status="done", finished_at=timezone.now())
    the_watch_ends()
    Batch.objects.filter(mailbox="gmail").update(finished_at=None)
    assert not canary.open_due()
    later = timezone.now() + timedelta(minutes=10)
    MailboxState.objects.create(transport="sendgrid", mailbox="gmail", not_before=later)
    assert canary.open_due() == 1


@pytest.mark.parametrize("wanted", [0, 0.05])
def test_without_events_or_by_wish_nobody_goes_first_and_it_says_why(newsletter, wanted, request):
    if not wanted:
        request.getfixturevalue("events")
    Newsletter.objects.update(canary_share=wanted)
    edition = plan_all(newsletter)
    assert (edition.canary_share, edition.open_wave) == (0, 1)
    assert set(edition.batches.values_list("wave", flat=True)) == {1}
    why = "nothing reports bounces" if wanted else "switched off for this newsletter"
    assert why in status.audit(edition).canary


@pytest.mark.parametrize(
    ("settings", "evidence"),
    [
        (Config(transport="smtp"), False),
        (Config(transport="smtp", bounce_address="bounces@news.example"), False),
        (Config(transport="smtp", bounce_address="bounces@news.example", bounce_mailbox_url="maildir:/b"), True),
        (Config(transport="outbox", bounce_address="bounces@news.example", bounce_mailbox_url="maildir:/b"), False),
        (Config(transport="sendgrid", bounce_mailbox_url="maildir:/b"), False),
    ],
)
def test_a_mail_server_reports_once_its_bounces_are_read(settings, evidence):
    assert canary.has_evidence(settings) is evidence


def test_a_small_list_goes_at_once_and_says_so(events, db):
    newsletter = builders.make_newsletter()
    builders.add_readers(newsletter, 499)
    edition = plan_all(newsletter)
    assert edition.canary_share == 0
    assert status.audit(edition).canary == "No share goes first: the list has fewer than 500 readers."


def test_a_correction_goes_at_once(edition):
    canary.release(edition, None)
    send_all()
    sweep.run()
    edition.refresh_from_db()
    correction = draft.start_correction(edition, "A correction", "The minister resigned on **Tuesday**.")
    assert canary.why_off(correction) == "a correction goes to all at once"


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="asks PostgreSQL's planner")
def test_the_claim_reads_the_index_of_unfinished_batches(edition):
    # Given a ledger of many editions, of which one is being sent
    numbers = range(1000, 6000)
    rendering = edition.renderings.get()
    Batch.objects.bulk_create(
        Batch(edition=edition, rendering=rendering, number=number, status="done") for number in numbers
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE newsletter_batch")
    assert "batch_unfinished" in claim.ready(Turn()).explain()
