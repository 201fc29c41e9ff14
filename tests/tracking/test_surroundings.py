"""What a send stands on."""

from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter.deliveries import epoch
from newsletter.feeds.models import Feed
from newsletter.letters import writing
from newsletter.letters.models import Letter
from newsletter.tracking.models import SignOfLife
from tests.letters.samples import FACTS
from tests.tracking.conftest import ago

HOUR = timedelta(hours=1)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.mark.parametrize(
    ("key", "columns"),
    [
        ("feed-failing", {"failing_since": ago(hours=25), "last_error": "The server refused."}),
        ("feed-silent", {"newest_at": ago(days=9), "usual_gap": HOUR, "longest_gap": HOUR}),
    ],
)
def test_a_feed_that_fails_for_a_day_or_is_silent_is_told_and_a_paused_one_is_not(newsletter, seen, key, columns):
    feed = Feed.objects.create(url="https://m.example/feed", **columns)
    assert (seen()[key].level, seen()[key].command) == ("morning", "newsletter feed check https://m.example/feed")
    Feed.objects.filter(pk=feed.pk).update(paused_at=timezone.now())
    assert seen() == {}


def test_letters_that_failed_within_a_day_are_told(newsletter, admin, seen):
    writing.write("draft-ready", admin, "1", newsletter=newsletter, **FACTS["draft-ready"])
    Letter.objects.update(status="rejected", finished_at=timezone.now())
    assert seen()["letters-failed"].command == "newsletter letter list --failed"
    Letter.objects.update(finished_at=ago(hours=25))
    assert seen() == {}


def test_letters_that_wait_for_an_hour_are_told(newsletter, admin, seen):
    writing.write("draft-ready", admin, "1", newsletter=newsletter, **FACTS["draft-ready"])
    assert seen() == {}
    Letter.objects.update(created_at=ago(hours=2))
    assert "letters-wait" in seen()


def test_a_locked_ledger_is_told(newsletter, seen, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    (tmp_path / "epoch.json").write_text('{"identity": "another", "generation": 9, "attempt": 1}')
    assert epoch.fault()
    assert (seen()["locked"].level, seen()["locked"].command) == ("page", "newsletter unlock --reason …")


def test_workers_without_a_sign_of_life_are_told(newsletter, seen):
    assert "no-life" not in seen()
    assert seen(timezone.now() + timedelta(minutes=6))["no-life"].level == "page"
    SignOfLife.objects.all().delete()
    assert "no-life" in seen()


def test_an_installation_without_a_newsletter_needs_no_worker_yet(db, seen):
    assert seen() == {}
