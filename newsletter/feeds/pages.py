"""Article pages, fetched in parallel: a site that hangs holds up itself only (F-32). No database.

They are read in a child process with limits, one for each call, so that a page made to harm costs its article only.
"""

import threading
import time
from collections import deque
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from weakref import WeakValueDictionary

from newsletter.feeds import fetch
from newsletter.feeds.bounded import Child, Unreadable, borrowed
from newsletter.feeds.fetch import Request
from newsletter.feeds.guard import FetchError
from newsletter.feeds.urls import bare_host
from newsletter.feeds.values import PageFacts

Answer = PageFacts | FetchError | Unreadable
LANES_PER_HOST = 2  # in this process, whoever asks: eight feeds of one site read its pages two at a time as well
MOST_LANES = 8
PAGE_SECONDS = 10.0
TOTAL_SECONDS = 30.0
_SHORTEST = 0.1
_turns: WeakValueDictionary[str, threading.BoundedSemaphore] = WeakValueDictionary()
_taking = threading.Lock()
# After as many failures in a row a host is left alone for this time.
_PATIENCE = 3


def read_pages(addresses: Iterable[str], *, private: bool, seconds: float = TOTAL_SECONDS) -> dict[str, Answer]:
    """Facts or the failure for each address that could be asked within `seconds`; the others are absent."""
    by_host: dict[str, deque[str]] = {}
    for address in dict.fromkeys(addresses):
        by_host.setdefault(bare_host(address), deque()).append(address)
    if not by_host:
        return {}
    with borrowed() as child:
        work = _Work(child, private, time.monotonic() + seconds)
        with ThreadPoolExecutor(MOST_LANES, thread_name_prefix="page") as pool:
            for waiting in by_host.values():
                for _ in range(min(LANES_PER_HOST, len(waiting))):
                    pool.submit(work.drain, waiting)
    return work.done


def _turns_of(host: str) -> threading.BoundedSemaphore:
    """What all calls of this process share about a host, for as long as one of them has it."""
    with _taking:
        return _turns.setdefault(host, threading.BoundedSemaphore(LANES_PER_HOST))


class _Work:
    """What the lanes share."""

    def __init__(self, child: Child, private: bool, ends: float) -> None:
        self._child = child
        self.done: dict[str, Answer] = {}
        self._private = private
        self._ends = ends
        self._lock = threading.Lock()

    def drain(self, waiting: deque[str]) -> None:
        """Read the addresses of one host, one after the other, until none is left, time is up or the host fails."""
        failures = 0
        while failures < _PATIENCE and (left := self._ends - time.monotonic()) > 0:
            try:
                address = waiting.popleft()
            except IndexError:
                return
            turn = _turns_of(bare_host(address))
            if not turn.acquire(timeout=left):
                return
            try:
                answer = self._read(address, min(PAGE_SECONDS, max(self._ends - time.monotonic(), _SHORTEST)))
            finally:
                turn.release()
            failures = failures + 1 if isinstance(answer, FetchError) and not answer.status else 0
            with self._lock:
                self.done[address] = answer

    def _read(self, address: str, seconds: float) -> Answer:
        request = Request(
            address, private=self._private, max_bytes=fetch.PAGE_BYTES, seconds=seconds, accept="text/html, */*;q=0.5"
        )
        try:
            answer = fetch.get(request)
            return self._child.read_page(answer.body, answer.url, answer.content_type)
        except (FetchError, Unreadable) as error:
            return error
