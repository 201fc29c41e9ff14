"""PostgreSQL stops in the middle of a send."""

import pytest

from tests.faults.installation import BATCH

pytestmark = pytest.mark.road

PROCESSES = 3
CUTS = (2, 6, 10, 14)  # after so many accepted batches


def test_postgresql_stops_at_once_in_mid_send_and_comes_back(site, database, sendgrid, proven):
    # Given a send under way by three processes
    site.beat()
    site.worker(processes=PROCESSES)
    # When the database is stopped at once while copies are on their way, and started again, twice
    for accepted in (4 * BATCH, 12 * BATCH):
        site.until_accepted(accepted)
        sendgrid.hold()
        site.until(lambda: sendgrid.held == PROCESSES, "all processes hand a batch over")
        database.crash()
        sendgrid.release()
        database.start()
    # Then the workers go on by themselves and write down what they were answered; who could not in time left unknown
    # copies, and only those that were on their way
    assert proven(site) <= 2 * PROCESSES * BATCH


def test_postgresql_ends_every_session_again_and_again_in_mid_send(site, database, sendgrid, proven):
    # Given a send under way by three processes
    sendgrid.behave(otherwise="slow:0.05")
    site.beat()
    site.worker(processes=PROCESSES)
    # When all their sessions are ended, whatever they were doing (F-08)
    name = site.value("SELECT current_database()")
    for batches in CUTS:
        site.until_accepted(batches * BATCH)
        assert database.cut_off(name) > 0
    # Then no more is unknown than they had in their hands
    assert proven(site) <= len(CUTS) * PROCESSES * BATCH
