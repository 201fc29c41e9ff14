"""Whether a web address answers: HEAD, and GET where that is refused; several at once, each with limits. No database.

A site that keeps robots out is not a dead one: what counts as dead is for the caller to say.
"""

import threading
import time
from collections import deque
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from http import HTTPStatus

from newsletter import links
from newsletter.feeds import fetch
from newsletter.feeds.fetch import Request
from newsletter.feeds.guard import FetchError, NoHostError
from newsletter.feeds.urls import bare_host, is_front

ADDRESS_SECONDS = 8.0
TOTAL_SECONDS = 20.0
_LANES, _LANES_PER_HOST = 8, 2
_PATIENCE = 3  # after so many failures in a row a host is left alone
_DIGITS = 12  # of a size that is worth reading
# What servers say that do not serve HEAD, or not to strangers; a GET tells.
_ASK_AGAIN = frozenset((400, 401, 403, 404, 405, 406, 410, 429, 500, 501, 503))


@dataclass(frozen=True)
class Probe:
    """What an address answered: its HTTP status, 0 where none came; `words` say why then, or what was wrong.

    `no_host`: there is no such server, or it refuses connections. `kind` and `size` are the media type and the bytes
    as the server names them, None where it does not; `site` is what an installation of ours calls itself, and
    `proxies` how many it was asked through, as it says; `to_front`: it led to a site's front page.
    """

    status: int
    words: str = ""
    no_host: bool = False
    kind: str = ""
    size: int | None = None
    site: str = ""
    proxies: int | None = None
    to_front: bool = False


def probe(url: str, *, private: bool, seconds: float = ADDRESS_SECONDS) -> Probe:
    """Ask one address; whatever the other side does is the answer, never an exception."""
    asked = Request(url, private=private, seconds=seconds, accept="*/*", method="HEAD")
    first = _asked(asked)
    return _asked(replace(asked, method="GET")) if first.status in _ASK_AGAIN else first


def probe_all(addresses: Iterable[str], *, private: bool, seconds: float = TOTAL_SECONDS) -> dict[str, Probe]:
    """The answers of all that could be asked within `seconds`; the others are absent."""
    by_host: dict[str, deque[str]] = {}
    for address in dict.fromkeys(addresses):
        by_host.setdefault(bare_host(address), deque()).append(address)
    work = _Work(private, time.monotonic() + seconds)
    if by_host:
        with ThreadPoolExecutor(_LANES, thread_name_prefix="probe") as pool:
            for waiting in by_host.values():
                for _ in range(min(_LANES_PER_HOST, len(waiting))):
                    pool.submit(work.drain, waiting)
    return work.done


class _Work:
    """What the lanes share."""

    def __init__(self, private: bool, ends: float) -> None:
        self.done: dict[str, Probe] = {}
        self._private = private
        self._ends = ends
        self._lock = threading.Lock()

    def drain(self, waiting: deque[str]) -> None:
        """Ask the addresses of one host, one after the other, until none is left, time is up or the host fails."""
        failures = 0
        while failures < _PATIENCE and (left := self._ends - time.monotonic()) > 0:
            try:
                address = waiting.popleft()
            except IndexError:
                return
            answer = probe(address, private=self._private, seconds=min(ADDRESS_SECONDS, left))
            failures = 0 if answer.status else failures + 1
            with self._lock:
                self.done[address] = answer


def _asked(request: Request) -> Probe:
    try:
        seen = fetch.head(request)
    except FetchError as error:
        return Probe(0, str(error), no_host=isinstance(error, NoHostError))
    return Probe(
        seen.status,
        "" if seen.status == HTTPStatus.OK else f"It answered {fetch.named(seen.status)}.",
        kind=seen.headers.get("Content-Type", "").partition(";")[0].strip().lower()[:100],
        size=_number(seen.headers.get("Content-Length", "")),
        site=seen.headers.get(links.SITE_HEADER, "")[:40],
        proxies=_number(seen.headers.get(links.PROXIES_HEADER, "")),
        to_front=is_front(seen.url) and not is_front(request.url),
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < _DIGITS else None
