"""The live counts: asked for again while something moves, and no longer."""

import pytest
from django.urls import reverse
from django.utils import timezone

from newsletter.deliveries import plan, send
from newsletter.editions.models import Edition
from newsletter.transports.memory import MemoryTransport
from tests import builders

pytestmark = pytest.mark.django_db

MOVING = {"scheduled", "planning", "sending", "paused"}


@pytest.mark.parametrize("status", Edition.Status.values)
def test_the_page_asks_again_only_while_something_moves(sender, edition, status):
    Edition.objects.update(status=status)
    response = sender.get(reverse("desk-counts", args=[edition.pk]))
    assert response.status_code == (200 if status in MOVING else 286)
    assert ("hx-get" in response.text) == (status in MOVING)


def test_the_whole_page_is_loaded_again_when_the_state_is_another(sender, edition):
    address = reverse("desk-counts", args=[edition.pk])
    Edition.objects.update(status="sending")
    assert sender.get(address, {"seen": "scheduled"})["HX-Refresh"] == "true"
    assert "HX-Refresh" not in sender.get(address, {"seen": "sending"}).headers
    assert "?seen=sending" in sender.get(address).text


def test_the_state_is_announced_and_the_figures_of_every_second_are_not(sender, edition):
    Edition.objects.update(status="sending")
    figures = sender.get(reverse("desk-counts", args=[edition.pk])).text
    assert "aria-live" not in figures
    assert 'role="status"' not in figures
    page = sender.get(reverse("desk-edition", args=[edition.pk])).text
    assert page.count("aria-live") == 0
    assert page.count('<span class="state sending" role="status">sending</span>') == 1


def test_the_list_of_editions_is_announced_by_nobody_and_stays_a_table(sender, edition):
    Edition.objects.update(status="sending")
    page = sender.get(reverse("desk")).text
    assert 'role="status"' not in page
    assert page.count('role="columnheader"') == page.count('role="cell"') == 5


def test_the_counts_are_those_of_the_ledger(sender, newsletter):
    builders.add_readers(newsletter, 5)
    edition = builders.scheduled_edition(newsletter)
    plan.begin_due()
    while plan.plan_next(batch_size=3):
        pass
    send.send_next(MemoryTransport(batch_size=3))
    page = " ".join(sender.get(reverse("desk-counts", args=[edition.pk])).text.split())
    assert "<dt>planned</dt><dd>5</dd>" in page
    assert "<dt>accepted</dt><dd>3</dd>" in page
    assert "<dt>pending</dt><dd>2</dd>" in page
    assert 'aria-label="3 of 5 readers decided"' in page


def test_one_reader_and_one_copy_are_no_plurals(sender, edition, newsletter, press):
    builders.add_readers(newsletter, 1)
    press("desk-approve")
    page = sender.get(reverse("desk-check", args=[edition.pk])).text
    assert "to 1 reader</p>" in page
    assert "1 reader gets it within minutes" in page
    Edition.objects.update(status="scheduled", send_at=timezone.now())
    plan.begin_due()
    while plan.plan_next(batch_size=3):
        pass
    page = sender.get(reverse("desk-edition", args=[edition.pk])).text
    assert "1 copy that has not gone out is skipped" in page


def test_a_missing_worker_is_suspected_only_once_the_send_is_half_a_minute_old(sender, newsletter):
    builders.add_readers(newsletter, 2)
    edition = builders.scheduled_edition(newsletter)
    plan.begin_due()
    while plan.plan_next(batch_size=2):
        pass
    address = reverse("desk-counts", args=[edition.pk])
    assert "A worker that hands mail over may be missing" not in sender.get(address).text
    Edition.objects.update(started_at=timezone.now() - timezone.timedelta(seconds=31))
    assert "A worker that hands mail over may be missing" in sender.get(address).text
    # Nor right after somebody let it go on; and the health page tells for how long batches wait
    Edition.objects.update(started_at=timezone.now() - timezone.timedelta(minutes=5))
    assert "the oldest for 5 min" in sender.get(reverse("desk-health")).text
    Edition.objects.update(resumed_at=timezone.now())
    assert "A worker that hands mail over may be missing" not in sender.get(address).text
