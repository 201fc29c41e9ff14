"""`status --watch`: a picture on a terminal, lines in a pipe, an object a look as JSON; from the database alone."""

import io
import re
import sys

import pytest

from newsletter.cli import main_group, watching
from newsletter.cli.base import run
from newsletter.deliveries import plan, send, sweep
from newsletter.editions.models import Edition
from newsletter.feeds.models import Feed
from newsletter.tracking import life, overview
from newsletter.tracking.findings import MORNING, PAGE, Finding
from newsletter.transports.memory import MemoryTransport

pytestmark = pytest.mark.django_db
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class Screen(io.StringIO):
    """A terminal that keeps what was written to it."""

    def isatty(self):
        return True


def goes_on():
    """The send does its next step: it begins, plans, hands a batch over, or ends."""
    transport = MemoryTransport(batch_size=1)
    if plan.begin_due() or plan.plan_next(batch_size=1) or send.send_next(transport):
        return
    sweep.run()


@pytest.fixture
def moving(edition, monkeypatch):
    """An edition whose send does a step between two looks."""
    monkeypatch.setattr(watching.time, "sleep", lambda _: goes_on())
    return edition


def test_as_json_it_is_an_object_a_look_until_nothing_is_on_its_way(terminal, moving):
    assert terminal("status", "--watch", "--json") == 0
    looks = terminal.objects
    states = [look["editions"][0]["status"] for look in looks]
    assert list(dict.fromkeys(states)) == ["scheduled", "planning", "sending", "sent"]
    accepted = [look["editions"][0]["accepted"] for look in looks]
    assert accepted == sorted(accepted)
    assert (accepted[0], accepted[-1]) == (0, 2)
    assert len(looks) > 4
    assert all(set(look) == {"at", "editions", "queues", "workers", "feeds", "locked", "alerts"} for look in looks)
    sending = next(look for look in looks if look["editions"][0]["status"] == "sending")
    assert sending["editions"][0]["mailboxes"]["other"]["planned"] == 2
    assert sending["queues"]["batches"]["waiting"] == 2


def test_in_a_pipe_it_is_a_line_for_each_change(terminal, moving):
    assert terminal("status", "--watch") == 0
    told = [line.partition(" ")[2] for line in terminal.out.splitlines() if " edition " in line]
    assert len(told) == len(set(told))
    assert told[0].startswith(f"edition {moving.pk} scheduled")
    assert told[-1] == f"edition {moving.pk} sent: 2 accepted, 0 rejected, 0 skipped, 0 unknown of 2"
    assert "\x1b" not in terminal.out


def test_where_nothing_is_on_its_way_it_says_so_and_ends(terminal, db):
    assert terminal("status", "--watch") == 0
    assert "Nothing is on its way" in terminal.err


def test_ctrl_c_leaves_the_terminal_as_it_was_with_the_last_look(moving, monkeypatch):
    def interrupted(_seconds):
        raise KeyboardInterrupt

    monkeypatch.setattr(watching.time, "sleep", interrupted)
    monkeypatch.setattr(sys, "stdout", screen := Screen())
    monkeypatch.setenv("TERM", "xterm-256color")
    assert run(main_group, ["status", "--watch"]) == 130
    written = screen.getvalue()
    assert written.count("\x1b[?1049h") == written.count("\x1b[?1049l") == 1
    assert written.rindex("\x1b[?25h") > written.rindex("\x1b[?25l")
    assert "Ctrl-C ends this look" in written[written.rindex("\x1b[?1049l") :]


def shown(height=24):
    found = [Finding(f"held:{n}", PAGE if n else MORNING, "A thing is wrong.", "newsletter status") for n in range(9)]
    return [COLOURS.sub("", line) for line in watching.frame(overview.take(), found, height)]


def test_a_frame_fits_an_80_by_24_terminal_and_what_counts_stays_in_it(moving):
    life.sign()
    Feed.objects.filter(url__startswith="http").update(failures=1)
    for number in range(6):
        Edition.objects.create(
            newsletter=moving.newsletter,
            kind="special",
            number=number + 50,
            subject="Earlier",
            status="sent",
            stories_from=moving.stories_from,
            stories_until=moving.stories_until,
        )
    plan.begin_due()
    while plan.plan_next(batch_size=1):
        pass
    lines = shown()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
    text = "\n".join(lines)
    assert "and 6 more: newsletter status" in text
    assert f"{moving.pk}  The Meridian No. 1  sending" in text
    assert "other   ░░░░░░░░░░░░   0%  0 of 2" in text
    assert "2 batches for" in text
    assert "1 feed, 1 failing" in text
    assert "ago" in text
