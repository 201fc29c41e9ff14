"""What a transport answered outlives a restart of the database (F-16)."""

import os
import subprocess
import sys

from tests.faults import database

SCRIPT = """
import sys
import django
django.setup()
from django.core.management import call_command
from tests import builders
from newsletter.deliveries import plan, send
from newsletter.deliveries.models import Attempt, Batch
from newsletter.transports.memory import MemoryTransport

call_command("migrate", verbosity=0)
newsletter = builders.make_newsletter()
builders.add_readers(newsletter, 3)
builders.scheduled_edition(newsletter)
plan.begin_due()
while plan.plan_next(3): pass
class CrashesTheDatabase(MemoryTransport):
    def hand_over(self, mailing, readers):
        outcomes = super().hand_over(mailing, readers)
        print("crash", flush=True); sys.stdin.readline()
        return outcomes
send.send_next(CrashesTheDatabase())
batch, attempt = Batch.objects.get(), Attempt.objects.get()
print(batch.status, batch.accepted, Attempt.objects.count(), attempt.outcome, flush=True)
"""


def test_an_answer_is_recorded_when_the_database_comes_back(tmp_path):
    with database.running() as server:
        environment = {
            **os.environ, "DATABASE_URL": server.url(), "DJANGO_SETTINGS_MODULE": "newsletter.settings",
            "NEWSLETTER_DATA_DIR": str(tmp_path),
        }  # fmt: skip
        worker = subprocess.Popen(
            [sys.executable, "-c", SCRIPT],
            env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        # Given a copy that was handed over
        assert worker.stdout.readline() == "crash\n"
        # When the database stops before the answer is recorded, and is back after the first try
        server.crash()
        worker.stdin.write("go on\n")
        worker.stdin.flush()
        waited = next(line for line in worker.stderr if "the database is away" in line)
        server.start()
        said, errors = worker.communicate(timeout=60)
        # Then it is recorded once
        assert waited
        assert said.strip() == "done 3 1 accepted", errors
