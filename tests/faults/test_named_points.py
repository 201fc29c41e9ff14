"""A worker may die at every step of the ledger's protocol."""

import re
from pathlib import Path

import pytest

from newsletter import deliveries
from tests.faults.installation import BATCH

pytestmark = pytest.mark.road

# Where it dies, and how many copies nobody can tell about afterwards. The sweeps come last, right after a death that
# leaves one of them something to sweep: while nobody works, nobody else can have swept it.
POINTS = {
    "plan.before_commit": 0,
    "plan.after_commit": 0,
    "send.claimed": 0,
    "record.after_commit": 0,
    "send.intended": BATCH,
    "send.handed_over": BATCH,
    "record.before_commit": BATCH,
    "sweep.before_commit": 0,
    "sweep.swept": 0,
    "sweep.closed": 0,
}


def test_every_named_point_of_the_ledger_is_tried():
    code = "".join(file.read_text() for file in Path(deliveries.__file__).parent.glob("*.py"))
    assert set(re.findall(r'faults\.point\("([^"]+)"\)', code)) == set(POINTS)


def test_a_worker_that_dies_at_each_named_point_in_turn_leaves_only_open_hand_overs_unknown(site, proven):
    # Given one worker after the other, each of which dies at the next point
    site.beat()
    for point in POINTS:
        worker = site.worker(f"{point}:2:kill" if point.startswith(("send", "record")) else f"{point}:1:kill")
        site.until(lambda dying=worker: not dying.alive, f"a worker died at {point}")
    # When a last one finishes
    site.worker()
    # Then exactly the hand-overs without an answer are unknown
    assert proven(site) == sum(POINTS.values())
