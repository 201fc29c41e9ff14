"""What people do in the middle of a send: pause, leave, resume, cancel, retry."""

import pytest

from tests.fakes.sendgrid import read_log
from tests.faults.conftest import READERS
from tests.faults.installation import BATCH

pytestmark = pytest.mark.road

PROCESSES = 2
AT_LEISURE = "slow:3"  # a command may take half a minute on a machine that does much else; it shall come in mid-send
REFUSED = {"reader77@example.org", "reader1200@example.org"}


def test_a_send_is_paused_left_by_readers_resumed_and_retried_and_everybody_is_accounted_for(
    site, sendgrid, chance, proven, tmp_path
):
    # Given a send by two processes, whose batches wait for an answer
    sendgrid.refused_addresses = set(REFUSED)
    sendgrid.behave(otherwise="slow:0.1")
    site.beat()
    site.worker(processes=PROCESSES)
    site.until_accepted(4 * BATCH)
    # When the edition is paused, what is on its way comes back, and nothing else begins
    sendgrid.behave(otherwise=AT_LEISURE)
    site.command("edition", "pause", "1")
    site.until(lambda: not site.batches("sending") + site.batches("claimed"), "what was on its way has come back")
    attempts = site.attempts()
    # And readers leave, whether they had their copy or not
    for reader in chance.sample(range(READERS), 50):
        site.leave(reader)
    assert site.attempts() == attempts
    # And it goes on, and ends
    sendgrid.behave()
    site.command("edition", "resume", "1")
    site.until_sent()
    rejected = site.value("SELECT SUM(rejected) FROM newsletter_batch")
    assert rejected == len(REFUSED - site.left.keys())
    # And what was refused is offered once more, to a provider that takes it
    sendgrid.refused_addresses = set()
    site.command("edition", "retry", "1", "--yes")
    # Then the oracle finds nothing, and each of those has one copy
    assert proven(site) == 0
    assert site.value("SELECT SUM(rejected) FROM newsletter_batch WHERE status = 'pending'") is None
    mailed = [line["address"] for line in read_log(tmp_path / "accepted.jsonl")]
    assert all(mailed.count(address) == 1 for address in REFUSED - site.left.keys())


def test_a_send_that_is_cancelled_stops_where_it_is_and_every_copy_is_accounted_for(site, sendgrid, judged, tmp_path):
    # Given a send whose batches wait for an answer
    sendgrid.behave(otherwise="slow:0.1")
    site.beat()
    site.worker(processes=PROCESSES)
    site.until_accepted(4 * BATCH)
    sendgrid.behave(otherwise=AT_LEISURE)
    site.until(lambda: site.batches("sending") == PROCESSES, "both processes wait for an answer")
    # When it is cancelled
    site.command("edition", "cancel", "1", "--yes")
    site.until(lambda: not site.batches("sending") + site.batches("claimed"), "what was on its way has come back")
    # Then what was taken is accepted, the rest is skipped, and nothing is unknown
    audit = judged(site).audit
    assert site.status() == "cancelled"
    assert audit["unknown"] == 0
    assert audit["accepted"] == len(read_log(tmp_path / "accepted.jsonl"))
    assert audit["accepted"] + audit["skipped"] == READERS
