"""Items that another process makes are the same ones, whatever becomes of it."""

import os
import signal
import threading
import time

import pytest

from newsletter.ahead import made_ahead


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    """As in a command, which has no thread beside its own."""
    monkeypatch.setattr(threading, "active_count", lambda: 1)


@pytest.fixture
def children(monkeypatch):
    """The processes that were forked; none is left behind."""
    forked, fork = [], os.fork

    def counted():
        process = fork()
        forked.append(process)
        return process

    monkeypatch.setattr(os, "fork", counted)
    yield
    assert len(forked) == 1
    with pytest.raises(ChildProcessError):
        os.waitpid(forked[0], os.WNOHANG)


def numbered(count, fails_at=None):
    for number in range(count):
        if number == fails_at:
            raise ValueError("the file is damaged")
        yield number, os.getpid()


@pytest.mark.usefixtures("children")
def test_another_process_makes_the_items_in_their_order():
    numbers, processes = zip(*made_ahead(numbered(1000)), strict=True)
    assert numbers == tuple(range(1000))
    assert len({*processes, os.getpid()}) == 2


@pytest.mark.usefixtures("children")
def test_what_making_them_raises_is_raised_where_it_belongs():
    items = made_ahead(numbered(10, fails_at=3))
    assert [number for number, _ in (next(items), next(items), next(items))] == [0, 1, 2]
    with pytest.raises(ValueError, match="damaged"):
        next(items)


@pytest.mark.usefixtures("children")
def test_when_the_other_process_is_killed_this_one_goes_on():
    def slow():
        for number, process in numbered(20):
            yield number, process
            if process != this:
                time.sleep(0.02)

    this, got = os.getpid(), []
    for number, process in made_ahead(slow()):
        got.append(number)
        if number == 2:
            os.kill(process, signal.SIGKILL)
    assert got == list(range(20))


@pytest.mark.usefixtures("children")
def test_whoever_wants_no_more_leaves_no_process_behind():
    items = made_ahead(numbered(10_000_000))
    next(items)
    items.close()


def test_beside_other_threads_nothing_is_forked(monkeypatch):
    monkeypatch.setattr(threading, "active_count", lambda: 2)
    assert list(made_ahead(numbered(3))) == [(0, os.getpid()), (1, os.getpid()), (2, os.getpid())]
