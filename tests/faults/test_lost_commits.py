"""A commit whose acknowledgement is lost (F-08): it was made, and the worker cannot know."""

import tempfile
from pathlib import Path

import pytest

from tests.faults.installation import BATCH
from tests.servers import lossy

pytestmark = pytest.mark.road

# A statement of the step, as it is written, and what nobody can tell afterwards.
STEPS = {
    "the claim": ("UPDATE newsletter_batch SET status = 'claimed'", 0),
    "the intent": ("INSERT INTO newsletter_attempt", BATCH),
    "the record": ("UPDATE newsletter_attempt SET", 0),
    "the plan": ('INSERT INTO "newsletter_batch"', 0),
}


def test_the_answer_to_the_commit_of_every_step_is_lost_and_the_ledger_is_right(site, proven):
    # Given a way to the database that loses one answer at each step
    with (
        tempfile.TemporaryDirectory(prefix="newsletter-way-", dir="/tmp") as folder,
        lossy.way(site.environment["DATABASE_URL"], Path(folder)) as way,
    ):
        lost = [way.lose(statement) for statement, _ in STEPS.values()]
        straight = site.environment["DATABASE_URL"]
        site.environment["DATABASE_URL"] = way.url
        # When an edition is planned and sent over it
        site.beat()
        site.worker(processes=2)
        site.environment["DATABASE_URL"] = straight
        site.until_sent()
        assert all(each.happened for each in lost)
        # Then only the batch whose intent was written, and whose worker did not go on, is unknown
        assert proven(site) == sum(unknown for _, unknown in STEPS.values())
