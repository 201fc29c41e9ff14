"""PostgreSQL stops in the middle of a send."""

import pytest

from tests.faults.installation import BATCH

pytestmark = pytest.mark.road

ON_THEIR_WAY = "SELECT COUNT(*) FROM newsletter_batch WHERE status = 'sending'"


def test_postgresql_stops_at_once_in_mid_send_and_comes_back(site, database, sendgrid, proven):
    # Given a send under way by three processes
    sendgrid.behave(otherwise="slow:0.4")
    site.beat()
    site.worker(processes=3)
    # When the database is stopped at once while copies are on their way, and started again, twice
    for accepted in (4 * BATCH, 16 * BATCH):
        site.until_accepted(accepted)
        site.until(lambda: site.value(ON_THEIR_WAY) > 1, "two batches are being handed over")
        database.crash()
        database.start()
    # Then the workers go on by themselves, and only what was on its way is unknown
    assert 0 < proven(site) <= 2 * 3 * BATCH
