"""`newsletter status --check`: one line with figures and the exit code that monitoring systems expect (O-02)."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from newsletter.editions.models import Edition
from newsletter.feeds.models import Feed
from newsletter.tracking import alerts, life, watchdog
from newsletter.tracking.models import SignOfLife
from tests import builders
from tests.cli.conftest import Terminal

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition(db) -> Edition:
    life.sign()
    return builders.scheduled_edition(builders.make_newsletter())


def test_when_nothing_is_wrong_it_is_0(edition, terminal: Terminal) -> None:
    assert terminal("status", "--check") == 0
    assert terminal.out.startswith("OK: nothing is wrong. | alerts=0 pages=0 ")
    assert terminal.out.count("\n") == 1
    assert "sign_of_life=" in terminal.out


def test_what_can_wait_is_1(edition, terminal: Terminal) -> None:
    Feed.objects.create(url="https://m.example/feed", failing_since=timezone.now() - timedelta(days=3))
    assert terminal("status", "--check") == 1
    assert terminal.out.startswith("WARNING: The feed https://m.example/feed")


def test_what_cannot_wait_is_2_and_comes_first(edition, terminal: Terminal) -> None:
    Edition.objects.update(status="held", status_reason="A thin week.", send_at=timezone.now())
    assert terminal("status", "--check") == 2
    assert terminal.out.startswith("CRITICAL: The Meridian No. 1 is held. A thin week. | alerts=1 pages=1 ")


def test_a_dead_worker_is_2_though_it_can_tell_nobody(edition, terminal: Terminal) -> None:
    SignOfLife.objects.update(at=timezone.now() - timedelta(minutes=6))
    assert terminal("status", "--check") == 2
    assert "No worker gives a sign of life" in terminal.out


def test_a_database_that_cannot_be_asked_is_3(edition, terminal: Terminal) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE newsletter_signoflife RENAME TO elsewhere")
    assert terminal("status", "--check") == 3
    assert terminal.out.startswith("UNKNOWN: the database did not answer: ")


def test_words_of_an_enemy_stay_on_the_line_t33(edition, terminal: Terminal) -> None:
    Edition.objects.update(status="held", status_reason="\x1b[2J\nOK: all is well", send_at=timezone.now())
    terminal("status", "--check")
    assert terminal.out.count("\n") == 1
    assert "\x1b" not in terminal.out


def test_status_shows_each_with_its_command_and_json_has_them_too(edition, terminal: Terminal) -> None:
    Edition.objects.update(status="held", status_reason="A thin week.", send_at=timezone.now())
    terminal("status")
    assert "is held. A thin week." in terminal.out
    assert f"newsletter edition show {edition.pk}" in terminal.out
    terminal("status", "--json")
    (alert,) = json.loads(terminal.out)["alerts"]
    assert (alert["key"], alert["level"], alert["raised_at"]) == (f"held:{edition.pk}", "page", None)


def test_json_says_since_when_once_a_worker_has_seen_it(edition, terminal: Terminal) -> None:
    Edition.objects.update(status="held", send_at=timezone.now())
    alerts.keep(watchdog.look(), timezone.now())
    terminal("status", "--json")
    assert json.loads(terminal.out)["alerts"][0]["raised_at"]
