"""kill -9 at any moment, while everything runs twice and readers leave."""

import pytest

from tests.faults.installation import BATCH

pytestmark = pytest.mark.road

KILLS = 6
PROCESSES = 2


def test_kill_9_at_random_with_two_beats_two_planners_and_200_readers_leaving(site, sendgrid, chance, proven):
    # Given two beats, two workers that both plan and send, and a provider that takes its time
    sendgrid.behave(otherwise="slow:0.1")
    beats = [site.beat(), site.beat()]
    workers = [site.worker(processes=PROCESSES), site.worker(processes=PROCESSES)]
    leaving = iter(chance.sample(range(2000), 200))
    site.until_accepted(1)
    # When workers and beats are killed one by one, at random moments, and readers leave in between
    for kill in range(KILLS):
        for _ in range(200 // KILLS + 1):
            if (reader := next(leaving, None)) is not None:
                site.leave(reader)
        at = chance.randrange(2)
        if kill == KILLS // 2:
            beats[at].kill()
            beats[at] = site.beat()
        elif chance.random() < 0.5:
            workers[at].kill_a_child()
        else:
            workers[at].kill()
            workers[at] = site.worker(processes=PROCESSES)
        moved = site.value("SELECT COUNT(*) FROM newsletter_attempt") + chance.randrange(1, 5)
        site.until(lambda enough=moved: _attempts(site) >= enough or _idle(site), "the sending goes on")
    assert len(site.left) == 200
    # Then no more is unknown than the dead had in their hands, and some who left were spared
    assert proven(site) <= KILLS * PROCESSES * BATCH
    assert site.value("SELECT SUM(skipped) FROM newsletter_batch") > 0


def _attempts(site):
    return site.value("SELECT COUNT(*) FROM newsletter_attempt")


def _idle(site):
    return not site.value("SELECT COUNT(*) FROM newsletter_batch WHERE status IN ('pending', 'claimed')")
