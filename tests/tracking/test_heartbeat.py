"""A watcher outside hears of us each minute, as long as we are well."""

from collections.abc import Iterator

import pytest
from django.utils import timezone

from newsletter import config
from newsletter.tracking import heartbeat, life
from tests.fakes.provider import Provider


@pytest.fixture
def watcher(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    with Provider() as listening:
        listening.pages["/ping/abc"] = (200, {}, "OK")
        monkeypatch.setenv("NEWSLETTER_HEARTBEAT_URL", f"{listening.url}/ping/abc")
        config.current.cache_clear()
        yield listening
    monkeypatch.undo()
    config.current.cache_clear()


@pytest.mark.postgres
@pytest.mark.django_db
def test_it_is_called_while_all_is_well(watcher: Provider) -> None:
    life.sign()
    assert heartbeat.beat()


@pytest.mark.django_db
def test_it_is_not_called_before_anybody_wrote_to_the_database(watcher: Provider) -> None:
    assert not heartbeat.beat()


@pytest.mark.django_db
def test_it_is_not_called_while_the_clocks_disagree(watcher: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    life.sign()
    late = timezone.now() + 2 * heartbeat.APART
    monkeypatch.setattr(timezone, "now", lambda: late)
    assert not heartbeat.beat()


@pytest.mark.django_db
def test_nothing_is_called_where_none_is_set() -> None:
    life.sign()
    assert not heartbeat.beat()


@pytest.mark.django_db
@pytest.mark.parametrize("answer", [(500, {}, ""), (302, {"Location": "https://elsewhere.example/"}, "")])
def test_an_answer_that_is_no_yes_is_said_and_harms_nothing(watcher, answer, caplog: pytest.LogCaptureFixture) -> None:
    life.sign()
    watcher.pages["/ping/abc"] = answer
    assert not heartbeat.beat()
