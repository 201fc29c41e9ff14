"""Redis carries bells only: whatever becomes of it, only time is lost."""

import pytest

from tests.faults.installation import BATCH

pytestmark = pytest.mark.road


def test_the_broker_dies_with_and_without_its_data_and_is_emptied_in_mid_send(site, broker, sendgrid, proven):
    # Given a send under way
    sendgrid.behave(otherwise="slow:0.15")
    site.beat()
    site.worker(processes=2)
    site.until_accepted(4 * BATCH)
    # When the broker is emptied
    broker.client.flushall()
    site.until_accepted(12 * BATCH)
    # And is killed and keeps what it wrote
    broker.kill()
    broker.start()
    site.until_accepted(20 * BATCH)
    # And is killed and loses its files
    broker.kill()
    broker.lose_files()
    broker.start()
    # Then every copy was accepted once, and nothing is unknown
    assert proven(site) == 0
