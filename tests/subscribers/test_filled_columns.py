"""The migration that fills what providers and ramp need, for readers who were there before."""

import importlib
from datetime import timedelta

import pytest
from django.apps import apps

from newsletter.subscribers.models import Subscriber, Subscription
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def test_readers_of_before_have_their_provider_and_their_sign_up_as_sign_of_life():
    # Given readers as the columns' defaults leave them
    first, second, third = builders.add_readers(builders.make_newsletter(), 3)
    Subscriber.objects.filter(pk=first.subscriber_id).update(email="ada@gmail.com")
    Subscriber.objects.filter(pk=second.subscriber_id).update(email=None)
    Subscriber.objects.update(mailbox="other")
    long_ago = third.created_at - timedelta(days=400)
    Subscription.objects.filter(pk=third.pk).update(created_at=long_ago)
    # When the migration runs
    importlib.import_module("newsletter.migrations.0004_fill_mailboxes").fill(apps, None)
    # Then
    assert list(Subscriber.objects.order_by("pk").values_list("mailbox", flat=True)) == ["gmail", "other", "other"]
    third.refresh_from_db()
    assert third.alive_at == long_ago
