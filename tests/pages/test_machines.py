"""What monitoring asks (O-04, O-05): /livez, /readyz and /metrics."""

import re
from collections.abc import Iterator
from unittest.mock import patch

import pytest
from django.db import DatabaseError
from django.db.backends.utils import CursorWrapper
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from newsletter import config, links
from newsletter.deliveries import plan
from newsletter.tracking import life, tally
from tests import builders

BY_NUMBER = {"Host": "10.1.2.3:8000"}


@pytest.fixture
def token(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("NEWSLETTER_METRICS_TOKEN", "let-me-in")
    config.current.cache_clear()
    yield "let-me-in"
    monkeypatch.undo()
    config.current.cache_clear()


@pytest.mark.django_db
@pytest.mark.parametrize("door", ["/livez", "/readyz", "/metrics"])
def test_a_machine_may_name_us_by_number(client: Client, door: str) -> None:
    response = client.get(door, headers=BY_NUMBER)
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    assert not response.cookies
    assert client.post(door).status_code == 405


def test_alive_needs_no_database(client: Client) -> None:
    assert client.get("/livez").content == b"ok\n"  # without the db mark any query would fail


@pytest.mark.parametrize(
    ("said", "count"), [(None, "0"), ("203.0.113.7", "1"), ("203.0.113.7, 10.0.0.2", "2"), (" , ,", "0")]
)
def test_alive_says_how_many_proxies_passed_the_question_on(client: Client, said: str | None, count: str) -> None:
    assert client.get("/livez", headers={"X-Forwarded-For": said} if said else {})[links.PROXIES_HEADER] == count


@pytest.mark.postgres
@pytest.mark.django_db
def test_ready_without_workers_is_degraded_and_with_one_ok(client: Client) -> None:
    assert client.get("/readyz").content.startswith(b"degraded")
    life.sign()
    assert client.get("/readyz").content == b"ok\n"


@pytest.mark.django_db
def test_not_ready_while_a_migration_is_missing(client: Client) -> None:
    newest = MigrationRecorder.Migration.objects.filter(app="newsletter").order_by("name").last()
    newest.delete()
    response = client.get("/readyz")
    assert response.status_code == 503
    assert b"not those of this version" in response.content


@pytest.mark.django_db
def test_not_ready_while_the_database_is_away(client: Client) -> None:
    with patch.object(CursorWrapper, "execute", side_effect=DatabaseError("gone")):
        response = client.get("/readyz")
    assert response.status_code == 503
    assert response.content == b"the database does not answer\n"


@pytest.mark.postgres
@pytest.mark.django_db
def test_the_figures_count_copies_and_name_no_reader(client: Client, django_assert_max_num_queries) -> None:
    # Given an edition that is being sent to three readers
    newsletter = builders.make_newsletter()
    builders.add_readers(newsletter, 3)
    builders.scheduled_edition(newsletter)
    plan.begin_due()
    while plan.plan_next(500):
        pass
    # When Prometheus asks
    tally.flush()  # what other tests counted in this process
    with django_assert_max_num_queries(80):
        text = client.get("/metrics").content.decode()
    # Then every name has our prefix, the copies are counted, and no address is in it
    names = set(re.findall(r"^# TYPE (\S+)", text, re.MULTILINE))
    assert names
    assert all(name.startswith("newsletter_") for name in names)
    assert re.search(r'newsletter_recent_copies\{newsletter="[^"]+",state="waiting"\} 3\.0', text)
    assert re.search(r'newsletter_unfinished_batches\{status="pending"\} [1-9]', text)
    assert "newsletter_sending_locked 0.0" in text
    assert "@" not in text


@pytest.mark.django_db
def test_strangers_do_not_get_the_figures(client: Client) -> None:
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.9").status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 404


@pytest.mark.django_db
def test_where_a_token_is_set_it_alone_counts(client: Client, token: str) -> None:
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 404
    given = client.get("/metrics", REMOTE_ADDR="203.0.113.9", headers={"Authorization": f"Bearer {token}"})
    assert given.status_code == 200
