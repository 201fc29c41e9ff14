"""PostgreSQL stops in the middle of a send."""

import pytest

from tests.faults.installation import BATCH

pytestmark = pytest.mark.road


def test_postgresql_stops_at_once_in_mid_send_and_comes_back(site, database, sendgrid, proven):
    # Given a send under way by three processes
    sendgrid.behave(otherwise="slow:0.15")
    site.beat()
    site.worker(processes=3)
    site.until_accepted(4 * BATCH)
    # When the database is stopped at once, twice, and started again
    for accepted in (16 * BATCH, 24 * BATCH):
        database.crash()
        database.start()
        site.until_accepted(accepted)
    # Then the workers went on by themselves, and only what was on its way is unknown
    assert proven(site) <= 2 * 3 * BATCH
