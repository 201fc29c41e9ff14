"""Deployments in mid-send (F-26): a worker that is asked to end finishes what it has in hand, and begins no more."""

import signal

import pytest

pytestmark = pytest.mark.road

DEPLOYMENTS = 2
PROCESSES = 2


def test_workers_that_are_asked_to_end_in_mid_send_leave_nothing_unknown(site, sendgrid, proven):
    site.beat()
    for deployment in range(DEPLOYMENTS):
        # Given a worker whose processes wait for the provider's answer
        sendgrid.hold()
        worker = site.worker(processes=PROCESSES)
        site.until(lambda: sendgrid.held == PROCESSES, "both processes wait for an answer")
        # When it is told to end: the parent alone, then, as some supervisors do, all its processes at once
        worker.terminate() if not deployment else worker.tell(signal.SIGTERM)
        site.until(lambda told=worker: "shutdown" in told.log.read_text().lower(), "the worker has heard it")
        attempts = site.attempts()
        sendgrid.release()
        # Then it ends by itself, and has begun nothing since
        site.until(lambda ending=worker: not ending.alive, "the worker has ended")
        assert site.attempts() == attempts
        assert site.batches("sending") == site.batches("claimed") == 0
    # And the next one finishes
    site.worker()
    assert proven(site) == 0
