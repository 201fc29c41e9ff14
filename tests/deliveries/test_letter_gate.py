"""What stands between a worker and a letter: the epoch, and the limits that batches obey too."""

from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter import config
from newsletter.deliveries import epoch, quota, tokens
from newsletter.deliveries.letter_gate import LETTER_GATE
from newsletter.letters import writing
from newsletter.letters.models import Letter
from newsletter.transports.base import Rejected
from newsletter.transports.memory import MemoryTransport
from tests.letters.samples import FACTS

pytestmark = pytest.mark.django_db
TRANSPORT = MemoryTransport()


@pytest.fixture(autouse=True)
def _limits(broker, monkeypatch):
    """A real Redis-compatible server, and a quota of two copies a day."""
    monkeypatch.setenv("REDIS_URL", broker.url)
    monkeypatch.setenv("NEWSLETTER_DAILY_QUOTA", "2")
    for cached in (config.current, tokens._redis, tokens._script):
        cached.cache_clear()
    yield
    monkeypatch.undo()
    for cached in (config.current, tokens._redis, tokens._script):
        cached.cache_clear()


@pytest.fixture
def locked(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    (tmp_path / "epoch.json").write_text('{"identity": "another", "generation": 9, "attempt": 1}')
    assert epoch.fault()


def test_a_letter_counts_against_the_quota_of_the_day():
    assert [LETTER_GATE.permit(TRANSPORT, urgent=False) for _ in range(3)] == [True, True, False]
    assert quota.left(TRANSPORT.name) == 0


def test_a_locked_ledger_lets_alerts_through_and_nothing_else(locked):
    assert not LETTER_GATE.permit(TRANSPORT, urgent=False)
    assert LETTER_GATE.permit(TRANSPORT, urgent=True)


def test_a_provider_that_wants_to_be_left_alone_is_left_alone():
    until = timezone.now() + timedelta(minutes=5)
    LETTER_GATE.rest(TRANSPORT.name, Rejected(1, "Later.", until))
    assert LETTER_GATE.permit(TRANSPORT, urgent=False)  # that was this letter's own affair
    LETTER_GATE.rest(TRANSPORT.name, Rejected(1, "A pause.", until, all_wait=True))
    assert not LETTER_GATE.permit(TRANSPORT, urgent=False)


def test_unlocking_leaves_no_letter_that_may_have_gone_out(locked, newsletter):
    writing.write("draft-ready", "ada@meridian.example", "1", newsletter=newsletter, **FACTS["draft-ready"])
    epoch.unlock(None, "compared with the provider")
    assert Letter.objects.get().status == "unknown"
