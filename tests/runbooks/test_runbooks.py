"""The runbooks hold what they promise: each is gone through, command by command."""

from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter import signing
from newsletter.deliveries import breaker, claim, epoch, send, sweep
from newsletter.deliveries.models import Batch, Delivery
from newsletter.subscribers.models import Suppression
from newsletter.tracking import apply, policy, returned
from newsletter.tracking.models import Event
from newsletter.transports.base import Accepted, Rejected
from newsletter.transports.memory import MemoryTransport
from tests import builders
from tests.fakes.sendgrid_webhook import EventSender
from tests.tracking.bounces import shapes
from tests.tracking.bounces.conftest import about

pytestmark = pytest.mark.django_db


def test_bounces_that_cannot_be_true_cost_nobody_the_newsletter(newsletter, sent, setting, runbook, monkeypatch):
    # Given an edition, all of whose copies come back in a minute
    monkeypatch.setattr(policy, "DOUBT_LEAST", 1)
    setting(NEWSLETTER_BOUNCE_ADDRESS=shapes.US)
    builders.add_readers(newsletter, 4)
    edition = sent(builders.scheduled_edition(newsletter), MemoryTransport(batch_size=4))
    for copy in Delivery.objects.select_related("edition", "subscriber").order_by("pk"):
        returned.take(about(copy, shapes.postfix("550 5.1.1 User unknown", "5.1.1")))
    apply.apply_waiting()
    believed = Delivery.objects.get(address_key=Suppression.objects.get().address_key).subscriber.email
    # When somebody follows the runbook
    book = runbook("mass-false-bounces")
    assert "3" in book.next()
    assert "bounce" in book.next(EDITION=edition.pk)
    assert "3 bounces disbelieved" in book.next()
    assert "hard_bounce" in book.next(ADDRESS=believed)
    book.next(ADDRESS=believed)
    # Then nothing is held and nobody is suppressed
    assert not Event.objects.filter(state="held").exists()
    assert not Suppression.objects.exists()


def test_uncertain_deliveries_are_settled_by_what_somebody_knows(newsletter, planned, runbook):
    # Given a batch whose worker died while handing it over
    builders.add_readers(newsletter, 3)
    edition = planned(builders.scheduled_edition(newsletter))
    batch = claim.claim()
    send.intend(batch, "memory")
    Batch.objects.filter(pk=batch.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    sweep.sweep()
    # When somebody follows the runbook
    book = runbook("uncertain-deliveries")
    assert "unknown" in book.next(EDITION=edition.pk)
    book.next(BATCH=batch.pk)
    assert book.next(EDITION=edition.pk).count("@") == 3
    assert "3" in book.next(BATCH=batch.pk)
    assert Delivery.objects.filter(status="unknown").count() == 3
    book.next(BATCH=batch.pk)
    # Then it balances, and nobody is unknown
    assert "3 accepted + 0 rejected + 0 skipped + 0 unknown" in book.next(EDITION=edition.pk)
    assert set(Delivery.objects.values_list("status", flat=True)) == {"accepted"}


def test_a_webhooks_key_is_changed_without_losing_a_report(setting, client, runbook):
    old, new = EventSender(), EventSender()
    setting(SENDGRID_WEBHOOK_PUBLIC_KEY=old.public_key)

    def taken(sender):
        body = sender.body([])
        headers = sender.headers(body)
        return (
            client.post("/webhooks/sendgrid", body, content_type="application/json", headers=headers).status_code == 200
        )

    book = runbook("webhook-key-rotation")
    keys = {"OLD": old.public_key, "NEW": new.public_key}
    book.next()
    assert (taken(old), taken(new)) == (True, False)
    book.next(**keys)
    book.next()
    assert (taken(old), taken(new)) == (True, True)
    book.next(**keys)
    book.next()
    assert (taken(old), taken(new)) == (False, True)
    book.next()


def test_an_edition_that_was_stopped_goes_on_and_reaches_everybody_once(newsletter, planned, runbook, monkeypatch):
    # Given an edition that the breaker stopped, since a third was refused
    monkeypatch.setattr(breaker, "ENOUGH", 6)
    builders.add_readers(newsletter, 9)
    edition = planned(builders.scheduled_edition(newsletter))
    picky = MemoryTransport(
        answer=lambda reader: (
            Rejected(reader.delivery_id, "550 no") if reader.delivery_id % 3 == 0 else Accepted(reader.delivery_id)
        )
    )
    assert send.send_next(picky)
    assert send.send_next(picky)
    assert breaker.watch() == 1
    # When somebody follows the runbook, and the reason is gone
    book, patient = runbook("stopped-in-mid-send"), MemoryTransport(batch_size=3)
    assert "were refused" in book.next()
    assert "4 accepted + 2 rejected" in book.next(EDITION=edition.pk)
    assert "550 no" in book.next(EDITION=edition.pk)
    book.next(EDITION=edition.pk)
    while send.send_next(patient):
        pass
    sweep.run()
    assert "2" in book.next(EDITION=edition.pk)
    while send.send_next(patient):
        pass
    sweep.run()
    # Then everybody has one copy
    assert "9 accepted + 0 rejected" in book.next(EDITION=edition.pk)
    taken = [copy.reader.address for copy in [*picky.copies, *patient.copies]]
    assert set(Delivery.objects.values_list("status", flat=True)) == {"accepted"}
    assert len(set(taken)) == 9


def test_a_restored_database_repeats_nothing(newsletter, planned, runbook, settings, tmp_path):
    # Given a database that went back to before three copies went out
    settings.DATA_DIR = tmp_path
    builders.add_readers(newsletter, 3)
    edition = planned(builders.scheduled_edition(newsletter))
    epoch.lock("The database was restored from last-night.dump.")
    # When somebody follows the runbook
    book = runbook("restored-database")
    book.next()
    assert "Sending is locked. The database was restored" in book.next()
    book.next()
    assert "3 copies are unknown" in book.next()
    book.next(EDITION=edition.pk)
    book.next(BATCH=edition.batches.get().pk)
    # Then it balances, and nothing was sent
    assert "3 accepted + 0 rejected + 0 skipped + 0 unknown" in book.next(EDITION=edition.pk)
    assert not send.send_next(MemoryTransport())


def test_a_secret_key_is_changed_and_no_link_of_an_old_mail_breaks(newsletter, runbook, settings):
    """Each restart is told to Django by hand: it reads the settings once."""
    old, new = "the first key " * 4, "the second key " * 4
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = old, []
    token = signing.token_for(7)
    book = runbook("secret-key-rotation")
    book.next()
    keys = {"OLD": old.replace(" ", "-"), "NEW": new.replace(" ", "-")}
    book.next(**keys)
    book.next(**keys)
    book.next()
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = new, [old]
    assert signing.read(token) == 7
    assert signing.token_for(7) != token
    book.next()
    book.next()
    settings.SECRET_KEY_FALLBACKS = []
    assert signing.read(token) is None
