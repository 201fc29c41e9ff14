"""A button that is pressed fifty times at once acts once (T-31)."""

import threading

import pytest
from django.db import connection, connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

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


def test_fifty_presses_at_once_make_one_special_edition_one_correction_and_one_note(pressing):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    newsletter = builders.make_newsletter()
    builders.make_article("Story", hours_ago=1)
    press_at_once(pressing, reverse("desk-special"), newsletter=newsletter.slug, days=7)
    edition = Edition.objects.get()
    words = {"kind": "note", "dek": "Dear reader", "section": newsletter.sections.get(slug="analysis").pk}
    press_at_once(pressing[:20], reverse("desk-write", args=[edition.pk]), **words)
    assert edition.items.filter(type="note").count() == 1
    Edition.objects.update(started_at=timezone.now(), status="sent")
    press_at_once(pressing[:20], reverse("desk-correct", args=[edition.pk]), subject="Sorry", note="It was a lake.")
    assert Edition.objects.filter(parent=edition).count() == 1


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
    assert answers == [302] * len(clients)
