"""A backup of the middle of a send is put back after the send went on (F-33)."""

import dataclasses

import pytest

from tests.fakes.sendgrid import read_log
from tests.faults import oracle
from tests.faults.installation import BATCH

pytestmark = pytest.mark.road


@pytest.fixture(params=["site", pytest.param("site_on_sqlite", marks=pytest.mark.long)])
def restorable(request):
    """An installation on each database."""
    return request.getfixturevalue(request.param)


def test_nothing_is_sent_from_a_restored_backup_until_somebody_unlocks_it(restorable, broker, sendgrid, tmp_path):
    site, backup = restorable, tmp_path / "backup"
    # Given a backup from the middle of a send, which then goes on
    sendgrid.behave(otherwise="slow:0.1")
    site.beat()
    worker = site.worker()
    site.until_accepted(4 * BATCH)
    sendgrid.behave(otherwise="slow:3")  # the command comes in mid-send, however long it takes
    site.command("db", "backup", str(backup))
    sendgrid.behave(otherwise="slow:0.1")
    site.until_accepted(16 * BATCH)
    worker.kill()
    attempts = site.ledger().attempts
    before = read_log(tmp_path / "accepted.jsonl")
    # When the backup is put back, and workers listen again
    site.command("db", "restore", str(backup), "--yes")
    site.worker()
    site.until(lambda: not site.batches("sending") + site.batches("claimed"), "the leases of the backup have ended")
    for _ in range(3):
        broker.ring()
    site.until(lambda: not broker.bells(), "the workers have heard the bells")
    # Then nothing more goes out
    assert "The database was restored from backup." in site.command("status")
    assert site.status() == "sending"
    assert read_log(tmp_path / "accepted.jsonl") == before
    # And once it is unlocked, what may have gone out is unknown: nobody gets it twice, and nobody is forgotten
    site.command("unlock", "--reason", "restored the backup of the middle of the send", "--yes")
    site.until_sent()
    ledger = site.ledger()
    remembered = dataclasses.replace(ledger, attempts=[*attempts, *ledger.attempts])
    assert oracle.judge(read_log(tmp_path / "accepted.jsonl"), remembered) == oracle.NONE
    assert read_log(tmp_path / "accepted.jsonl") == before
    assert len(oracle.unknown(ledger)) + ledger.audit["accepted"] == ledger.audit["planned"]
