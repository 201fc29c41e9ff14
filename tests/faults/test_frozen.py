"""Workers that freeze (SIGSTOP, a suspended machine) and wake after their lease has ended."""

import signal

import psycopg
import pytest

from tests.fakes.sendgrid import read_log
from tests.faults.installation import BATCH

pytestmark = pytest.mark.road

UNKNOWN = "SELECT COALESCE(SUM(unknown), 0) FROM newsletter_batch"


def test_workers_that_wake_after_their_lease_send_nothing_and_tell_what_they_know(site, proven, tmp_path):
    # Given three workers that freeze with a batch each: before their intent, after it, and after the hand-over
    site.beat()
    points = ("send.claimed", "send.intended", "send.handed_over")
    frozen = [site.worker(f"{point}:1:pause") for point in points]
    for worker in frozen:
        site.until(lambda stopping=worker: stopping.stopped, "a worker froze")
    # When their leases end while another worker sends the rest
    site.worker()
    site.until_sent()
    assert site.value(UNKNOWN) == 2 * BATCH
    handed_over = len(read_log(tmp_path / "accepted.jsonl"))
    # And they wake
    for worker in frozen:
        worker.wake_children()
    for worker in frozen[1:]:
        site.until(lambda woken=worker: "its lease had ended" in woken.log.read_text(), "the worker says it is late")
    for worker in frozen:
        worker.tell(signal.SIGCONT)
    # Then nobody was sent anything more, and the answer that one of them had makes its copies accepted
    assert len(read_log(tmp_path / "accepted.jsonl")) == handed_over
    assert proven(site) == BATCH


def test_a_claim_that_is_swept_while_its_worker_waits_for_the_row_is_lost(site, proven, tmp_path):
    # Given a worker that froze between its claim and its intent
    site.beat()
    worker = site.worker("send.claimed:1:pause")
    site.until(lambda: worker.stopped, "the worker froze")
    with psycopg.connect(site.environment["DATABASE_URL"]) as sweeper:
        # When a sweep has taken the batch back but not committed yet, and the worker wakes and waits for the row
        claimed = "status = 'pending', fence = fence + 1, lease_until = NULL"
        sweeper.execute(f"UPDATE newsletter_batch SET {claimed} WHERE status = 'claimed'".encode())
        worker.tell(signal.SIGCONT)
        waiting = (
            "SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        site.until(lambda: site.value(waiting), "the worker waits")
    # Then it lost the batch, which is sent by whoever claims it next
    assert proven(site) == 0
    fences = site.rows("SELECT batch.fence, attempt.fence FROM newsletter_attempt attempt"
                       " JOIN newsletter_batch batch ON batch.id = attempt.batch_id")  # fmt: skip
    assert all(batch == attempt for batch, attempt in fences)
    assert max(fences) == (3, 3)
