"""A newsletter with readers, and the verbs of a send, for tests of the ledger."""

from collections.abc import Callable

import pytest

from newsletter.deliveries import plan, send, sweep
from newsletter.editions.models import Edition
from newsletter.newsletters.models import Newsletter
from newsletter.transports.base import Transport
from newsletter.transports.memory import MemoryTransport
from tests import builders


@pytest.fixture
def newsletter(db: None) -> Newsletter:
    return builders.make_newsletter()


@pytest.fixture
def transport() -> MemoryTransport:
    return MemoryTransport(batch_size=3)


@pytest.fixture
def planned() -> Callable[[Edition], Edition]:
    """Plan an edition to the end, in batches of three."""

    def plan_all(edition: Edition) -> Edition:
        plan.begin_due()
        while plan.plan_next(batch_size=3):
            pass
        edition.refresh_from_db()
        return edition

    return plan_all


@pytest.fixture
def sent(planned: Callable[[Edition], Edition]) -> Callable[[Edition, Transport], Edition]:
    """Plan and send an edition until nothing is left to do."""

    def send_all(edition: Edition, transport: Transport) -> Edition:
        planned(edition)
        while send.send_next(transport):
            pass
        sweep.run()
        edition.refresh_from_db()
        return edition

    return send_all
