"""Connections that reach only permitted addresses and end at their deadline, whatever the other side does.

The name is resolved once; the address that was checked is the one that is connected to, and the connected socket is
asked again who its peer is: a name that changes between check and use (DNS rebinding) gains nothing.
"""

import functools
import http.client
import io
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable
from typing import Any

import urllib3
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.connection import HTTPConnection, HTTPSConnection

from newsletter.errors import Unreachable
from newsletter.feeds.addresses import is_private, reachable

CONNECT_SECONDS = 5.0
# What an answer may have beside its body: headers (100 of 64 KiB at most) and the sizes of chunks.
_FRAME_BYTES = 1024 * 1024
# Of an answer nobody reads more than the status of.
_SHORT_BYTES = 1024 * 1024


class FetchError(Unreachable):
    """A fetch failed; the text is one line in plain words. `status`: the HTTP status, 0 when there was none.

    `wait`: seconds for which the server asks to be left alone, 0 when it does not.
    """

    def __init__(self, message: str, *, hint: str = "", status: int = 0, wait: float = 0.0) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.wait = wait


class NoHostError(FetchError):
    """There is no such server, or none that takes a connection: more than a server that is slow today."""


class Leash:
    """The deadline of one fetch. When it has passed, every socket on the leash is shut down, so no read can go on."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.ends = time.monotonic() + seconds
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._pull)
        self._timer.daemon = True

    def __enter__(self) -> "Leash":
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        with self._lock:
            for each in self._sockets:
                each.close()
            self._sockets.clear()

    @property
    def left(self) -> float:
        """Seconds until the deadline, at least a millisecond: 0 would mean "do not wait" to a socket."""
        return max(self.ends - time.monotonic(), 0.001)

    @property
    def over(self) -> bool:
        return time.monotonic() >= self.ends

    def hold(self, connection: socket.socket) -> None:
        # A duplicate, because TLS takes the original's descriptor away; shutting down ends both.
        with self._lock:
            self._sockets.append(connection.dup())

    def _pull(self) -> None:
        with self._lock:
            for each in self._sockets:
                try:
                    each.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue


class _Meter(io.RawIOBase):
    """A connection's bytes as they arrive, never more than `most` of them.

    Whoever reads above it believes sizes that the other side wrote: urllib3 takes "-1" for the size of a chunk, and
    reads all that ever comes, at once.
    """

    def __init__(self, source: io.RawIOBase, most: int) -> None:
        self._source, self._most, self._left = source, most, most + _FRAME_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        count: int | None = self._source.readinto(buffer)
        self._left -= count or 0
        if self._left < 0:
            raise FetchError(f"The server sent more than {self._most // (1024 * 1024)} MiB, which is the limit.")
        return count

    def close(self) -> None:
        self._source.close()
        super().close()


class _Metered(http.client.HTTPResponse):
    """An answer of which no more than `most` bytes are read, headers included."""

    def __init__(self, sock: socket.socket, *arguments: Any, most: int, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        self.fp = io.BufferedReader(_Meter(self.fp.detach(), most))


def pool_manager(leash: Leash, *, private: bool, most: int = _SHORT_BYTES) -> urllib3.PoolManager:
    """A manager for one fetch, of at most so many bytes. No proxies, no redirects, no retries of its own."""

    def connect(connection: HTTPConnection) -> socket.socket:
        return _connect(connection.host, connection.port or 80, leash, private=private)

    manager = urllib3.PoolManager(num_pools=8, ssl_context=_tls(), retries=False, block=False)
    manager.pool_classes_by_scheme = {
        "http": _pool(urllib3.HTTPConnectionPool, HTTPConnection, connect, most),
        "https": _pool(urllib3.HTTPSConnectionPool, HTTPSConnection, connect, most),
    }
    return manager


def _pool(pool: type, connection: type, connect: Callable[[Any], socket.socket], most: int) -> type:
    metered = staticmethod(functools.partial(_Metered, most=most))
    guarded = type("Guarded", (connection,), {"_new_conn": connect, "response_class": metered})
    return type("GuardedPool", (pool,), {"ConnectionCls": guarded})


@functools.cache
def _tls() -> ssl.SSLContext:
    # Once per process: reading the authorities takes 70 ms. The machine's own store too, so that an intranet's counts.
    context = ssl.create_default_context()
    context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
    return context


def _connect(host: str, port: int, leash: Leash, *, private: bool) -> socket.socket:
    """A connected socket to a permitted address of the host. Raises FetchError."""
    addresses = _permitted(host, port, leash, private=private)
    failure: OSError | None = None
    for family, target in addresses[:4]:
        try:
            return _connected(family, target, leash, private=private)
        except OSError as error:
            failure = error
    gone = isinstance(failure, ConnectionRefusedError)
    raise (NoHostError if gone else FetchError)(_why_not(host, failure, leash))


def _why_not(host: str, failure: OSError | None, leash: Leash) -> str:
    if isinstance(failure, TimeoutError):
        return f"The server at {host} did not answer within {min(CONNECT_SECONDS, leash.seconds):g} seconds."
    if isinstance(failure, ConnectionRefusedError):
        return f"The server at {host} refused the connection."
    return f"The server at {host} could not be reached: {failure.strerror if failure else 'no address'}."


def _connected(family: int, target: tuple[Any, ...], leash: Leash, *, private: bool) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.settimeout(min(CONNECT_SECONDS, leash.left))
        made.connect(target)
        _check(target[0], str(made.getpeername()[0]), private=private)
        leash.hold(made)
        made.settimeout(leash.left)
    except BaseException:
        made.close()
        raise
    return made


def _permitted(host: str, port: int, leash: Leash, *, private: bool) -> list[tuple[int, tuple[Any, ...]]]:
    """The host's addresses, or FetchError if a single one of them is out of bounds."""
    found = _resolve(host.strip("[]"), port, min(CONNECT_SECONDS, leash.left))
    for _, target in found:
        _check(host, str(target[0]), private=private)
    return found


def _check(host: str, address: str, *, private: bool) -> None:
    if reachable(address, private=private):
        return
    named = host if host.strip("[]") == address else f"{host} ({address})"
    if is_private(address):
        raise FetchError(f"{named} is a private address; set NEWSLETTER_ALLOW_PRIVATE_HOSTS=1 if that is meant.")
    raise FetchError(f"{named} is not an address on the public internet.")


def _resolve(host: str, port: int, seconds: float) -> list[tuple[int, tuple[Any, ...]]]:
    """Resolve with a limit: getaddrinfo itself knows none, so it runs in a thread that may be left behind."""
    answers: queue.Queue[list[tuple[int, tuple[Any, ...]]] | OSError] = queue.Queue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.put([(family, target) for family, _, _, _, target in found])
        except (OSError, UnicodeError) as error:
            answers.put(error if isinstance(error, OSError) else OSError(str(error)))

    threading.Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except queue.Empty:
        raise FetchError(f"The name {host} was not resolved within {seconds:g} seconds.") from None
    if isinstance(answer, OSError):
        raise NoHostError(f"There is no server called {host}.") from answer
    return answer
