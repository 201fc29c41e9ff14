"""An alert is raised once, told once and ended once, however often somebody looks."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from newsletter.letters import send as letters
from newsletter.letters.models import Letter
from newsletter.tracking import alerts, watchdog
from newsletter.tracking.findings import MORNING, PAGE, Finding
from newsletter.tracking.models import Alert

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
NOW = timezone.now()
MINUTE = timedelta(minutes=1)
STUCK = Finding("send-stuck:1", PAGE, "The Meridian No. 9 makes no progress.", "newsletter batch list --edition 1")
SLOW = Finding("send-slow:1", MORNING, "The Meridian No. 9 is not through.", "newsletter edition audit 1")


@pytest.fixture(autouse=True)
def _told(admin, newsletter, configure):
    configure()


def subjects(outbox, gate):
    while letters.send_next(gate):
        pass
    return sorted(mail["Subject"] for mail in outbox())


def test_a_hundred_looks_at_one_trouble_are_one_alert_and_one_letter(outbox, gate):
    for minute in range(100):
        alerts.keep([STUCK, SLOW], NOW + minute * MINUTE)
    assert Alert.objects.count() == 2
    assert subjects(outbox, gate) == ["[page] The Meridian No. 9 makes no progress. And 1 more."]


def test_its_end_is_told_once_and_after_a_while_only(outbox, gate):
    alerts.keep([STUCK], NOW)
    for minute in range(1, 30):
        alerts.keep([], NOW + minute * MINUTE)
    assert Alert.objects.get().ended_at == NOW + 11 * MINUTE
    assert subjects(outbox, gate) == [
        "[over] The Meridian No. 9 makes no progress.",
        "[page] The Meridian No. 9 makes no progress.",
    ]


def test_trouble_that_comes_and_goes_each_minute_is_one_alert(outbox, gate):
    for minute in range(100):
        alerts.keep([STUCK] if minute % 2 else [], NOW + minute * MINUTE)
    assert Alert.objects.count() == 1
    assert len(subjects(outbox, gate)) == 1


def test_trouble_that_comes_back_later_is_another_alert():
    alerts.keep([STUCK], NOW)
    for minute in (1, 12):
        alerts.keep([], NOW + minute * MINUTE)
    alerts.keep([STUCK], NOW + 60 * MINUTE)
    assert Alert.objects.count() == 2
    assert Letter.objects.count() == 3


def test_what_can_wait_is_gathered_and_told_once_an_hour(outbox, gate):
    silent = [Finding(f"feed:{n}", MORNING, f"Feed {n} is silent.", "newsletter feed list") for n in range(70)]
    for minute in range(60):
        alerts.keep(silent[: minute + 1], NOW + minute * MINUTE)
    assert Letter.objects.count() == 1  # the first; the others wait for the hour
    alerts.keep(silent, NOW + 61 * MINUTE)
    assert subjects(outbox, gate) == [
        "[morning] Feed 0 is silent.",
        "[morning] Feed 1 is silent. And 68 more.",
    ]


def test_what_cannot_wait_any_more_is_told_again():
    alerts.keep([SLOW], NOW)
    worse = Finding(SLOW.key, PAGE, SLOW.words, SLOW.command)
    alerts.keep([worse], NOW + MINUTE)
    alerts.keep([worse], NOW + 2 * MINUTE)
    assert Alert.objects.get().level == PAGE
    assert Letter.objects.count() == 2


def test_what_was_over_before_anybody_was_told_is_not_told():
    alerts.keep([SLOW], NOW)
    other = Finding("feed:1", MORNING, "A feed is silent.", "newsletter feed list")
    alerts.keep([SLOW, other], NOW + MINUTE)
    for minute in (2, 13):
        alerts.keep([SLOW], NOW + minute * MINUTE)
    assert Alert.objects.get(key="feed:1").ended_at
    assert Letter.objects.count() == 1


def test_alerts_go_to_the_addresses_of_the_setting_instead_of_the_admins(configure, outbox, gate):
    configure(NEWSLETTER_ALERT_TO="night@meridian.example, ops@meridian.example")
    alerts.keep([STUCK], NOW)
    subjects(outbox, gate)
    assert sorted(str(mail["To"]) for mail in outbox()) == ["night@meridian.example", "ops@meridian.example"]
    assert set(Letter.objects.values_list("address", flat=True)) == {""}


def test_alerts_go_to_the_webhook_too(webhook, outbox, gate):
    alerts.keep([STUCK], NOW)
    subjects(outbox, gate)
    assert [b"makes no progress" in call.body for call in webhook.calls] == [True]


def test_the_letter_says_first_whether_it_can_wait_and_last_what_to_run(outbox, gate):
    alerts.keep([SLOW, STUCK], NOW)
    subjects(outbox, gate)
    text = outbox()[0].get_body(("plain",)).get_content().strip()
    assert text.startswith("This cannot wait")
    assert text.splitlines()[-1] == STUCK.command


def test_the_watchdog_keeps_what_it_finds_and_gives_a_sign_of_life(newsletter):
    newsletter.editions.create(number=1, kind="special", status="held", stories_from=NOW, stories_until=NOW)
    watchdog.watch()
    watchdog.watch()
    assert [alert.key.partition(":")[0] for alert in Alert.objects.all()] == ["held"]


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_two_watchers_at_once_raise_and_tell_once():
    together = threading.Barrier(2)
    faults: list[Exception] = []

    def watch() -> None:
        together.wait(timeout=10)
        try:
            alerts.keep([STUCK], NOW)
        except Exception as error:  # noqa: BLE001 # whatever it is, the test says
            faults.append(error)
        finally:
            connection.close()

    watchers = [threading.Thread(target=watch) for _ in range(2)]
    for each in watchers:
        each.start()
    for each in watchers:
        each.join(timeout=30)
    assert faults == []
    assert (Alert.objects.count(), Letter.objects.count()) == (1, 1)
