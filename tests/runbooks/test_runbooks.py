"""The runbooks hold what they promise: each is gone through, command by command."""

from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter.deliveries import claim, send, sweep
from newsletter.deliveries.models import Batch, Delivery
from newsletter.subscribers.models import Suppression
from newsletter.tracking import apply, policy, returned
from newsletter.tracking.models import Event
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
