"""Redis carries bells only: whatever becomes of it, only time is lost (F-05, F-06)."""

import time

import pytest

pytestmark = pytest.mark.road

PROCESSES = 2


def emptied(broker, _rest):
    broker.client.flushall()


def frozen(broker, rest):
    broker.freeze()
    rest()
    broker.wake()


def full(broker, rest):
    broker.client.config_set("maxmemory", "1mb")
    rest()
    broker.client.config_set("maxmemory", "0")


def asking_for_a_password_that_nobody_knows(broker, rest):
    broker.lock_out("nobody knows")
    rest()
    broker.lock_out("")


def killed_and_started_with_its_files(broker, rest):
    broker.kill()
    rest()
    broker.start()


def killed_and_started_without_its_files(broker, rest):
    broker.kill()
    broker.lose_files()
    rest()
    broker.start()


TROUBLES = [
    emptied, frozen, asking_for_a_password_that_nobody_knows, killed_and_started_with_its_files,
    killed_and_started_without_its_files,
]  # fmt: skip


def test_whatever_happens_to_the_broker_in_mid_send_all_processes_are_soon_busy_again_and_nothing_is_unknown(
    site, broker, sendgrid, proven
):
    # Given a send by several processes
    sendgrid.hold()
    site.beat()
    site.worker(processes=PROCESSES)

    def rest():
        sendgrid.release()
        site.until(lambda: not site.batches("sending") + site.batches("claimed"), "the workers have nothing in hand")

    for trouble in TROUBLES:
        site.until(lambda: sendgrid.held == PROCESSES, "all processes hand a batch over")
        # When the broker is in trouble, and the trouble is over
        trouble(broker, rest)
        over = time.monotonic()
        sendgrid.hold()
        # Then all processes are busy again, by themselves
        site.until(lambda: sendgrid.held == PROCESSES, "all processes hand a batch over")
        print(f"{trouble.__name__.replace('_', ' ')}: all busy again after {time.monotonic() - over:.1f} s")
    sendgrid.release()
    # And every copy was accepted once, and nothing is unknown
    assert proven(site) == 0
