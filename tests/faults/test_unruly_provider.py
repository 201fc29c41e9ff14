"""A provider that answers in every bad way there is, and workers that die meanwhile."""

import pytest

from tests.fakes.smtp import SmtpServer
from tests.faults.installation import BATCH

pytestmark = pytest.mark.road

# What it does, and whether nobody can tell afterwards.
BAD = {
    "429:1": False, "500": True, "503": True, "500-after": True, "502-after": True, "reset-after": True, "half": True,
    "half-line": True, "silent": True, "deaf": True, "garbage": True, "html": True, "slow:0.5": False,
    "reset": False,
}  # fmt: skip


def test_a_provider_that_misbehaves_in_every_way_costs_only_what_nobody_can_tell(site, sendgrid, chance, proven):
    # Given a provider with every fault once, and one reader it refuses
    words = [*BAD, *["ok"] * 20]
    chance.shuffle(words)
    sendgrid.behave(*words)
    sendgrid.refused_addresses = {"reader77@example.org"}
    site.beat()
    site.worker(processes=2)
    # Then the batches of the open answers are unknown, and no others. The refusal may have come in place of one; and a
    # reset in the middle of the request leaves it open only if the request was out already.
    open_answers = sum(BAD.values())
    assert (open_answers - 1) * BATCH - 1 <= proven(site) <= (open_answers + 1) * BATCH
    # And the refused reader alone was rejected, with the provider's words
    rejected = "SELECT subscriber_id, reason FROM newsletter_delivery WHERE status = 'rejected'"
    assert site.rows(rejected) == [(78, "SendGrid refused: Does not contain a valid address.")]


def test_a_mail_server_that_hangs_up_at_the_dot_and_workers_that_die_leave_single_copies_unknown(
    install, chance, proven, tmp_path
):
    # Given a mail server that refuses, postpones, hangs up and falls silent at some of the final dots
    faults = ["reset", "close", "silent", "drop"]
    words = [*faults, "554 5.6.0 No", "451 4.3.0 Later", *[""] * 600]
    chance.shuffle(words)
    with SmtpServer(tmp_path / "accepted.jsonl", keep=False) as server:
        server.script("DOT", *words)
        site = install(NEWSLETTER_TRANSPORT="smtp", SMTP_URL=f"smtp://127.0.0.1:{server.port}")
        site.beat()
        worker = site.worker(processes=2)
        # When the worker is killed in the middle
        site.until_accepted(800)
        worker.kill()
        site.worker(processes=2)
        # And what was postponed has waited long enough
        site.until(lambda: not _at_work(site), "only postponed copies are left")
        site.rows("UPDATE newsletter_batch SET not_before = NULL")
        # Then unknown are the readers of those dots, and at most what the two processes had in their hands
        unknown = proven(site)
    assert len(faults) <= unknown <= len(faults) + 2 * 20
    assert site.value("SELECT SUM(rejected) FROM newsletter_batch") == 1


def _at_work(site):
    waiting = "SELECT COUNT(*) FROM newsletter_batch WHERE status IN ('claimed', 'sending')"
    ready = "SELECT COUNT(*) FROM newsletter_batch WHERE status = 'pending' AND not_before IS NULL"
    return site.status() != "sending" or site.value(waiting) or site.value(ready)
