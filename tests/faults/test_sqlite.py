"""The embedded installation: SQLite, and everything in the hands of `newsletter up`."""

import os
import shutil
import signal

import pytest

from tests.faults.conftest import through
from tests.faults.installation import BATCH, Installation
from tests.servers.processes import free_port, newsletter, processes_of

pytestmark = pytest.mark.road


def test_the_worker_and_then_the_parent_are_killed_in_mid_send_and_up_again_finishes(
    prepared, sendgrid, tmp_path, proven
):
    # Given `newsletter up` in the middle of a send
    shutil.copytree(prepared, tmp_path / "data")
    sendgrid.behave(otherwise="slow:0.1")
    bind = f"127.0.0.1:{free_port()}"
    site = Installation(tmp_path, NEWSLETTER_BIND=bind, NEWSLETTER_WORKER_PROCESSES="2", **through(sendgrid))
    with newsletter("up", environment=site.environment) as up:
        site.until_accepted(4 * BATCH)
        # When the worker is killed, and once its successor sends, the parent
        _kill_worker(site)
        site.until_accepted(14 * BATCH)
        up.process.kill()
        up.process.wait()
        site.until(lambda: processes_of(site.environment) == {}, "its children have ended")
    with newsletter("up", environment=site.environment):
        # Then the next one finishes
        assert proven(site) <= 4 * BATCH


def _kill_worker(site):
    for process, line in processes_of(site.environment).items():
        if " workers " in line and " worker " in line:
            os.kill(process, signal.SIGKILL)
