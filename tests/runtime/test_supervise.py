"""How children are kept: their lines, their restarts, the order in which they end."""

import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from newsletter.runtime.child import Child, Program, guard
from newsletter.runtime.screen import Screen
from newsletter.runtime.supervise import StopAsked, Supervisor
from tests.servers.processes import until


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shell(name: str, script: str, stop_seconds: float = 20.0) -> Program:
    return Program(name, ["/bin/sh", "-c", script], stop_seconds)


@pytest.fixture
def said() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def supervisor(said: io.StringIO) -> Supervisor:
    return Supervisor(dict(os.environ), Screen(said))


def turn_until(supervisor: Supervisor, said: io.StringIO, text: str) -> None:
    assert supervisor.wait_until(lambda: text in said.getvalue(), 20), said.getvalue()


def test_lines_carry_their_childs_name_and_no_control_characters(supervisor: Supervisor, said: io.StringIO) -> None:
    with supervisor:
        supervisor.start(shell("web", r"printf 'one\n\033[31mtwo\n'; exec sleep 60"))
        turn_until(supervisor, said, "two")
    assert said.getvalue().splitlines()[:2] == ["web    | one", r"web    | \x1b[31mtwo"]


def test_names_are_coloured_on_a_terminal_unless_no_color_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal()
    Screen(terminal).line("web", "hello")
    monkeypatch.setenv("NO_COLOR", "1")
    Screen(terminal).line("web", "hello")
    assert terminal.getvalue().splitlines() == ["\x1b[36mweb    |\x1b[0m hello", "web    | hello"]


def test_a_crashed_child_is_started_again_and_its_end_explained(supervisor: Supervisor, said: io.StringIO) -> None:
    with supervisor:
        supervisor.start(shell("beat", "echo started; exit 3"))
        turn_until(supervisor, said, "beat ended with exit code 3; starting it again in 2 s")
    assert "beat ended with exit code 3; starting it again in 1 s" in said.getvalue()
    assert said.getvalue().count("started") == 2


def test_the_pause_before_a_restart_doubles_up_to_half_a_minute() -> None:
    child = Child(shell("web", "exit 1"), {})
    child.start()
    assert [child.note_crash() for _ in range(7)] == [1, 2, 4, 8, 16, 30, 30]
    child.close()


def test_children_end_in_the_reverse_order_of_their_start(supervisor: Supervisor, said: io.StringIO) -> None:
    with supervisor:
        for name in ("redis", "worker", "web", "beat"):
            supervisor.start(shell(name, "trap 'echo ended; exit' TERM; echo started; while :; do sleep 0.05; done"))
        assert supervisor.wait_until(lambda: said.getvalue().count("started") == 4, 20)
    ended = [line.split()[0] for line in said.getvalue().splitlines() if line.endswith("ended")]
    assert ended == ["beat", "web", "worker", "redis"]


def test_a_child_that_does_not_end_in_time_is_killed_with_what_it_started(
    supervisor: Supervisor, said: io.StringIO, tmp_path: Path
) -> None:
    deaf = f"trap '' TERM; sleep 60 & echo $! > {tmp_path}/pid; echo started; wait; sleep 60"
    with supervisor:
        supervisor.start(shell("web", deaf, stop_seconds=0.2))
        turn_until(supervisor, said, "started")
        grandchild = int((tmp_path / "pid").read_text())
    assert "killing web" in said.getvalue()
    until(lambda: not _runs(grandchild), "the grandchild is gone")


def test_a_second_request_to_stop_kills_at_once(supervisor: Supervisor, said: io.StringIO) -> None:
    with supervisor:
        supervisor.start(shell("worker", "trap '' TERM; echo started; while :; do sleep 1; done", stop_seconds=600))
        turn_until(supervisor, said, "started")
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(StopAsked):
            supervisor.turn()
    assert supervisor.killed
    assert "killing worker" in said.getvalue()


def test_the_guard_for_other_systems_ends_the_child_when_its_parent_is_gone() -> None:
    # Given a child with the guard that macOS uses, and a parent that is killed
    kept = subprocess.Popen(["sleep", "60"])
    pipe = guard(kept.pid, needed=True)
    assert pipe is not None
    assert pipe.stdin is not None
    # When the parent's end of the pipe closes, which is all that a kill -9 does
    pipe.stdin.close()
    # Then the child ends
    assert kept.wait(timeout=20) == -signal.SIGTERM
    pipe.wait()


def test_a_dismissed_guard_leaves_the_child_alone() -> None:
    kept = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    pipe = guard(kept.pid, needed=True)
    assert pipe is not None
    pipe.communicate(b"\n")
    assert pipe.returncode == 0
    kept.communicate(b"\n")
    assert kept.returncode == 0


def _runs(process: int) -> bool:
    try:
        return " Z " not in Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
