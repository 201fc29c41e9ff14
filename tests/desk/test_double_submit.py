"""A button that is pressed fifty times at once acts once (T-31)."""

import threading

import pytest
from django.db import connection, connections
from django.test import Client
from django.urls import reverse

from newsletter.editions.models import Edition
from newsletter.newsletters.models import AuditEntry, Staff
from tests import builders

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.fixture
def pressing(db):
    """Fifty browsers of one person."""
    person = Staff.objects.create(email="e@example.org", role="sender")
    clients = [Client() for _ in range(50)]
    for client in clients:
        client.force_login(person)
    return clients


def test_fifty_presses_at_once_make_one_edition_and_approve_it_once(pressing):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    newsletter = builders.make_newsletter()
    for number in range(3):
        builders.make_article(f"Story {number}", hours_ago=number + 1)
    press_at_once(pressing, reverse("desk-compose"), newsletter=newsletter.slug)
    edition = Edition.objects.get()
    assert edition.items.count() == 3
    press_at_once(pressing, reverse("desk-approve", args=[edition.pk]))
    assert AuditEntry.objects.filter(verb="approve").count() == 1
    assert AuditEntry.objects.filter(verb="schedule").count() == 1


def press_at_once(clients, address, **fields):
    start, answers = threading.Barrier(10), []

    def press(mine):
        start.wait()
        answers.extend(client.post(address, fields).status_code for client in mine)
        connections.close_all()

    threads = [threading.Thread(target=press, args=(clients[n::10],)) for n in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [302] * 50
